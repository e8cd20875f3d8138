"""The way into a jitted function: Python text that goes from the call straight to the numbers.

It asks only whether everything is a float and nothing is being recorded, and computes in
place. Everything else (other types, other shapes, another path) is left to the careful way.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import Any

from autograd_mini.engine.observer import observers
from autograd_mini.program.ir import Program
from autograd_mini.program.jit.arguments import Shape
from autograd_mini.program.jit.surroundings import Surroundings
from autograd_mini.program.targets.python import Names, PythonBody
from autograd_mini.transforms.structure import Atom, Structure

__all__ = ["Way", "entry"]

CALL = "<the careful way>"  # until it is known how to call it
WARM = 1000  # calls after which a function is worth the time native code takes to make
FEW = 500  # scalars from which on the careful way costs little beside the computation


@dataclass(frozen=True, slots=True)
class Way:
    """One path through the function, as the entry takes it."""

    program: Program  # lowered to "python" where ``native`` is None
    result: Structure
    native: Callable[..., tuple[float, ...]] | None  # outputs, then 1.0 where the guards hold
    warm: Callable[[], None] | None = None  # called once, after ``WARM`` calls


def entry(
    ways: Sequence[Way],
    shapes: Sequence[Shape],
    parameters: Sequence[str] | None,
    surroundings: Surroundings,
    space: dict[str, Any],
    mark: str,
) -> CodeType | None:
    """Return the code of a function that runs in ``space``; None where there is nothing to gain.

    ``shapes``        of the positional arguments
    ``parameters``    names of the function's parameters, None where it takes more than plain ones
    ``surroundings``  what must be as it was
    ``space``         globals, with the careful way in as ``_slow``; receives what the code needs
    ``mark``          makes the names in ``space`` unique, so that calls under way keep theirs
    """
    names = Names(ways[0].program)
    scalars = [names(x) for x in ways[0].program.arguments]
    if len(scalars) > FEW or len(set(scalars)) < len(scalars):
        return None
    unpacking = _Unpacking(iter(scalars))
    tops = [unpacking.open(shape) for shape in shapes]
    if unpacking.refused or any(_text(way, Names(way.program)) is None for way in ways):
        return None
    exact = parameters is not None and list(parameters) == tops
    given = f"({''.join(f'{top}, ' for top in tops)})"
    again = f"{given}, {{}}" if exact else "_args, _kwargs"
    call = f"_slow({again})"
    first = [f"_observers{mark}", *surroundings.checks(mark, space)]
    types = [f"{x}.__class__ is not float" for x in scalars]
    lines = []
    if not exact:
        lines += [f"if len(_args) != {len(tops)} or _kwargs:", f"    return {call}", *[f"{given} = _args"] * bool(tops)]
    if unpacking.lines:  # containers are opened between the checks
        lines += [f"if {' or '.join(first)}:", f"    return {call}", *(x.replace(CALL, call) for x in unpacking.lines)]
        first = []
    if first or types:
        lines += [f"if {' or '.join([*first, *types])}:", f"    return {call}"]
    space[f"_observers{mark}"] = observers
    following = [f"_way{mark}_{i}({', '.join([*scalars, f'({again})'])})" for i in range(1, len(ways))]
    lines += _way(ways[0], 0, mark, following[0] if following else call, call, space)
    text = _function("entry", tops if exact else ["*_args", "**_kwargs"], lines)
    for i, way in enumerate(ways[1:], start=1):
        otherwise = f"_way{mark}_{i + 1}({', '.join([*scalars, '_again'])})" if i + 1 < len(ways) else "_slow(*_again)"
        text += _function(
            f"_way{mark}_{i}", [*scalars, "_again"], _way(way, i, mark, otherwise, "_slow(*_again)", space)
        )
    exec(compile(text, "<autograd_mini jit>", "exec"), space)
    made: CodeType = space.pop("entry").__code__
    return made


def _function(name: str, parameters: Sequence[str], lines: Iterable[str]) -> str:
    return "".join([f"def {name}({', '.join(parameters)}):\n", *(f"    {line}\n" for line in lines)])


def _way(way: Way, index: int, mark: str, otherwise: str, slow: str, space: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of one path: captured numbers, the computation, the result."""
    program = way.program
    names = Names(program)
    if way.warm is not None:
        space[f"_tick{mark}_{index}"], space[f"_warm{mark}"] = itertools.repeat(None, WARM), way.warm
        yield from (f"for _ in _tick{mark}_{index}:", "    break", "else:", f"    _warm{mark}()")
    captured = [names(x) for x in program.inputs[len(program.arguments) :]]
    for i, (name, value) in enumerate(zip(captured, program.captured, strict=True)):
        space[f"_c{mark}_{index}_{i}"] = value
        yield f"{name} = _c{mark}_{index}_{i}.data"
    if captured and way.native is None:  # native code converts for itself
        yield f"if {' or '.join(f'{name}.__class__ is not float' for name in captured)}:"
        yield f"    return {slow}"
    result = _text(way, names)
    assert result is not None
    if way.native is not None:
        space[f"_native{mark}_{index}"] = way.native
        outputs = [f"_o{i}" for i in range(len(program.outputs) + bool(program.guards))]
        yield f"{''.join(f'{x}, ' for x in outputs)} = _native{mark}_{index}({', '.join(map(names, program.inputs))})"
        if program.guards:
            yield f"if not {outputs[-1]}:"
            yield f"    return {otherwise}"
        yield f"return {_tree(way.result.tree, outputs)}"
        return
    body = PythonBody(program, names, prefix=f"_f{mark}_{index}_")
    yield from body.lines(result, dict.fromkeys((x for x, _ in program.guards), otherwise))
    space.update(body.namespace())


