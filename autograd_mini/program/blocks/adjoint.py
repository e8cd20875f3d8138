"""Reverse mode on blocks: from the blocks of f to the blocks of its gradient.

The rules are the rows' own partials, traced once for each kind of block; ``flows`` collects the sums.
The order of the sums differs from the eager engine; the conditions of flow are the same: the branch
that ``where`` or ``maximum`` does not take gets no adjoint.

So that behind a layer of relu there are matrix products, not sums of choices, the adjoint may be ``loose``:
into a sum of several products what does not flow enters as 0. That is right wherever the gradient is finite
(see ``passes/adjoint``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from autograd_mini.primitives.row import Primitive
from autograd_mini.primitives.table import equal, logical_and, where
from autograd_mini.program.blocks.access import Codes, Mask, columns
from autograd_mini.program.blocks.backward import LoopAdjoint, Slope
from autograd_mini.program.blocks.between import between
from autograd_mini.program.blocks.build import Builder
from autograd_mini.program.blocks.choice import choice
from autograd_mini.program.blocks.flows import NONE, Flows
from autograd_mini.program.blocks.ir import Block, BlockProgram
from autograd_mini.program.blocks.lanes import Literals, Partials, literals_of, partials_of, pull_back_of
from autograd_mini.program.ir import Program

__all__ = ["block_adjoint"]


def block_adjoint(
    program: BlockProgram,
    wrt: Sequence[int] | None = None,
    seeds: Sequence[float] | None = None,
    simplify: Callable[[Program], Program] = lambda program: program,
    loose: bool = False,
) -> BlockProgram:
    """Return the block program with outputs (*outputs of ``program``, *gradients), as ``passes.adjoint`` does.

    ``wrt`` are inputs, by default all; ``simplify`` is applied to the partials
    of one application. A ``loose`` one is right where the gradient it gives is finite. Raises ValueError
    where the number of seeds is not that of the outputs.
    """
    wrt = program.inputs if wrt is None else wrt
    if seeds is None:
        seeds = (1.0,) if len(program.outputs) == 1 else ()
    if len(seeds) != len(program.outputs):
        raise ValueError(
            f"block_adjoint: the program has {len(program.outputs)} outputs and got {len(seeds)} seeds; give one each"
        )
    asked = np.array([seed != 0.0 for seed in seeds], dtype=bool)  # a seed of 0: the output is not differentiated
    builder = Builder.of(program)
    sweep = _Sweep(
        program, builder, between(program, np.array(wrt, dtype=np.int64), program.outputs[asked]), simplify, loose
    )
    for output, seed in zip(program.outputs[asked].tolist(), np.array(seeds)[asked].tolist(), strict=True):
        sweep.flows.add(np.array([output]), np.array(builder.literal(seed)), np.array(NONE), np.array(NONE))
    loops = set(program.loops)
    for part in reversed([*program.parts]):
        if part in loops:
            sweep.pull_loop(part)
        else:
            sweep.pull(part.start)
    adjoints, lives = sweep.flows.settle(0)
    places = np.array(wrt, dtype=np.int64)
    found = sweep.flows.closed(adjoints[places], lives[places])
    return builder.like(program, np.concatenate([program.outputs, found]))


class _Sweep:
    """The reverse sweep through the blocks."""

    def __init__(
        self,
        program: BlockProgram,
        builder: Builder,
        moving: Mask,
        simplify: Callable[[Program], Program],
        loose: bool,
    ) -> None:
        self.program, self.builder, self.simplify, self.loose = program, builder, simplify, loose
        self.moving = moving
        self.flows = Flows(builder, moving)
        self.known: dict[tuple[object, ...], Partials] = {}

    def pull(self, index: int) -> None:
        """Add the adjoints of the results of block ``index``, times its partials, to its operands' adjoints."""
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
        if block.primitive is choice:
            self._choose_by_number(tables, adjoints[flowing], lives[flowing])
        else:
            outs = block.first + flowing
            self._propagate(block.primitive, columns(tables), outs, adjoints[flowing], lives[flowing])

    def _pull_several(self, block: Block, adjoints: Codes, lives: Codes) -> None:
        """The same for a row with several results, applications with an adjoint for the same results together."""
        table = columns([x.table for x in block.operands])
        outs = block.first + np.arange(block.size).reshape(block.count, -1)
        if self.loose:  # one kind of application: a result without an adjoint has 0
            some = np.flatnonzero((adjoints != NONE).any(axis=1))
            adjoints, lives, table, outs = adjoints[some], lives[some], table[some], outs[some]
            adjoints = np.where(adjoints == NONE, self.builder.literal(0.0), adjoints)
        patterns, members = np.unique(adjoints != NONE, axis=0, return_inverse=True)
        for number, flowing in enumerate(patterns):
            if flowing.any():
                chosen = np.flatnonzero(members.ravel() == number)
                places = np.ix_(chosen, np.flatnonzero(flowing))
                self._pull_at_once(
                    block.primitive, table[chosen], outs[chosen], flowing, adjoints[places], lives[places]
                )

    def _pull_at_once(
        self, row: Primitive, table: Codes, outs: Codes, flowing: Mask, adjoints: Codes, lives: Codes
    ) -> None:
        wanted, literals = self._wanted(table), literals_of(table, self.builder.number)
        live = lives[:, 0]
        if (lives != live[:, None]).any():  # several conditions: an adjoint that does not flow counts as 0
            adjoints = self.flows.closed(adjoints.reshape(-1), lives.reshape(-1)).reshape(adjoints.shape)
            live = np.full_like(live, NONE) if self.loose else self.flows.any_of(lives)
        key = (row, _key(literals), tuple(wanted), tuple(flowing.tolist()))
        lane = self.known.get(key)
        if lane is None:
            lane = self.known[key] = pull_back_of(row, literals, wanted, flowing.tolist(), self.simplify)
        if lane.positions:
            inputs = [table[:, i] for i, x in enumerate(literals) if x is None]
            found = self.builder.instantiate(lane.lane, [*inputs, *outs.T, *adjoints.T], len(table))
            self.flows.add(table[:, list(lane.positions)], np.stack(found, axis=1), np.array(NONE), live[:, None])

    def _propagate(self, row: Primitive, table: Codes, outs: Codes, adjoints: Codes, lives: Codes) -> None:
        """Add adjoint · partial to each operand of ``table`` (applications, operands) that matters."""
        if self.loose and row.arity is None and table.shape[1] > 3:
            adjoints = self.flows.closed(adjoints, lives)
            lives = np.full_like(lives, NONE)
        partials, found = self._partials(row, table, outs)
        if not partials.positions:
            return
        count = len(partials.positions)
        conditions = np.repeat(lives[:, None], count, axis=1)
        for k, side in zip(partials.conditional, found[count:], strict=True):
            conditions[:, k] = self._under(side, lives)
        self.flows.add(
            table[:, list(partials.positions)], adjoints[:, None], np.stack(found[:count], axis=1), conditions
        )

    def _partials(self, row: Primitive, table: Codes, outs: Codes) -> tuple[Partials, list[Codes]]:
        """Append the partials of a row with one result, and return what they are and where."""
        wanted, literals = self._wanted(table), literals_of(table, self.builder.number)
        key = (row, _key(literals), tuple(wanted))
        partials = self.known.get(key)
        if partials is None:
            partials = self.known[key] = partials_of(row, literals, wanted, self.simplify)
        if not partials.positions:
            return partials, []
        inputs = [table[:, i] for i, x in enumerate(literals) if x is None]
        return partials, self.builder.instantiate(partials.lane, [*inputs, outs], len(table))

    def _slopes(self, block: Block) -> list[Slope]:
        """Return the partials of a block with one result, by each operand that matters."""
        if block.primitive.boolean or not self.moving[block.first : block.first + block.size].any():
            return []
        table = columns([x.table for x in block.operands])
        partials, found = self._partials(block.primitive, table, np.array(block.results))
        sides = dict(zip(partials.conditional, found[len(partials.positions) :], strict=True))
        return [Slope(table[:, i], found[k], sides.get(k)) for k, i in enumerate(partials.positions)]

    def pull_loop(self, loop: range) -> None:
        """Do for all blocks of a loop what ``pull`` does for one."""
        blocks = self.program.blocks[loop.start : loop.stop]
        given = [self.flows.settle(index + 1) for index in loop]
        slopes = [self._slopes(block) for block in blocks]
        if any(slopes):
            LoopAdjoint(self.builder, self.flows, blocks, slopes, given, self.moving).run()

    def _wanted(self, table: Codes) -> list[int]:
        """Return the operands through which an adjoint may flow."""
        wanted: list[int] = np.flatnonzero(((table >= 0) & self.moving[np.maximum(table, 0)]).any(axis=0)).tolist()
        return wanted

    def _choose_by_number(self, tables: Sequence[Codes], adjoints: Codes, lives: Codes) -> None:
        """Add the adjoint of a ``choice`` to the value at the index."""
        values, index = tables
        application, number = np.nonzero((values >= 0) & self.moving[np.maximum(values, 0)])
        if not application.size:
            return
        targets, adjoints, lives = values[application, number], adjoints[application], lives[application]
        numbers = np.array([self.builder.literal(float(i)) for i in range(values.shape[1])], dtype=np.int64)
        asked = np.stack([index[application], numbers[number]], axis=1)
        different, places = np.unique(asked, axis=0, return_inverse=True)  # rows of a table share an index
        side = self.builder.append(equal, different[:, 0], different[:, 1])
        if self.loose and len(np.unique(targets)) < len(
            targets
        ):  # values used again: a matrix product of ones and zeros
            one, zero = (np.full(len(side), self.builder.literal(x)) for x in (1.0, 0.0))
            chosen = self.builder.append(where, side, one, zero)[places.ravel()]
            self.flows.add(targets, adjoints, chosen, lives)
        else:
            self.flows.add(targets, adjoints, np.array(NONE), self._under(side[places.ravel()], lives))

    def _under(self, side: Codes, lives: Codes) -> Codes:
        """Return the conditions ``side``, and those under which the adjoint itself flows."""
        both = np.flatnonzero(lives != NONE)
        if both.size:
            side = side.copy()
            side[both] = self.builder.append(logical_and, lives[both], side[both])
        return side


def _key(literals: Literals) -> tuple[str | None, ...]:
    """Return literals as a key: by their bits."""
    return tuple(None if x is None else x.hex() for x in literals)
