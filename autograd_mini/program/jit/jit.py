"""jit: the user's door to programs.

The function runs once on recorded numbers; from then on its program runs. A program answers
for the inputs that take the same way through the function's ``if``s; another way is recorded
when an input takes it.
"""

from __future__ import annotations

import functools
import inspect
import itertools
import threading
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any, TypeAlias, overload

import numpy as np

from autograd_mini.engine.observer import observer
from autograd_mini.engine.value import Value, constant
from autograd_mini.program.ir import Program
from autograd_mini.program.jit.arguments import Shape, rebuild, take_apart
from autograd_mini.program.jit.entry import entry
from autograd_mini.program.jit.surroundings import Surroundings
from autograd_mini.program.jit.ways import Path, Version
from autograd_mini.program.passes.adjoint import pull_back
from autograd_mini.program.passes.simplify import simplify
from autograd_mini.program.record.trace import trace_twice
from autograd_mini.program.record.traced import TraceError
from autograd_mini.program.run import target_of
from autograd_mini.transforms.structure import Structure, flatten

__all__ = ["jit"]

Function: TypeAlias = Callable[..., Any]
KEPT = 8  # straight ways whose names are kept, for calls of other threads that are still under way
PATHS = 64  # ways through one function that are compiled; one with more should choose with where


