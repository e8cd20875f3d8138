"""Reverse mode on programs: from the program of f to the program of its gradient.

The rules are the rows' own partials, run on recorded numbers. This module adds the treatment of
branches: the branch that ``where`` or ``maximum`` does not take gets no adjoint. Each adjoint has a
truth value, the condition under which it flows (None: always), from partials that flow under a
condition (``Partial``). In a sum of adjoints one that does not flow counts as 0; where none flows,
the sum does not flow. So an infinite partial behind a branch not taken is never multiplied by 0,
which would give nan, at any order of derivative.

A ``loose`` adjoint spares the choices for each weight of a network: into a sum of several products
(``affine``) an adjoint that does not flow enters as 0, and behind the sum it counts as one that flows. That is
right but for one case: 0 times an infinite weight or partial makes nan where nothing flows. An adjoint is
linear in what flows, so such a nan reaches the gradient or meets a branch not taken: where the gradient is
finite, the loose one is right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from autograd_mini.primitives.row import NO_FLOW, Primitive
from autograd_mini.primitives.table import logical_and, logical_or, where
from autograd_mini.program.ir import Instruction, Operand, Program
from autograd_mini.program.record.recorder import Partial, Recorder, Traced
from autograd_mini.program.record.replay import repeat

__all__ = ["adjoint", "pull_back", "pulled"]

PRODUCT = 3  # operands above which a row with any number of them is a sum of products, one choice for all


def adjoint(
    program: Program,
    wrt: Sequence[int] | None = None,
    seeds: Sequence[float] | None = None,
    flows: bool = False,
    loose: bool = False,
) -> Program:
    """Return the program with outputs (*outputs of ``program``, *gradients).

    The gradients are Σ seed·∂output/∂x, over the seeds that are not 0, for each variable x in
    ``wrt`` (default: all inputs, arguments and captured). ``seeds`` has one number per output and
    may be left out where there is one output. With ``flows`` there is another output for each
    gradient: 1 where an adjoint flows to x, else 0 (and the gradient is 0). A ``loose`` adjoint is
    right where the gradient that it gives is finite. Raises ValueError where the number of seeds
    does not fit.
    """
    if wrt is None:
        wrt = program.inputs
    if seeds is None:
        seeds = (1.0,) if len(program.outputs) == 1 else ()
    if len(seeds) != len(program.outputs):
        raise ValueError(
            f"adjoint: the program has {len(program.outputs)} outputs and got {len(seeds)} seeds; give one per output"
        )
    with Recorder() as recorder:
        place = repeat(recorder, program)
        outputs = [x if isinstance(x, float) else place[x] for x in program.outputs]
        reached = _reach(recorder, outputs, seeds, [place[x] for x in wrt], loose)
        found = [_closed(flow) for flow in reached]
        if flows:
            found += [_flows(recorder, flow) for flow in reached]
    made = recorder.program((*outputs, *found))
    guards = tuple((place[variable], outcome) for variable, outcome in program.guards)
    return replace(made, guards=tuple((x, outcome) for x, outcome in guards if isinstance(x, int)))


def pulled(program: Program) -> Program:
    """Return ``program`` with the reverse sweep that it ends with written out."""
    pull = program.pull
    if pull is None:
        return program
    with Recorder() as recorder:
        place = repeat(recorder, program)

        def there(operands: Sequence[Operand]) -> list[Operand]:
            return [x if isinstance(x, float) else place[x] for x in operands]

        found = pull_back(recorder, there(pull.outputs), there(pull.seeds), there(pull.inputs))
        place.update(zip(pull.results, found, strict=True))
        outputs = there(program.outputs)
    guards = tuple((place[x], outcome) for x, outcome in program.guards)
    return replace(recorder.program(outputs), guards=tuple((x, y) for x, y in guards if isinstance(x, int)))


@dataclass(frozen=True, slots=True)
class _Flow:
    """An adjoint and the truth value under which it flows; ``zeroed`` where it is already 0 otherwise."""

    adjoint: Any  # Traced
    live: Traced | None
    zeroed: bool = False

    def closed(self) -> Any:
        """Return the adjoint as a number: 0 where it does not flow."""
        return self.adjoint if self.live is None or self.zeroed else where(self.live, self.adjoint, 0.0)


def pull_back(
    recorder: Recorder, outputs: Sequence[Operand], seeds: Sequence[Operand], inputs: Sequence[Operand]
) -> list[Operand]:
    """Record Σ seed·∂output/∂input for each input on ``recorder``, which must be observing."""
    return [_closed(flow) for flow in _reach(recorder, outputs, seeds, inputs)]


def _closed(flow: _Flow | None) -> Operand:
    found: Operand = 0.0 if flow is None else flow.closed().operand
    return found


def _flows(recorder: Recorder, flow: _Flow | None) -> Operand:
    if flow is None or flow.live is None:
        return float(flow is not None)
    return recorder.number(flow.live)


def _reach(
    recorder: Recorder,
    outputs: Sequence[Operand],
    seeds: Sequence[Operand],
    inputs: Sequence[Operand],
    loose: bool = False,
) -> list[_Flow | None]:
    """Return the adjoint of each input with its condition; None where no adjoint ever flows."""
    # a 0 written down is an output not asked for: nothing flows, and it has no say in the order
    asked = [(x, seed) for x, seed in zip(outputs, seeds, strict=True) if isinstance(seed, int) or seed != 0.0]
    tops = [x for x, _ in asked]
    makers = _makers_between(recorder.instructions[:], inputs, tops)
    sweep = _Sweep(recorder, {*makers, *(x for x in inputs if isinstance(x, int))}, loose)
    for output, seed in asked:
        sweep.add(output, _Flow(recorder.traced(seed), None))
    for instruction in _in_order(makers, tops):
        sweep.pull(instruction)
    return [sweep.flows.get(x) if isinstance(x, int) else None for x in inputs]


class _Sweep:
    """The adjoints found so far, for the variables between inputs and outputs."""

    def __init__(self, recorder: Recorder, moving: set[int], loose: bool) -> None:
        self.recorder, self.moving, self.loose = recorder, moving, loose
        self.flows: dict[int, _Flow] = {}
        self.truths: dict[tuple[Any, ...], Traced] = {}

    def pull(self, step: Instruction) -> None:
        """Add the adjoints of the results, times the partials, to the adjoints of the operands."""
        flows = [self.flows.get(result) for result in step.results]
        if not any(flows):
            return
        row, traced = step.primitive, self.recorder.traced
        args = tuple(x if i in row.static and isinstance(x, float) else traced(x) for i, x in enumerate(step.operands))
        outs = tuple(traced(x) for x in step.results)
        if row.outputs:
            adjoints, live = self._together(flows)
            terms = row.pull(args, outs, adjoints)
            found = [None if term is NO_FLOW else _Flow(term, live) for term in terms]
        else:
            flow = flows[0]
            assert flow is not None
            if self.loose and row.arity is None and len(args) > PRODUCT:
                flow = _Flow(flow.closed(), None)
            found = [self._through(flow, partial) for partial in row.derivatives(args, outs[0])]
        for operand, flow in zip(step.operands, found, strict=True):
            if flow is not None:
                self.add(operand, flow)

    def _through(self, flow: _Flow, partial: Any) -> _Flow | None:
        """Return the adjoint times a partial, flowing where both do."""
        if partial is NO_FLOW:
            return None
        live, zeroed = flow.live, flow.zeroed and isinstance(partial, float)
        if isinstance(partial, Partial):
            live = partial.live if live is None else self.truth(logical_and, live, partial.live)
            partial, zeroed = partial.value, False
        return _Flow(_times(flow.adjoint, partial), live, zeroed)

    def _together(self, flows: Sequence[_Flow | None]) -> tuple[list[Any], Traced | None]:
        """Return the adjoints of several outputs, and the condition under which any of them flows."""
        first, *others = [flow for flow in flows if flow is not None]
        if all(flow.live is first.live for flow in others):
            return [flow and flow.adjoint for flow in flows], first.live
        live = first.live
        for flow in others:
            live = None if live is None or flow.live is None else self.truth(logical_or, live, flow.live)
        return [flow and flow.closed() for flow in flows], live

    def add(self, variable: Operand, new: _Flow) -> None:
        """Add a contribution to the adjoint of ``variable``."""
        if not isinstance(variable, int) or variable not in self.moving:
            return
        old = self.flows.get(variable)
        if old is None:
            self.flows[variable] = new
        elif old.live is new.live:
            self.flows[variable] = _Flow(old.adjoint + new.adjoint, new.live, old.zeroed and new.zeroed)
        else:
            live = None if old.live is None or new.live is None else self.truth(logical_or, old.live, new.live)
            self.flows[variable] = _Flow(old.closed() + new.closed(), live, zeroed=True)

    def truth(self, row: Primitive, *args: Traced) -> Traced:
        """Return ``row(*args)``, the same object for the same arguments."""
        key = (row, *(arg.operand for arg in args))
        if key not in self.truths:
            self.truths[key] = row(*args)
        return self.truths[key]


def _makers_between(
    steps: list[Instruction], inputs: Sequence[Operand], outputs: Sequence[Operand]
) -> dict[int, Instruction]:
    """Return result → instruction, for the instructions between inputs and outputs."""
    moved = {x for x in inputs if isinstance(x, int)}
    active: list[Instruction] = []
    for step in steps:
        if not step.primitive.boolean and any(x in moved for x in step.operands if x.__class__ is int):
            moved.update(step.results)
            active.append(step)
    needed = {x for x in outputs if isinstance(x, int)}
    makers: dict[int, Instruction] = {}
    for step in reversed(active):
        if not needed.isdisjoint(step.results):
            needed.update(step.variables())
            makers.update((result, step) for result in step.results)
    return makers


def _in_order(makers: dict[int, Instruction], outputs: Sequence[Operand]) -> list[Instruction]:
    """Return the instructions so that each follows all its users; the order of ``Value.backward``.

    In this order sums of adjoints have the same rounding, so that the compiled gradient has the
    bits of the eager one.
    """
    order: list[Instruction] = []  # depth first: each after its operands
    seen: set[int] = set()
    stack = [(makers[x], False) for x in reversed(outputs) if isinstance(x, int) and x in makers]
    while stack:
        step, done = stack.pop()
        if done:
            order.append(step)
        elif step.results[0] not in seen:
            seen.add(step.results[0])
            stack.append((step, True))
            before = (makers[x] for x in reversed(step.operands) if isinstance(x, int) and x in makers)
            stack.extend((each, False) for each in before if each.results[0] not in seen)
    order.reverse()
    return order


def _times(adjoint: Any, partial: Any) -> Any:
    """Return adjoint·partial, written shorter for the exact factors 1 and −1."""
    factor = partial.operand if isinstance(partial, Traced) else float(partial)
    if isinstance(factor, float) and abs(factor) == 1.0:
        return adjoint if factor == 1.0 else -adjoint
    if isinstance(adjoint.operand, float) and adjoint.operand == 1.0:
        return adjoint.recorder.traced(factor)
    return adjoint * partial
