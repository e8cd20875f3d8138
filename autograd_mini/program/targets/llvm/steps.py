"""The order of a kernel's steps: products fused into sums, interleaved chains of sums, blocks.

A layer of neurons is a list of chains b + w₁x₁ + w₂x₂ + …; each takes the latency of an addition
times its length. Interleaved, they keep the processor busy, and share the load of each x.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from autograd_mini.program.ir import Instruction, Operand, Program
from autograd_mini.program.targets.llvm.words import word as word_of

__all__ = ["Fused", "Step", "Term", "blocks_of", "steps_of", "terms_of"]

BLOCK = 200  # steps in one function: longer ones compile in superlinear time, shorter ones spill more
WAITING = 64  # the largest number of steps between chains that are postponed
INTERLEAVED = 8  # interleaved chains: enough to hide the latency of an addition, few enough for the registers


@dataclass(frozen=True, slots=True)
class Fused:
    """``results = a·b + c``, rounded once where the processor can."""

    operands: tuple[Operand, ...]
    results: tuple[int, ...]

    def variables(self) -> Iterator[int]:
        """Yield the operands that are variables."""
        return (x for x in self.operands if isinstance(x, int))


Step: TypeAlias = Instruction | Fused
Term: TypeAlias = tuple[Operand, ...]
"""The term that one output adds to its sum: one operand, or a product of two."""


def steps_of(program: Program, terms: Sequence[Term] | None) -> list[Step]:
    """Return the steps of ``program``; fused and interleaved where its outputs are summed as ``terms``."""
    if terms is None:
        return list(program.instructions)
    needed = {x for term in terms for x in term if isinstance(x, int)}
    return list(_interleaved(_fuse(program, needed)))


def terms_of(program: Program) -> list[Term]:
    """Return the term of each output: the factors of a product that nothing else uses, as a weight's gradient is."""
    uses = Counter(x for step in program.instructions for x in step.variables())
    uses.update(x for x in program.outputs if isinstance(x, int))
    products: dict[Operand, Term] = {
        step.results[0]: step.operands
        for step in program.instructions
        if _is(step, "fmul") and uses[step.results[0]] == 1
    }
    return [products.get(x, (x,)) if isinstance(x, int) else (x,) for x in program.outputs]


def blocks_of(steps: Sequence[Step]) -> list[Sequence[Step]]:
    """Return the steps cut into blocks."""
    return [steps[i : i + BLOCK] for i in range(0, len(steps), BLOCK)]


def _is(step: Instruction, word: str) -> bool:
    return word_of(step.primitive) == word


def _fuse(program: Program, needed: set[int]) -> list[Step]:
    """Return what is needed, with each product that only one sum uses fused into that sum."""
    uses = Counter(x for step in program.instructions for x in step.variables())
    uses.update(needed)
    products: dict[Operand, Term] = {}
    drawn: set[int] = set()
    made: list[Step] = []
    for step in program.instructions:
        result = step.results[0]
        if not uses[result]:
            continue
        chosen = next((x for x in reversed(step.operands) if x in products), None) if _is(step, "fadd") else None
        if isinstance(chosen, int):
            a, b = step.operands
            made.append(Fused((*products[chosen], a if chosen == b else b), step.results))
            drawn.add(chosen)
            continue
        if _is(step, "fmul") and uses[result] == 1 and result not in needed:
            products[result] = step.operands
        made.append(step)
    return [step for step in made if step.results[0] not in drawn]


def _interleaved(steps: Iterable[Step]) -> Iterator[Step]:
    """Yield the steps, with neighbouring independent chains of fused steps interleaved.

    Steps between two chains, such as the relu after each neuron of a layer, come after the chains.
    """
    chains: list[list[Fused]] = []
    waiting: list[Step] = []
    inside: set[int] = set()  # results of the chains and of the postponed steps

    def flush() -> Iterator[Step]:
        for i in range(max(map(len, chains), default=0)):
            for chain in chains:
                if i < len(chain):
                    yield chain[i]
        yield from waiting
        chains.clear()
        waiting.clear()
        inside.clear()

    for step in steps:
        inner = [x for x in step.variables() if x in inside]
        if isinstance(step, Fused):
            if chains and inner == [step.operands[2]] == list(chains[-1][-1].results):
                chains[-1].append(step)
            else:
                if inner or len(chains) == INTERLEAVED:
                    yield from flush()
                chains.append([step])
        elif chains and len(waiting) < WAITING:
            waiting.append(step)
        else:
            yield from flush()
            yield step
            continue
        inside.update(step.results)
    yield from flush()
