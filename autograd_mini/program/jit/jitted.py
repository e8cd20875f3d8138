"""The general call of a jitted function: all calls except floats on a known path, which the entry computes."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Sequence
from types import FunctionType, MethodType
from typing import Any, TypeAlias

from autograd_mini.engine.node import constant
from autograd_mini.engine.observer import observer
from autograd_mini.engine.value import Value
from autograd_mini.program.ir import Program
from autograd_mini.program.jit.arguments import check_unchanged, rebuild
from autograd_mini.program.jit.columns import Columns
from autograd_mini.program.jit.compare import compare, plain
from autograd_mini.program.jit.direct import OTHERWISE, Direct, Key, key_of
from autograd_mini.program.jit.entry import WARM, Inline, entry, inlined
from autograd_mini.program.jit.parameters import is_owner, parameters_of
from autograd_mini.program.jit.paths import Path, Version
from autograd_mini.program.jit.recordings import Recordings, TooManyPathsError
from autograd_mini.program.jit.versions import Versions
from autograd_mini.program.passes.adjoint import pull_back
from autograd_mini.program.passes.simplify import simplify
from autograd_mini.program.plans.sums import loops_from
from autograd_mini.program.record.traced import Traced, TracedColumn, TraceError
from autograd_mini.program.routes import route
from autograd_mini.program.watch.recording import record
from autograd_mini.program.watch.surroundings import Surroundings
from autograd_mini.transforms.structure import Structure, flatten, has_values

__all__ = ["PATHS", "Jitted"]

Function: TypeAlias = Callable[..., Any]
PATHS = 64  # the largest number of compiled paths; with more the function itself runs
OWNERS = 256  # the largest number of objects whose compiled method is kept
LONG = 10_000  # instructions from which on a program is simplified only if no loops in time are found in it


class Jitted:
    """A function, its versions for each shape of arguments, and what they depend on.

    ``entry``  the function that users call; its code changes as paths are recorded
    ``check``  compare every result with the function's own
    """

    def __init__(self, function: Function, engine: str, check: bool) -> None:
        self.function, self.engine, self.check = function, engine, check
        self.name = getattr(function, "__name__", type(function).__name__)
        self.lock = threading.RLock()
        self.surroundings, self.recordings = Surroundings(), Recordings(self.name)
        self._take_parameters()
        self._bound: dict[int, Jitted] = {}  # by id of the owner, which the method keeps alive
        self._direct: dict[Key, Direct] = {}  # of calls with whole arrays alone, by their shapes

        def jitted(*args: Any, **kwargs: Any) -> Any:
            return _general(args, kwargs)  # type: ignore[name-defined]  # noqa: F821  (bound below)

        space = {
            "_general": self.call,
            "__name__": getattr(function, "__module__", __name__),
            "__builtins__": __builtins__,
        }
        self.entry = FunctionType(jitted.__code__, space, self.name)
        functools.update_wrapper(self.entry, function)
        self.general_code = jitted.__code__

    # ------------------------------------------------------------ calls

    def call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return the result of a call of any kind."""
        if vars(self.entry).get("__wrapped__", self.function) is not self.function:
            self._replace_function()
        if observer() is not None:  # inside a trace or an anomaly check, call the function itself
            return self.function(*args, **kwargs)
        if self.is_method and args and is_owner(args[0]):
            return self._of(args[0]).entry(*args[1:], **kwargs)
        self.drop_stale()
        key = None if kwargs or self.check else key_of(args)
        direct = self._direct.get(key) if key is not None else None
        if direct is not None and (found := direct(args)) is not OTHERWISE:
            self._serve()
            return found
        try:
            found, version = self.versions.settled(args, kwargs, self._run)
        except TooManyPathsError as error:
            self.recordings.warn(str(error))
            return plain(self.function, args, kwargs)
        self._serve()
        if key is not None and (direct := Direct.of(version)) is not None:
            self._direct[key] = direct
        if self.check:
            compare(self.name, self.function, args, kwargs, found)
        return found

    def _serve(self) -> None:
        """Count a call that the entry does not take: with arrays, Values, keywords."""
        self.recordings.served += 1
        if self.recordings.served == WARM:
            for version in list(self.versions.known.values()):  # a copy: other threads add some
                if not version.columns:
                    self._warm(version)

    def _run(self, leaves: list[Any], version: Version) -> Any:
        if version.columns:
            if has_values(leaves):
                raise TypeError(
                    f"{self.name} got Values and ndarrays of numbers together; pass all as Values "
                    "(an object array of them, or a list) or all as numbers"
                )
            return Columns(self.name, version, leaves, self.record).run()
        if has_values(leaves):
            inputs: list[Any] = [leaf if isinstance(leaf, Value) else constant(leaf) for leaf in leaves]
            path, _ = self.on_numbers(version, [float(value.data) for value in inputs])
            return path.result.unflatten(path.body.nodes([*inputs, *path.given.captured]))
        path, found = self.on_numbers(version, leaves)
        return path.result.unflatten(found)

    def on_numbers(self, version: Version, leaves: Sequence[float]) -> tuple[Path, list[float]]:
        """Return the path that these numbers take, and its results."""
        answers: list[tuple[Path, list[float]]] = []

        def take(path: Path, leaves: Sequence[float], is_new: bool) -> Sequence[float] | None:
            found = path.whole.outputs(leaves)
            if path.given.guards and not found.pop() and not is_new:
                return leaves
            answers.append((path, found))
            return None

        route(version.paths, leaves, lambda index, left: self.record(version, left, index), take)
        return answers[0]

    def drop_stale(self) -> None:
        """Drop all programs where something that they depend on has changed."""
        if self.surroundings.holds():
            return
        with self.lock:
            self.recordings.changed(self.surroundings.changed)
            self._forget()

    def _replace_function(self) -> None:
        """Compile what the entry wraps now: IPython's autoreload puts a new function's attributes and code into it."""
        with self.lock:
            self.function = vars(self.entry)["__wrapped__"]
            self._bound = {}
            self._forget()
            self._take_parameters()

    def _take_parameters(self) -> None:
        signature, self.parameters, self.is_method = parameters_of(self.function)
        self.versions = Versions(self.name, signature, self.parameters, self.lock)

    def _forget(self) -> None:
        """Drop all programs, and what was noted of them."""
        self.entry.__code__ = self.general_code
        old = self.versions
        self.versions = Versions(self.name, old.signature, self.parameters, self.lock)
        self.surroundings, self._direct = Surroundings(), {}
        self.recordings.forget()

    def _of(self, owner: Any) -> Jitted:
        """Return the jitted method of one object."""
        found = self._bound.get(id(owner))
        if found is None:
            with self.lock:
                if len(self._bound) >= OWNERS:
                    del self._bound[next(iter(self._bound))]
                found = self._bound.setdefault(
                    id(owner), Jitted(MethodType(self.function, owner), self.engine, self.check)
                )
        return found

    # ------------------------------------------------------------ recording

    def record(self, version: Version, leaves: Sequence[float], index: int) -> bool:
        """Record the path of these numbers as number ``index``; return False where that path exists already."""
        with self.lock:
            if index < len(version.paths):
                return False
            if index == PATHS:
                raise TooManyPathsError(
                    f"takes more than {PATHS} different paths through its `if`s (or loops): the function itself runs "
                    "for the others, uncompiled. Choose with where(condition, a, b), maximum, relu, abs…, which keep "
                    "both branches in one program"
                )
            if not version.paths:
                self.recordings.another_version(self.versions.recorded)
            program, result = self.trace(version, leaves)
            version.paths.append(Path(program, result, self.engine, self.name, self.lock))
            self._open_entry(version)
            return True

    def trace(self, version: Version, leaves: Sequence[float]) -> tuple[Program, Structure]:
        """Run the function on recorded numbers; return its program and the structure of its result."""
        found: list[Structure] = []
        count, _, keywords, *shapes = version.shapes

        def flat(*scalars: Any) -> list[Any]:
            parts = iter(scalars)
            trees = [rebuild(shape, parts) for shape in shapes]
            result = self.function(*trees[:count], **dict(zip(keywords, trees[count:], strict=True)))
            check_unchanged(self.name, trees, shapes, scalars)
            if result is None:
                raise TraceError(f"{self.name} returned None; a jitted function returns the numbers it computes")
            try:
                outs, structure = flatten(result, f"the result of {self.name}")
            except TypeError as error:
                raise TraceError(f"{error}; a jitted function returns Values or numbers") from None
            found.append(structure)
            return outs

        flat.__name__ = self.name
        kind = TracedColumn if version.columns else Traced
        late = loops_from() if self.engine == "auto" else None
        program, notes = record(flat, leaves, version.names, pull_back, root=self.function, kind=kind, late=late)
        self.surroundings.add(notes)
        is_long = late is not None and len(program) >= LONG
        return program if is_long or program.pull is not None else simplify(program), found[-1]

    def _open_entry(self, version: Version) -> None:
        """Replace the entry's code by code that runs the program for floats of the first shape."""
        count, columns, keywords, *shapes = version.shapes
        if self.check or keywords or columns or not self.versions.is_first(version):
            return
        paths = [self._inlined(version, path) for path in version.paths]
        self.recordings.entered(paths[-1].calls, WARM)
        codes, holds = self.surroundings.for_entry()
        code = entry(paths, shapes[:count], self.parameters, codes, holds, self.entry.__globals__, self.name)
        self.entry.__code__ = self.general_code if code is None else code

    def _inlined(self, version: Version, path: Path) -> Inline:
        return inlined(path, functools.partial(self._warm, version), version.is_warm)

    def _warm(self, version: Version) -> None:
        """Switch to native code, because the function is called often."""
        with self.lock:
            version.is_warm = True
            for path in version.paths:
                path.whole.warm_up()
            self._open_entry(version)
