"""The way into a jitted function: Python text that goes from the call straight to the numbers.

It asks only whether everything is a float and nothing is being recorded, and computes in
place. Everything else (other types, other shapes, another path) is left to the careful way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import Any

import numpy as np

from autograd_mini.program.arguments import Shape
from autograd_mini.program.emit_python import Names, PythonBody
from autograd_mini.program.ir import Program
from autograd_mini.structure import Atom, Structure
from autograd_mini.value import observers

__all__ = ["Way", "entry"]

FEW = 500  # scalars from which on the careful way costs little beside the computation


@dataclass(frozen=True, slots=True)
class Way:
    """One path through the function, as the entry takes it."""

    program: Program  # lowered to "python" where ``native`` is None
    result: Structure
    native: Callable[..., tuple[float, ...]] | None  # outputs, then 1.0 where the guards hold


def entry(
    ways: Sequence[Way], shapes: Sequence[Shape], parameters: Sequence[str] | None, mark: str
) -> tuple[CodeType, dict[str, Any]] | None:
    """Return the code of a function and the globals it needs; None where there is nothing to gain.

    ``shapes``      of the positional arguments
    ``parameters``  names of the function's parameters, None where it takes more than plain ones
    ``mark``        makes the globals' names unique, so that calls under way keep theirs
    """
    names = Names(ways[0].program)
    scalars = [names(x) for x in ways[0].program.arguments]
    if len(scalars) > FEW or len(set(scalars)) < len(scalars):
        return None
    unpacking = _Unpacking(iter(scalars))
    tops = [unpacking.top(shape, i) for i, shape in enumerate(shapes)]
    if unpacking.refused or any(_text(way, Names(way.program)) is None for way in ways):
        return None
    exact = parameters is not None and list(parameters) == tops and len(set(tops)) == len(tops)
    call = f"_slow(({''.join(f'{top}, ' for top in tops)}), {{}})" if exact else "_slow(_args, _kwargs)"
    lines = [f"def entry({', '.join(tops)}):" if exact else "def entry(*_args, **_kwargs):"]
    if not exact:
        lines += [f"    if len(_args) != {len(tops)} or _kwargs:", f"        return {call}"]
        lines += [f"    {''.join(f'{top}, ' for top in tops)} = _args"] * bool(tops)
    space: dict[str, Any] = {f"_observers{mark}": observers, "np": np}
    checks = [f"_observers{mark}", *unpacking.checks, *(f"{x}.__class__ is not float" for x in scalars)]
    if unpacking.lines:  # containers are opened between the checks
        lines += [
            f"    if _observers{mark}:",
            f"        return {call}",
            *(f"    {x.format(call)}" for x in unpacking.lines),
        ]
        checks = checks[1:]
    if checks:
        lines += [f"    if {' or '.join(checks)}:", f"        return {call}"]
    following = [f"_way{mark}_{i}({', '.join([*scalars, '_again'])})" for i in range(1, len(ways))]
    after = [*following, call][0] if not following else following[0].replace("_again", _again(tops, exact))
    lines += [f"    {line}" for line in _way(ways[0], 0, mark, after, call, space)]
    for i, way in enumerate(ways[1:], start=1):
        again = "_slow(*_again)"
        otherwise = following[i] if i < len(following) else again
        lines += [f"def _way{mark}_{i}({', '.join([*scalars, '_again'])}):"]
        lines += [f"    {line}" for line in _way(way, i, mark, otherwise, again, space)]
    scope: dict[str, Any] = dict(space)
    exec(compile("\n".join(lines), "<autograd_mini jit>", "exec"), scope)
    made: CodeType = scope["entry"].__code__
    space.update((name, scope[name]) for name in scope if name.startswith("_way"))
    return made, space


def _again(tops: Sequence[str], exact: bool) -> str:
    return f"(({''.join(f'{top}, ' for top in tops)}), {{}})" if exact else "(_args, _kwargs)"


def _way(way: Way, index: int, mark: str, otherwise: str, slow: str, space: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of one path: captured numbers, the computation, the result."""
    program = way.program
    names = Names(program)
    captured = [names(x) for x in program.inputs[len(program.arguments) :]]
    for i, (name, value) in enumerate(zip(captured, program.captured, strict=True)):
        space[f"_c{mark}_{index}_{i}"] = value
        yield f"{name} = _c{mark}_{index}_{i}.data"
    if captured:
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
        self.checks: list[str] = []
        self.refused = False
        self.count = 0

    def top(self, shape: Shape, index: int) -> str:
        """Return the name of argument ``index``, and write what opens it."""
        if not shape:
            return next(self.scalars)
        return self._open(shape)

    def _open(self, shape: Shape) -> str:
        if not shape:
            return next(self.scalars)
        kind, detail, *parts = shape
        name = f"_a{self.count}"
        self.count += 1
        place = len(self.lines)
        inner = [self._open(part) for part in parts]
        deeper = self.lines[place:]
        del self.lines[place:]
        if kind not in (list, tuple, dict) or (kind is dict and any(key.__class__ is not str for key in detail)):
            self.refused = True
            return name
        check = f"{name}.__class__ is not {kind.__name__} or len({name}) != {len(parts)}"
        if kind is dict:
            check += "".join(f" or {key!r} not in {name}" for key in detail)
        # braces of text that goes through str.format are doubled
        self.lines += [f"if {check}:".replace("{", "{{").replace("}", "}}"), "    return {0}"]
        if kind is dict:
            self.lines += [f"{x} = {name}[{key!r}]" for x, key in zip(inner, detail, strict=True)]
        elif inner:
            self.lines.append(f"{''.join(f'{x}, ' for x in inner)} = {name}")
        self.lines += deeper
        return name
