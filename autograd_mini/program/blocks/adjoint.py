"""Reverse mode on blocks: from the blocks of f, those of its gradient.

The rules are the rows' own partials, traced once for each kind of block; the sums are gathered by
``flows``. The order of the sums is not the eager one; what flows where is: the branch that ``where``
does not take receives nothing at all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from autograd_mini.primitives.row import Primitive
from autograd_mini.primitives.table import equal, logical_and, logical_not, where
from autograd_mini.program.blocks.access import Codes, Mask
from autograd_mini.program.blocks.build import Builder
from autograd_mini.program.blocks.choice import choice
from autograd_mini.program.blocks.flows import NONE, Flows
from autograd_mini.program.blocks.ir import Block, BlockProgram
from autograd_mini.program.blocks.lanes import Partials, columns, literals_of, partials_of
from autograd_mini.program.ir import Program

__all__ = ["block_adjoint"]


def block_adjoint(
    program: BlockProgram,
    wrt: Sequence[int] | None = None,
    seeds: Sequence[float] | None = None,
    simplify: Callable[[Program], Program] = lambda program: program,
) -> BlockProgram:
    """Return the block program with outputs (*outputs of ``program``, *gradients), as ``passes.adjoint`` does.

    ``wrt`` are inputs, all of them unless said otherwise; ``simplify`` is applied to the partials
    of one application. Raises ValueError where the number of seeds is not that of the outputs.
    """
    wrt = program.inputs if wrt is None else wrt
    if seeds is None:
        seeds = (1.0,) if len(program.outputs) == 1 else ()
    if len(seeds) != len(program.outputs):
        raise ValueError(
            f"block_adjoint: the program has {len(program.outputs)} outputs and got {len(seeds)} seeds; give one each"
        )
    asked = np.array([seed != 0.0 for seed in seeds], dtype=bool)  # a seed of 0 is an output not asked for
    builder = Builder.of(program)
    sweep = _Sweep(program, builder, _between(program, np.array(wrt, dtype=np.int64), program.outputs[asked]), simplify)
    for output, seed in zip(program.outputs[asked].tolist(), np.array(seeds)[asked].tolist(), strict=True):
        sweep.flows.add(np.array([output]), np.array(builder.literal(seed)), np.array(NONE), np.array(NONE))
    for index in reversed(range(len(program.blocks))):
        sweep.pull(index)
    adjoints, lives = sweep.flows.settle(0)
    places = np.array(wrt, dtype=np.int64)
    found = sweep.flows.closed(adjoints[places], lives[places])
    return builder.like(program, np.concatenate([program.outputs, found]))


def _between(program: BlockProgram, wrt: Codes, outputs: Codes) -> Mask:
    """Return which variables lie between ``wrt`` and ``outputs``, those included (bool)."""
    moving = np.zeros(program.next_variable + 1, dtype=bool)  # the last stands for every literal
    moving[wrt] = True
    for block in program.blocks:
        if not block.primitive.boolean:
            moved = moving[np.maximum(columns([x.table for x in block.operands]), -1)].any(axis=1)
            moving[block.first : block.first + block.size] = np.repeat(moved, block.size // block.count)
    needed = np.zeros_like(moving)
    needed[np.maximum(outputs, -1)] = True
    for block in reversed(program.blocks):
        results = slice(block.first, block.first + block.size)
        used = (needed[results] & moving[results]).reshape(block.count, -1).any(axis=1)
        if used.any():
            table = columns([x.table for x in block.operands])[used]
            needed[np.maximum(table, -1).ravel()] = True
    return (moving & needed)[:-1]


class _Sweep:
    """The way back through the blocks."""

    def __init__(
        self, program: BlockProgram, builder: Builder, moving: Mask, simplify: Callable[[Program], Program]
    ) -> None:
        self.program, self.builder, self.simplify = program, builder, simplify
        self.moving = moving
        self.flows = Flows(builder, moving)
        self.known: dict[tuple[object, ...], Partials] = {}

    def pull(self, index: int) -> None:
        """Hand the adjoints of the results of block ``index`` on to its operands."""
        block = self.program.blocks[index]
        if block.primitive.boolean:
            return
        adjoints, lives = self.flows.settle(index + 1)
        if block.primitive.outputs:
            self._pull_several(block, adjoints.reshape(block.count, -1), lives.reshape(block.count, -1))
            return
        flowing = np.flatnonzero(adjoints != NONE)
        if not flowing.size:
            return
        tables = [x.table[flowing] for x in block.operands]
        if block.primitive is where:
            self._choose(tables, adjoints[flowing], lives[flowing])
        elif block.primitive is choice:
            self._choose_by_number(tables, adjoints[flowing], lives[flowing])
        else:
            outs = block.first + flowing[:, None]
            self._hand_on(block.primitive, columns(tables), outs, 0, adjoints[flowing], lives[flowing])

    def _pull_several(self, block: Block, adjoints: Codes, lives: Codes) -> None:
        """The same for a row with several results, one result at a time."""
        table = columns([x.table for x in block.operands])
        outs = block.first + np.arange(block.size).reshape(block.count, -1)
        for index in range(block.width):
            flowing = np.flatnonzero(adjoints[:, index] != NONE)
            if flowing.size:
                self._hand_on(
                    block.primitive, table[flowing], outs[flowing], index,
                    adjoints[flowing, index], lives[flowing, index],
                )  # fmt: skip

    def _hand_on(self, row: Primitive, table: Codes, outs: Codes, index: int, adjoints: Codes, lives: Codes) -> None:
        """Add adjoint · partial to each operand of ``table`` (applications, operands) that matters."""
        wanted = np.flatnonzero(((table >= 0) & self.moving[np.maximum(table, 0)]).any(axis=0)).tolist()
        literals = literals_of(table, self.builder.number)
        key = (row, tuple(None if x is None else x.hex() for x in literals), tuple(wanted), index)
        partials = self.known.get(key)
        if partials is None:
            partials = self.known[key] = partials_of(row, literals, wanted, index, self.simplify)
        if not partials.positions:
            return
        inputs = [table[:, i] for i, x in enumerate(literals) if x is None]
        found = self.builder.instantiate(partials.lane, [*inputs, *outs.T], len(table))
        self.flows.add(table[:, list(partials.positions)], adjoints[:, None], np.stack(found, axis=1), lives[:, None])

    def _choose(self, tables: Sequence[Codes], adjoints: Codes, lives: Codes) -> None:
        """Hand the adjoint of a ``where`` to the branch taken, and nothing to the other."""
        for branch, taken in ((1, True), (2, False)):
            moved = np.flatnonzero((tables[branch] >= 0) & self.moving[np.maximum(tables[branch], 0)])
            if not moved.size:
                continue
            side = tables[0][moved]
            if not taken:
                side = self.builder.append(logical_not, side)
            self.flows.add(tables[branch][moved], adjoints[moved], np.array(NONE), self._under(side, lives[moved]))

    def _choose_by_number(self, tables: Sequence[Codes], adjoints: Codes, lives: Codes) -> None:
        """Hand the adjoint of a ``choice`` to the value whose number the index is."""
        values, index = tables
        application, number = np.nonzero((values >= 0) & self.moving[np.maximum(values, 0)])
        if not application.size:
            return
        numbers = np.array([self.builder.literal(float(i)) for i in range(values.shape[1])], dtype=np.int64)
        side = self.builder.append(equal, index[application], numbers[number])
        targets = values[application, number]
        self.flows.add(targets, adjoints[application], np.array(NONE), self._under(side, lives[application]))

    def _under(self, side: Codes, lives: Codes) -> Codes:
        """Return the conditions ``side``, and those under which the adjoint itself flows."""
        both = np.flatnonzero(lives != NONE)
        if both.size:
            side = side.copy()
            side[both] = self.builder.append(logical_and, lives[both], side[both])
        return side
