"""The registry of primitives: ``PRIMITIVES``, the rows by name, and ``primitive``, the function that adds a row."""

from __future__ import annotations

import inspect
import keyword
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from autograd_mini.primitives.row import Primitive, Reduction, Several
from autograd_mini.primitives.rule import REALS, Constants, Interval, Rule, check_count, without_zeros

__all__ = ["PRIMITIVES", "on_primitive", "primitive"]

_table: dict[str, Primitive] = {}
PRIMITIVES: Mapping[str, Primitive] = MappingProxyType(_table)
"""The table: every primitive by name, in the order of definition."""

_listeners: list[Callable[[Primitive], None]] = []


def primitive(
    name: str,
    value: Callable[..., Any] | str | None = None,
    partials: Rule | Constants | str | None = None,
    *,
    arity: int | None = 1,
    label: str | None = None,
    domain: tuple[Interval, ...] | None = None,
    aliases: tuple[str, ...] = (),
    defaults: tuple[float, ...] = (),
    static: tuple[int, ...] = (),
    expand: Rule | None = None,
    infix: str = "",
    python: str | None = None,
    numpy: str | None = None,
    javascript: str | None = None,
    llvm: str | None = None,
    words: Mapping[str, str] = MappingProxyType({}),
    flatten: Callable[..., tuple[Any, ...]] | None = None,
    outputs: bool = False,
    boolean: bool = False,
    chooses: bool = False,
    pull_back: Rule | None = None,
    doc: str = "",
) -> Primitive:
    """Add a primitive to the table and return it; the result is the function that users call.

    ``value`` maps floats to a float. ``partials(*args, out)`` returns the local derivative (a
    tuple of them for several arguments), written with the package's own functions, so that it
    can be differentiated again; or a tuple of numbers where the derivative is constant. Either may
    be text in x, y and out that is valid in Python and in C, as in "x * y" and "y, x".

    Where no adjoint flows to an argument (it is static, or on a branch not taken, or the function
    is a step) the partial is ``NO_FLOW``, which is None: unlike 0.0 it blocks an infinite partial
    behind it, which would give nan. ``where(x > 0.0, slope, NO_FLOW)`` chooses it in every engine.
    A partial that is 0.0 for all arguments is treated as NO_FLOW.

    ``expand`` is the value written in other primitives: every target can then run it, and ``value``
    may be left out. A row with several outputs, one per argument, may give ``pull_back(args, outs,
    adjoints)`` in place of partials. ``python``, ``numpy``, ``javascript``, ``llvm`` are the code of
    the row in that target (a format in ``{0}``, ``{1}``…, or the name of a function); ``words`` maps
    any target's name to such code. They take precedence over the target's own code. The other
    arguments are described in ``Primitive``.

    >>> cube = primitive("cube", lambda x: x * x * x, lambda x, out: 3.0 * x * x)
    >>> cube(2.0)
    8.0

    Raises ValueError for a name that exists already or is not an identifier, TypeError for a missing rule.
    """
    if not isinstance(name, str):
        raise TypeError(f"primitive: the name is {name!r}, a {type(name).__name__}; a string such as 'erf' is needed")
    if not name.isidentifier() or keyword.iskeyword(name):
        raise ValueError(f"primitive name {name!r} is not an identifier; use letters, digits and _, as in 'erf'")
    for taken in (name, *aliases):
        if taken in _table:
            raise ValueError(f"primitive {taken!r} exists already; choose another name")
    if value is None:
        value = expand
    if value is None:
        raise TypeError(f"primitive {name!r} needs a value: a function of floats, or expand=")
    if partials is None and pull_back is None:
        raise TypeError(f"primitive {name!r} needs partials: a function of its arguments and output, or a tuple")
    if not callable(value) and not isinstance(value, str):
        raise TypeError(f"primitive {name!r}: value is {value!r}; a function of floats is needed")
    if partials is not None and not callable(partials) and not isinstance(partials, (tuple, str)):
        raise TypeError(f"primitive {name!r}: partials is {partials!r}; a function or a tuple of numbers is needed")
    if arity and callable(value) and (callable(partials) or isinstance(partials, tuple)):
        check_count(name, value, partials, arity, domain)
    if callable(partials) and arity is not None:
        partials = without_zeros(partials, arity)
    spelled = {"python": python, "numpy": numpy, "javascript": javascript, "llvm": llvm, **words}
    row = (Several if outputs else Reduction if arity is None else Primitive)(
        name, value, partials,
        arity=arity,
        label=label or name,
        domain=domain or (REALS,) * (arity or 1),
        aliases=aliases,
        defaults=defaults,
        static=static,
        expand=expand,
        infix=infix,
        spellings=MappingProxyType({target: text for target, text in spelled.items() if text is not None}),
        flatten=flatten,
        outputs=outputs,
        boolean=boolean,
        chooses=chooses,
        pull_back=pull_back,
        doc=doc,
    )  # fmt: skip
    row.__doc__ = f"{name}{inspect.signature(row)}\n\n{doc}".rstrip()
    for listener in _listeners:  # before the row is added, so that a refused row changes nothing
        listener(row)
    _table[name] = row
    return row


def on_primitive(listener: Callable[[Primitive], None]) -> None:
    """Call ``listener`` with every existing row of the table, and with every row added later."""
    for row in _table.values():
        listener(row)
    _listeners.append(listener)


def rows() -> Iterator[Primitive]:
    """Yield the rows of the table in the order of definition."""
    yield from _table.values()
