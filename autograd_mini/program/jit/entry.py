"""The entry of a jitted function: generated Python code for the common case.

It checks that all arguments are floats, that nothing is being recorded and that the surroundings
hold, and then computes inline. All other cases (other types, other shapes, another path) are left to
the general call. The text is in ``linecache``, so that a traceback shows its lines.
"""

from __future__ import annotations

import itertools
import linecache
import re
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import CodeType, FunctionType
from typing import Any

from autograd_mini.engine.observer import observers
from autograd_mini.program.ir import Program
from autograd_mini.program.jit.arguments import STATIC, Shape
from autograd_mini.program.jit.paths import Path
from autograd_mini.program.run import PLAIN
from autograd_mini.program.source import prepared
from autograd_mini.program.targets.python import Names, PythonBody
from autograd_mini.transforms.structure import Atom, Structure

__all__ = ["WARM", "Inline", "entry", "inlined"]

CALL = "<the general call>"  # replaced when the form of the general call is known
WARM = 1000  # calls after which compiling native code is worth the time
FEW = 500  # with so many scalars the general call takes little time compared to the computation
_serial = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Inline:
    """One path that the entry computes.

    ``program``  lowered to "python" where ``native`` is None; else of its variables the inputs alone
    ``native``   used in place of the program: outputs, then 1.0 where the guards hold
    ``warm``     called once, after ``WARM`` calls
    ``calls``    an iterator that counts them down
    """

    program: Program
    result: Structure
    native: Callable[..., tuple[float, ...]] | None
    warm: Callable[[], None] | None
    calls: Iterator[None]


def inlined(path: Path, warm: Callable[[], None], is_warm: bool) -> Inline:
    """Return the parts of a path that the entry needs; ``warm`` is called once, after ``WARM`` calls."""
    calls = itertools.repeat(None, WARM)
    if path.whole.is_native:
        named = replace(path.given, instructions=(), pull=None, outputs=(0.0,) * len(path.given.outputs))
        return Inline(named, path.result, path.whole.native(), None, calls)
    return Inline(prepared(path.program, PLAIN), path.result, None, None if is_warm else warm, calls)


def entry(
    paths: Sequence[Inline],
    shapes: Sequence[Shape],
    parameters: Sequence[str] | None,
    codes: Sequence[tuple[FunctionType, CodeType]],
    holds: Callable[[], bool] | None,
    space: dict[str, Any],
    name: str,
) -> CodeType | None:
    """Return the code of a function that runs in ``space``; None where it would not be faster.

    ``shapes``      the shapes of the positional arguments
    ``parameters``  names of the function's parameters, None where it takes more than plain ones
    ``codes``       functions, and the code object that each must have
    ``holds``       tells whether everything else is unchanged; None where nothing else is to be checked
    ``space``       globals, with the general call as ``_general``. The objects that the code needs
                    are added under unique names and removed when the code is freed, because a call
                    in another thread may still run this entry after a newer one replaced it
    """
    names = Names(paths[0].program)
    scalars = [names(x) for x in paths[0].program.arguments]
    if len(scalars) > FEW or len(set(scalars)) < len(scalars):
        return None
    mark = str(next(_serial))
    needs: dict[str, Any] = {}
    unpacking = _Unpacking(iter(scalars), mark, needs)
    tops = [unpacking.open(shape) for shape in shapes]
    if unpacking.refused or any(_text(path, Names(path.program)) is None for path in paths):
        return None
    exact = parameters is not None and list(parameters) == tops
    given = f"({''.join(f'{top}, ' for top in tops)})"
    again = f"{given}, {{}}" if exact else "_args, _kwargs"
    call = f"_general({again})"
    first = [f"_observers{mark}"]
    needs[f"_observers{mark}"] = observers
    for i, (function, code) in enumerate(codes):
        first.append(f"_function{mark}_{i}.__code__ is not _code{mark}_{i}")
        needs[f"_function{mark}_{i}"], needs[f"_code{mark}_{i}"] = function, code
    if holds is not None:
        first.append(f"not _holds{mark}()")
        needs[f"_holds{mark}"] = holds
    types = [f"{x}.__class__ is not float" for x in scalars]
    lines = []
    if not exact:
        lines += [f"if len(_args) != {len(tops)} or _kwargs:", f"    return {call}", *[f"{given} = _args"] * bool(tops)]
    if unpacking.lines:  # containers are opened between the checks
        lines += [f"if {' or '.join(first)}:", f"    return {call}", *(x.replace(CALL, call) for x in unpacking.lines)]
        first = []
    if first or types:
        lines += [f"if {' or '.join([*first, *types])}:", f"    return {call}"]
    following = [f"_path{mark}_{i}({', '.join([*scalars, f'({again})'])})" for i in range(1, len(paths))]
    lines += _path(paths[0], 0, mark, following[0] if following else call, call, needs)
    text = _function("entry", tops if exact else ["*_args", "**_kwargs"], lines)
    for i, path in enumerate(paths[1:], start=1):
        last = i + 1 == len(paths)
        otherwise = "_general(*_again)" if last else f"_path{mark}_{i + 1}({', '.join([*scalars, '_again'])})"
        body = _path(path, i, mark, otherwise, "_general(*_again)", needs)
        text += _function(f"_path{mark}_{i}", [*scalars, "_again"], body)
    return _made(text, needs, space, name, mark)


