"""Objects of Python's own libraries of which something else than attributes counts."""

from __future__ import annotations

import decimal
import functools
import logging
from types import BuiltinFunctionType
from typing import Any

from autograd_mini.program.record.traced import TraceError
from autograd_mini.program.watch.members import Members
from autograd_mini.program.watch.notes import Note
from autograd_mini.program.watch.outside import asked_by_user

__all__ = ["check_partial", "note_decimal", "note_logger"]


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