class _Jitted:
    """The careful way of a jitted function: everything but floats on a path met before."""

    def __init__(self, function: Function, engine: str) -> None:
        self.function, self.engine = function, engine
        self.name = getattr(function, "__name__", "function")
        self.lock = threading.RLock()
        self.versions: dict[Shape, Version] = {}
        self.surroundings: Surroundings | None = None  # noted when first recorded
        self.marks = itertools.count()
        self.made: list[list[str]] = []  # the names each straight way brought into the door's globals
        self.signature, self.parameters = _parameters(function)

        def jitted(*args: Any, **kwargs: Any) -> Any:
            return _slow(args, kwargs)  # type: ignore[name-defined]  # noqa: F821  (bound below)

        space = {
            "_slow": self.call,
            "__name__": getattr(function, "__module__", __name__),
            "__builtins__": __builtins__,
        }
        self.door = FunctionType(jitted.__code__, space, self.name)
        functools.update_wrapper(self.door, function)
        self.stub = jitted.__code__

    # ------------------------------------------------------------ calls

    def call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Answer a call of any kind."""
        if observer() is not None:  # inside a trace or an anomaly check: be the function itself
            return self.function(*args, **kwargs)
        self._look_around()
        leaves, version = self.version(args, kwargs)
        if any(isinstance(leaf, Value) for leaf in leaves):
            if any(isinstance(leaf, np.ndarray) for leaf in leaves):
                raise TypeError(
                    f"{self.name} got Values and ndarrays of numbers together; pass all as Values "
                    "(an object array of them, or a list) or all as numbers"
                )
            return self._on_values(version, leaves)
        if any(isinstance(leaf, np.ndarray) for leaf in leaves):
            return self._on_columns(version, leaves)
        path, found = self._on_numbers(version, leaves)
        return path.result.unflatten(found)

    def _look_around(self) -> None:
        """Forget every program where the function's surroundings have changed."""
        if self.surroundings is None or self.surroundings.changed():
            with self.lock:
                self.door.__code__ = self.stub
                self.versions, self.surroundings = {}, Surroundings(self.function)

    def version(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[list[Any], Version]:
        """Return the scalars of the arguments, and what the function is for their shape."""
        if kwargs and self.signature is not None:  # the same call whichever way it is spelled
            bound = self.signature.bind(*args, **kwargs)
            args, kwargs = bound.args, bound.kwargs
        leaves: list[Any] = []
        tops = list(zip(self._tops(len(args)), args, strict=True)) + sorted(kwargs.items())
        shapes = [take_apart(tree, leaves, f"argument {name} of {self.name}") for name, tree in tops]
        key = (len(args), tuple(name for name, _ in tops[len(args) :]), *shapes)
        version = self.versions.get(key)
        if version is None:
            with self.lock:
                made = Version(key, [(name, shape) for (name, _), shape in zip(tops, shapes, strict=True)])
                version = self.versions.setdefault(key, made)
        return leaves, version

    def _tops(self, count: int) -> list[str]:
        known = self.parameters or []
        return [known[i] if i < len(known) else f"x{i}" for i in range(count)]

    def _on_numbers(self, version: Version, leaves: Sequence[float]) -> tuple[Path, list[float]]:
        """Return the path that numbers take, and its results."""
        index = 0
        while True:
            fresh = index == len(version.paths) and self._record(version, leaves, index)
            path = version.paths[index]
            found = list(path.whole.numbers(*leaves, *path.whole.captured()))
            if not path.program.guards:
                return path, found
            if found.pop() or fresh:  # recorded for these very numbers, whatever the last bit of a comparison says
                return path, found
            index += 1

    def _on_values(self, version: Version, leaves: Sequence[Any]) -> Any:
        inputs = [leaf if isinstance(leaf, Value) else constant(leaf) for leaf in leaves]
        path, _ = self._on_numbers(version, [float(value.data) for value in inputs])  # type: ignore[union-attr]
        return path.result.unflatten(path.body.nodes([*inputs, *path.program.captured]))  # type: ignore[list-item]

    def _on_columns(self, version: Version, leaves: Sequence[Any]) -> Any:
        """Return the results row by row of broadcast columns; every row takes its own path."""
        shape = np.broadcast_shapes(*(np.shape(leaf) for leaf in leaves))
        columns = [
            np.ascontiguousarray(np.broadcast_to(leaf, shape)).reshape(-1) if isinstance(leaf, np.ndarray) else leaf
            for leaf in leaves
        ]
        rows = int(np.prod(shape))
        if not version.paths:
            self._record(version, _first(columns), 0)
        path = version.paths[0]
        if path.match is None:
            return _stacked(path.result, [out.reshape(shape) for out in path.body.columns(columns, rows)], shape)
        outs = [np.empty(rows) for _ in path.program.outputs]
        left, index = np.arange(rows), 0
        while len(left):
            here = [_rows(x, left) for x in columns]
            fresh = index == len(version.paths) and self._record(version, _first(here), index)
            taken = version.paths[index]
            if taken.result != path.result:
                raise TypeError(f"{self.name} returns different structures for different rows; return one structure")
            holds = np.ones(len(left), dtype=bool)
            if taken.match is not None:
                holds = taken.match.columns(here, len(left))[0] != 0.0
            holds[0] |= fresh  # recorded for this very row, whatever the last bit of a comparison says
            if holds.any():
                found = taken.body.columns([_rows(x, holds) for x in here], int(holds.sum()))
                for out, column in zip(outs, found, strict=True):
                    out[left[holds]] = column
            left, index = left[~holds], index + 1
        return _stacked(path.result, [out.reshape(shape) for out in outs], shape)

    # ------------------------------------------------------------ recording

    def _record(self, version: Version, leaves: Sequence[float], index: int) -> bool:
        """Record the path of these numbers as number ``index``; False where that one is there already."""
        with self.lock:
            if index < len(version.paths):
                return False
            if index == PATHS:
                raise TraceError(
                    f"{self.name} takes more than {PATHS} different ways through its `if`s (or loops); choose with "
                    "where(condition, a, b), maximum, relu, abs…, which keep both branches in one program"
                )
            program, result = self.trace(version, leaves)
            version.paths.append(Path(program, result, self.engine, self.name, self.lock))
            self._open_door(version)
            return True

    def trace(self, version: Version, leaves: Sequence[float]) -> tuple[Program, Structure]:
        """Run the function on recorded numbers; return its program and the structure of its result."""
        found: list[Structure] = []
        count, keywords, *shapes = version.shapes

        def flat(*scalars: Any) -> list[Any]:
            parts = iter(scalars)
            trees = [rebuild(shape, parts) for shape in shapes]
            result = self.function(*trees[:count], **dict(zip(keywords, trees[count:], strict=True)))
            if result is None:
                raise TraceError(f"{self.name} returned None; a jitted function returns the numbers it computes")
            try:
                outs, structure = flatten(result, f"the result of {self.name}")
            except TypeError as error:
                raise TraceError(f"{error}; a jitted function returns Values or numbers") from None
            found.append(structure)
            return outs

        flat.__name__ = self.name
        program = trace_twice(flat, leaves, version.names, pull_back)
        return simplify(program), found[-1]

    def _open_door(self, version: Version) -> None:
        """Let calls with floats of the first shape go straight to their program."""
        count, keywords, *shapes = version.shapes
        if keywords or version is not next(iter(self.versions.values())):
            return
        ways = [path.way(functools.partial(self._warm, version)) for path in version.paths]
        assert self.surroundings is not None
        space, mark = self.door.__globals__, f"{next(self.marks)}"
        before = set(space)
        code = entry(ways, shapes[:count], self.parameters, self.surroundings, space, mark)
        self.made.append([name for name in space if name not in before and name.startswith("_")])
        if len(self.made) > KEPT:
            for name in self.made.pop(0):
                del space[name]
        self.door.__code__ = self.stub if code is None else code.replace(co_name=self.name)

    def _warm(self, version: Version) -> None:
        """Change over to native code: the function is called often."""
        with self.lock:
            for path in version.paths:
                path.whole.warm = path.whole.can_warm
            self._open_door(version)


def _parameters(function: Function) -> tuple[inspect.Signature | None, list[str] | None]:
    """Return the signature, and the names where a call is nothing but that many arguments."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return None, None
    each = list(signature.parameters.values())
    plain = all(p.kind is p.POSITIONAL_OR_KEYWORD and p.default is p.empty for p in each)
    return signature, [p.name for p in each] if plain else None


def _rows(column: Any, chosen: Any) -> Any:
    return column[chosen] if isinstance(column, np.ndarray) else column


def _first(columns: Sequence[Any]) -> list[float]:
    """Return the numbers of the first row; where there is no row, some number: the program is made all the same."""
    return [float(x[0] if len(x) else 1.0) if isinstance(x, np.ndarray) else x for x in columns]


def _stacked(structure: Structure, columns: Sequence[Any], shape: tuple[int, ...]) -> Any:
    """Return the result with a column at each scalar; an array of k numbers gets the rows in front."""
    contents = []
    for atom, part in zip(structure.atoms, structure.split(columns), strict=True):
        contents.append(part[0] if atom.shape is None else np.stack(part, axis=-1).reshape(shape + atom.shape))
    return structure.fill(contents)


@overload
def jit(function: Function, *, engine: str = "auto") -> Any: ...
@overload
def jit(*, engine: str = "auto") -> Callable[[Function], Any]: ...
def jit(function: Function | None = None, *, engine: str = "auto") -> Any:
    """Return ``function`` compiled: recorded once, then run without Values.

    Numbers give numbers; ndarrays broadcast as with a NumPy ufunc; Values give Values, which
    differentiate to any order. Arguments and results may be nested lists, tuples and dicts.
    Values the function uses from outside (a model's parameters) are read at each call.
    ``jit(grad(f))``, ``jit(value_and_grad(f))``, ``jit(hessian(f))`` and ``grad(jit(f))`` work.

    ``if`` and loops on numbers are honest: each way through the function is recorded when a
    call, or a row of an array, takes it. Plain numbers, lists and arrays that the function
    names (globals, closures, attributes of its own objects) are part of the program, and it is
    recorded anew when they change.

    ``engine`` is "llvm" (native code, needs llvmlite), "numpy", "python", or "auto": arrays by
    llvm where it is installed, else NumPy; single numbers by Python text, and by native code
    once the function has proved large or often called. ``f.program(*args)`` is the program for
    such arguments, ``f.program(*args).source(target)`` its text.

    >>> from autograd_mini import tanh, value_and_grad
    >>> slope = jit(value_and_grad(lambda x: tanh(x) * 2.0))
    >>> slope(0.0)
    (0.0, 2.0)

    Raises TraceError where the function does what a program cannot repeat: reading ``.data``,
    ``backward()``, results that differ from one run to the next, more than 64 ways through it.
    """
    target_of(engine, "jit: ")
    if function is None:
        return functools.partial(jit, engine=engine)
    if not callable(function):
        raise TypeError(f"jit takes a function, got {type(function).__name__!r}")
    jitted = _Jitted(function, engine)

    def program(*args: Any, **kwargs: Any) -> Program:
        """Return the program that a call with these arguments runs."""
        jitted._look_around()
        leaves, version = jitted.version(args, kwargs)
        numbers = [
            float(x.data) if isinstance(x, Value) else float(x.flat[0]) if isinstance(x, np.ndarray) else x
            for x in leaves
        ]
        path, _ = jitted._on_numbers(version, numbers)
        return path.program

    jitted.door.program = program  # type: ignore[attr-defined]
    return jitted.door
