"""jit: compile a Python function to a program.

The function runs once on traced numbers; afterwards its program runs. A program is valid for the
inputs that take the same path through the function's ``if``s; another path is recorded when an
input takes it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Protocol, TypeAlias, overload

from autograd_mini.program.ir import Program
from autograd_mini.program.jit.arguments import examples
from autograd_mini.program.jit.jitted import Jitted
from autograd_mini.program.jit.signatures import A, CompiledFunction, CompiledTransform, N, O, P, R, V
from autograd_mini.program.run import Engine, target_of
from autograd_mini.program.watch.checked import checking
from autograd_mini.transforms.signatures import Transformed

__all__ = ["jit"]

Function: TypeAlias = Callable[..., Any]


class Decorator(Protocol):
    """``jit`` with its options given, which takes the function."""

    @overload
    def __call__(  # type: ignore[overload-overlap]
        self, function: Transformed[A, P, N, V, O]
    ) -> CompiledTransform[A, P, N, V, O]: ...
    @overload
    def __call__(self, function: Callable[P, R]) -> CompiledFunction[P, R]: ...
    def __call__(self, function: Any) -> Any:
        """Return the function compiled."""


@overload
def jit(  # type: ignore[overload-overlap]
    function: Transformed[A, P, N, V, O], *, engine: Engine = "auto", check: bool | None = None
) -> CompiledTransform[A, P, N, V, O]: ...
@overload
def jit(function: Callable[P, R], *, engine: Engine = "auto", check: bool | None = None) -> CompiledFunction[P, R]: ...
@overload
def jit(*, engine: Engine = "auto", check: bool | None = None) -> Decorator: ...
def jit(function: Function | None = None, *, engine: str = "auto", check: bool | None = None) -> Any:
    """Return ``function`` compiled: recorded, then run without Values.

    **A compiled function gives what the plain function would give now, or it says why it cannot.**

    Numbers give numbers; Values give Values, which differentiate to any order. Arguments and
    results may be nested lists, tuples, dicts and dataclasses. None, bools, strings and members
    of an Enum choose a version of the function; so does an int where the function needs an int (an
    index, ``range``), elsewhere it is a number. Captured Values (a model's parameters) are read at
    each call. ``jit(grad(f))``, ``jit(value_and_grad(f))``,
    ``jit(hessian(f))`` and ``grad(jit(f))`` work; ``@jit`` works on methods.

    **Arrays.** A function of single numbers runs over the columns of ndarrays, which broadcast
    as in a NumPy ufunc; each row takes its own path through ``if``. A function that uses an array
    as a whole (its length, an element, ``np.mean``, ``@``) is recorded on all its numbers,
    up to 10,000, for each shape.

    **Branches.** Each path through ``if`` and loops is recorded when a call, or a row, takes it.
    With more than 64 paths the function itself runs, uncompiled, with one warning.

    **Surroundings.** What the function and its helpers read besides arguments (globals, closures,
    attributes, classes, modules, containers, arrays, defaults, caches, names that do not exist) is watched,
    and the function is recorded again when any of it changes. TraceError is raised for random draws (pass
    the draw as an argument), clocks, files, iterators, settings, methods of C objects with hidden state, threads,
    changing an argument in place, and state that the function both reads and changes. Not noticed:
    what a library's own functions read (``np.errstate``, print options, the locale); a clock called by
    C code alone (``map(time.ctime, xs)``, ``np.datetime64("now")``); ``vars(layer)["w"] = …`` of an ``nn``
    module; a weak reference whose object nobody else keeps.

    **Types.** A traced number is a Value: ``isinstance(x, float)`` and ``x is True`` are False for
    it, ``type(x)`` is not float, ``str(x)`` is "Value(traced…)", and it is unhashable. Branch by
    comparing numbers. Division by zero gives inf or nan and raises nothing.

    ``engine`` is "llvm" (native code, needs llvmlite), "numpy", "python", or "auto": arrays by
    llvm where it is installed, else NumPy; single numbers by Python text, and by native code
    where the function is large or called often. A function of a thousand operations and more
    that has structure (long sums, layers, steps in time) runs as loops under "auto": its sums may be taken in another
    order, equal to about 1e-12; an engine chosen by name keeps the order. ``check=True`` compares every result with
    the function's own and raises CompiledDiffersError where they differ; it is the default where the
    environment variable AUTOGRAD_MINI_CHECK is 1. ``f.program(*args)`` is the program for
    such arguments, ``f.program(*args).source(target)`` its text.

    >>> from autograd_mini import tanh, value_and_grad
    >>> slope = jit(value_and_grad(lambda x: tanh(x) * 2.0))
    >>> slope(0.0)
    (0.0, 2.0)

    Raises TypeError where ``function`` cannot be called; a call raises TraceError where the function
    does something that a program cannot repeat.
    """
    target_of(engine, "jit: ")
    if function is None:
        return functools.partial(jit, engine=engine, check=check)
    if not callable(function):
        raise TypeError(f"jit takes a function, got {type(function).__name__!r}")
    if check is not None and not isinstance(check, bool):
        raise TypeError(f"jit: check is {check!r}, a {type(check).__name__}; True, False or None is needed")
    jitted = Jitted(function, engine, checking() if check is None else check)

    def program(*args: Any, **kwargs: Any) -> Program:
        """Return the program that a call with these arguments runs."""
        jitted.drop_stale()
        found, _ = jitted.versions.settled(
            args, kwargs, lambda leaves, version: jitted.on_numbers(version, examples(leaves))[0].program
        )
        return found

    jitted.entry.program = program  # type: ignore[attr-defined]
    return jitted.entry