def _made(text: str, needs: dict[str, Any], space: dict[str, Any], name: str, mark: str) -> CodeType:
    """Return the code of the text's function ``entry``; what it needs stays in ``space`` as long as the code exists."""
    file = f"<autograd_mini jit {name} {mark}>"
    space.update(needs)
    exec(compile(text, file, "exec"), space)
    code: CodeType = space.pop("entry").__code__.replace(co_name=name, co_qualname=name)
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    own = [key for key in space if re.match(rf"_[a-z]+{mark}(_|$)", key)]  # the others are shared by all entries
    there = weakref.ref(space.setdefault("_namespace", _Namespace(space)))  # the namespace holds what holds the code

    def forget() -> None:
        linecache.cache.pop(file, None)
        namespace = there()
        if namespace is not None:
            for key in own:
                namespace.space.pop(key, None)

    weakref.finalize(code, forget).atexit = False
    return code


class _Namespace:
    """Globals of an entry, which a weak reference can refer to."""

    def __init__(self, space: dict[str, Any]) -> None:
        self.space = space


def _function(name: str, parameters: Sequence[str], lines: Iterable[str]) -> str:
    return "".join([f"def {name}({', '.join(parameters)}):\n", *(f"    {line}\n" for line in lines)])


def _path(path: Inline, index: int, mark: str, otherwise: str, general: str, needs: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of one path: captured numbers, the computation, the result."""
    program = path.program
    names = Names(program)
    if path.warm is not None:
        needs[f"_calls{mark}_{index}"], needs[f"_warm{mark}"] = path.calls, path.warm
        yield from (f"for _ in _calls{mark}_{index}:", "    break", "else:", f"    _warm{mark}()")
    captured = [names(x) for x in program.inputs[len(program.arguments) :]]
    for i, (name, value) in enumerate(zip(captured, program.captured, strict=True)):
        needs[f"_c{mark}_{index}_{i}"] = value
        yield f"{name} = _c{mark}_{index}_{i}.data"
    if captured and path.native is None:  # native code converts by itself
        yield f"if {' or '.join(f'{name}.__class__ is not float' for name in captured)}:"
        yield f"    return {general}"
    result = _text(path, names)
    assert result is not None
    if path.native is not None:
        needs[f"_native{mark}_{index}"] = path.native
        outputs = [f"_o{i}" for i in range(len(program.outputs) + bool(program.guards))]
        yield f"{''.join(f'{x}, ' for x in outputs)} = _native{mark}_{index}({', '.join(map(names, program.inputs))})"
        if program.guards:
            yield f"if not {outputs[-1]}:"
            yield f"    return {otherwise}"
        yield f"return {_tree(path.result.tree, outputs)}"
        return
    body = PythonBody(program, names, prefix=f"_f{mark}_{index}_")
    yield from body.lines(result, dict.fromkeys((x for x, _ in program.guards), otherwise))
    needs.update(body.namespace())


def _text(path: Inline, names: Names) -> str | None:
    return _tree(path.result.tree, [names(x) for x in path.program.outputs])


def _tree(tree: Any, outputs: Sequence[str]) -> str | None:
    """Return a Python expression that builds the result, None where lists, tuples and dicts are not enough."""
    if isinstance(tree, Atom):
        return None if tree.shape is not None else outputs[tree.position]
    if type(tree) not in (dict, list, tuple):
        return None
    items: Mapping[Any, Any] | None = tree if isinstance(tree, dict) else None
    parts = [_tree(each, outputs) for each in (items.values() if items is not None else tree)]
    if None in parts or (items and any(key.__class__ not in (str, int) for key in items)):
        return None
    if items is not None:
        return "{" + ", ".join(f"{key!r}: {part}" for key, part in zip(items, parts, strict=True)) + "}"
    inner = ", ".join(map(str, parts))
    return f"[{inner}]" if isinstance(tree, list) else f"({inner}{',' * (len(parts) == 1)})"


class _Unpacking:
    """Unpacks nested lists, tuples and dicts, and checks that their structure is the recorded one."""

    def __init__(self, scalars: Iterator[str], mark: str, needs: dict[str, Any]) -> None:
        self.scalars, self.mark, self.needs = scalars, mark, needs
        self.lines: list[str] = []
        self.refused = False
        self.count = 0

    def open(self, shape: Shape) -> str:
        """Return the name of a part, and append the lines that unpack it."""
        if not shape:
            return next(self.scalars)
        kind, detail, *parts = shape
        name = f"_a{self.count}"
        self.count += 1
        if kind is STATIC:
            self._static(name, detail)
            return name
        place = len(self.lines)
        inner = [self.open(part) for part in parts]
        deeper = self.lines[place:]
        del self.lines[place:]
        if kind not in (list, tuple, dict) or (kind is dict and any(key.__class__ is not str for key in detail)):
            self.refused = True
            return name
        check = f"{name}.__class__ is not {kind.__name__} or len({name}) != {len(parts)}"
        if kind is dict:  # the order of the keys too: a function may loop over them
            self.needs[f"_keys{self.mark}_{name}"] = detail
            check += f" or (*{name},) != _keys{self.mark}_{name}"
        self.lines += [f"if {check}:", f"    return {CALL}"]
        if kind is dict:
            self.lines += [f"{x} = {name}[{key!r}]" for x, key in zip(inner, detail, strict=True)]
        elif inner:
            self.lines.append(f"{''.join(f'{x}, ' for x in inner)} = {name}")
        self.lines += deeper
        return name

    def _static(self, name: str, item: Any) -> None:
        known = f"_s{self.mark}_{name}"
        self.needs[known] = item
        is_same = f"{name} is {known}"
        if isinstance(item, str | int) and not isinstance(item, bool):
            is_same = f"({name}.__class__ is {known}.__class__ and {name} == {known})"
        self.lines += [f"if not {is_same}:", f"    return {CALL}"]
