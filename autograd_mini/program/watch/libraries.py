"""Objects of Python's own libraries of which something else than attributes counts."""

from __future__ import annotations

import decimal
import functools
import logging
from types import BuiltinFunctionType, GetSetDescriptorType, MemberDescriptorType
from typing import Any

from autograd_mini.program.record.traced import TraceError
from autograd_mini.program.watch.atoms import is_atom
from autograd_mini.program.watch.foreign import numbers_of
from autograd_mini.program.watch.members import Members, found_in
from autograd_mini.program.watch.notes import ABSENT, Answer, Note
from autograd_mini.program.watch.outside import asked_by_user
from autograd_mini.program.watch.witness import slots_of

__all__ = ["check_partial", "note_array", "note_decimal", "note_logger", "note_shown"]

OF_OBJECTS = {"__dict__", "__class__", "__weakref__"}  # which are noted by themselves


def note_logger(members: Members, logger: logging.Logger, label: str) -> None:
    """Note what it lets pass; to whom it hands that on is no part of a function's result."""
    members.note(
        f"the level below which all is silent, of {label}",
        "attribute",
        logger.manager,
        "disable",
        logger.manager.disable,
    )
    for name in members.attributes & vars(logger).keys():
        members.note(f"the {name} of {logger.name}", "attribute", logger, name, getattr(logger, name))
    above: logging.Logger | None = logger
    while above is not None:
        for name in ("level", "disabled", "parent"):
            note = Note(f"the {name} of {above.name}", "attribute", above, name, getattr(above, name))
            members.add(note)
        above = above.parent


def check_partial(item: functools.partial[Any]) -> None:
    """Refuse what calls a clock or the like where no hook sees it."""
    complaint = asked_by_user(item.func) if isinstance(item.func, BuiltinFunctionType) else ""
    if complaint:
        raise TraceError(f"the function {complaint}")


def note_decimal(members: Members, item: Any) -> None:
    """Note the context of decimal arithmetic where a recorded function could use it."""
    if item is decimal or item is decimal.Decimal:
        context = decimal.getcontext()
        members.note("the context of decimal", "call", decimal.getcontext, "", context)
        for name in ("prec", "rounding", "Emin", "Emax", "clamp"):
            members.note(f"decimal's {name}", "attribute", context, name, getattr(context, name))


def note_array(members: Members, item: Any, label: str) -> None:
    """Note the numbers of another library's array, and follow its objects."""
    numbers = Answer(label, functools.partial(numbers_of, item, label), item)
    members.add(numbers)
    for each in numbers.seen if isinstance(numbers.seen, list) else ():  # objects
        members.look_at(each, f"an element of {label}")
    if hasattr(item, "axes") and hasattr(item, "attrs"):  # a table of pandas
        members.add(Answer(f"the labels of {label}", lambda: [*item.axes], vars(item)))
        members.look_at(item.attrs, f"the attrs of {label}")


def note_shown(members: Members, item: Any, label: str) -> None:
    """Note what an object in C, or with a base in C, shows as attributes, and follow it."""
    slots = {slot for slot, _ in slots_of(item)}
    for name in members.attributes - slots - OF_OBJECTS:
        if isinstance(found_in(type(item), name), GetSetDescriptorType | MemberDescriptorType):
            content = getattr(item, name, ABSENT)
            if is_atom(content) or content is getattr(item, name, ABSENT):
                members.note(f"{label}.{name}", "attribute", item, name, content)
            else:  # made anew each time
                members.look_at(content, f"{label}.{name}")
