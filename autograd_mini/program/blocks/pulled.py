"""Recovery of a program that ends with a reverse sweep: its blocks, and the adjoint of blocks for the sweep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from autograd_mini.primitives.table import identity
from autograd_mini.program.blocks.adjoint import block_adjoint
from autograd_mini.program.blocks.ir import BlockProgram
from autograd_mini.program.blocks.recover import recover
from autograd_mini.program.ir import Operand, Program, Pull

__all__ = ["recover_pulled"]


def recover_pulled(
    program: Program,
    simplify: Callable[[Program], Program],
    blocks_of: Callable[[Program], BlockProgram | None] = recover,
) -> BlockProgram | None:
    """Return ``program`` as blocks, its ``pull`` among them; None where only the written sweep is right.

    That is where an input of the sweep is no input of the program, or where its seeds are not literals.
    ``blocks_of`` is ``recover`` or ``roll``; None also where it finds none.
    """
    pull = program.pull
    if pull is None:
        return blocks_of(program)
    places = _places(program, pull)
    seeds = [x for x in pull.seeds if isinstance(x, float)]
    if places is None or len(seeds) < len(pull.seeds):
        return None
    late = {result: index for index, result in enumerate(pull.results)}
    kept = [x for x in program.outputs if isinstance(x, float) or x not in late]
    primal = blocks_of(_without_copies(replace(program, outputs=(*kept, *pull.outputs), pull=None)))
    if primal is None:
        return None
    made = block_adjoint(primal, places, [0.0] * len(kept) + seeds, simplify)
    first, own = len(kept) + len(seeds), iter(range(len(kept)))
    order = [first + late[x] if isinstance(x, int) and x in late else next(own) for x in program.outputs]
    return replace(made, outputs=made.outputs[np.array(order, dtype=np.int64)])


def _places(program: Program, pull: Pull) -> list[int] | None:
    """Return which inputs of the program are those of the sweep; None where one is not.

    A transform differentiates by copies of its arguments. A copy stands for the argument where nothing else uses it.
    """
    at = {x: i for i, x in enumerate(program.inputs)}
    copies = {step.results[0]: step.operands[0] for step in program.instructions if step.primitive is identity}
    uses = Counter(x for step in program.instructions for x in step.variables())
    uses.update(x for x in (*program.outputs, *pull.outputs, *pull.inputs) if isinstance(x, int))
    found = []
    for x in pull.inputs:
        source = copies.get(x, x) if isinstance(x, int) else x
        if isinstance(source, float) or source not in at or (source != x and uses[source] > 1):
            return None
        found.append(at[source])
    return found


def _without_copies(program: Program) -> Program:
    """Return ``program`` with what is copied in place of each copy."""
    place: dict[int, Operand] = {}

    def there(operands: Iterable[Operand]) -> tuple[Operand, ...]:
        return tuple(place.get(x, x) if isinstance(x, int) else x for x in operands)

    kept = []
    for step in program.instructions:
        if not place.keys().isdisjoint(step.operands):  # quickly told; a literal may equal a number by chance
            step = replace(step, operands=there(step.operands))
        if step.primitive is identity:
            place[step.results[0]] = step.operands[0]
        else:
            kept.append(step)
    return replace(
        program,
        instructions=tuple(kept),
        outputs=there(program.outputs),
    )