def _text(way: Way, names: Names) -> str | None:
    return _tree(way.result.tree, [names(x) for x in way.program.outputs])


def _tree(tree: Any, outputs: Sequence[str]) -> str | None:
    """Return Python text that builds the result, None where it takes more than a display."""
    if isinstance(tree, Atom):
        return None if tree.shape is not None else outputs[tree.position]
    items: Mapping[Any, Any] | None = tree if isinstance(tree, dict) else None
    parts = [_tree(each, outputs) for each in (items.values() if items is not None else tree)]
    if None in parts or hasattr(tree, "_fields") or (items and any(key.__class__ not in (str, int) for key in items)):
        return None
    if items is not None:
        return "{" + ", ".join(f"{key!r}: {part}" for key, part in zip(items, parts, strict=True)) + "}"
    inner = ", ".join(map(str, parts))
    return f"[{inner}]" if isinstance(tree, list) else f"({inner}{',' * (len(parts) == 1)})"


class _Unpacking:
    """Opens nested lists, tuples and dicts, checking that they are what they were."""

    def __init__(self, scalars: Iterator[str]) -> None:
        self.scalars = scalars
        self.lines: list[str] = []
        self.refused = False
        self.count = 0

    def open(self, shape: Shape) -> str:
        """Return the name of a part, and write what opens it."""
        if not shape:
            return next(self.scalars)
        kind, detail, *parts = shape
        name = f"_a{self.count}"
        self.count += 1
        place = len(self.lines)
        inner = [self.open(part) for part in parts]
        deeper = self.lines[place:]
        del self.lines[place:]
        if kind not in (list, tuple, dict) or (kind is dict and any(key.__class__ is not str for key in detail)):
            self.refused = True
            return name
        check = f"{name}.__class__ is not {kind.__name__} or len({name}) != {len(parts)}"
        if kind is dict:
            check += "".join(f" or {key!r} not in {name}" for key in detail)
        self.lines += [f"if {check}:", f"    return {CALL}"]
        if kind is dict:
            self.lines += [f"{x} = {name}[{key!r}]" for x, key in zip(inner, detail, strict=True)]
        elif inner:
            self.lines.append(f"{''.join(f'{x}, ' for x in inner)} = {name}")
        self.lines += deeper
        return name
