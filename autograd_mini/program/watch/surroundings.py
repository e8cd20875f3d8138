"""Surroundings: everything that recorded programs depend on, checked in one call.

``record`` runs a function twice under a recorder, notes what it read, and raises where a program
could not repeat it. ``jit``, ``Batch`` and the training loop keep the notes of all their programs in
one ``Surroundings`` and call ``holds()`` before each use.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from types import CellType, CodeType, FunctionType
from typing import TypeGuard

from autograd_mini.program.watch.contents import Contents, all_hold
from autograd_mini.program.watch.notes import ABSENT, Note
from autograd_mini.program.watch.reach import AnyNote
from autograd_mini.program.watch.stamp import STAMP, Parts, Stamp, Stamped

__all__ = ["Surroundings", "condition"]

FEW = 4  # with so many notes of stamped objects, the stamp is checked first


class Surroundings:
    """What recorded functions read besides their arguments, and whether it is unchanged.

    ``holds``  a function of no arguments: True while nothing has changed
    """

    def __init__(self) -> None:
        self.notes: dict[tuple[object, ...], AnyNote] = {}
        self.holds: Callable[[], bool] = _nothing_noted

    def add(self, notes: dict[tuple[object, ...], AnyNote]) -> None:
        """Add these notes."""
        new = {key: note for key, note in notes.items() if key not in self.notes}
        if new:
            self.notes |= new
            self.holds = condition(list(self.notes.values()))

    def for_entry(self) -> tuple[list[tuple[FunctionType, CodeType]], Callable[[], bool] | None]:
        """Return the checks that an entry makes inline, and a function for all others, or None.

        Inline are functions with their code objects: reading ``__code__`` cannot fail, and saves a call.
        """
        notes = list(self.notes.values())  # a copy: other threads add some
        codes = [note for note in notes if _is_code(note)]
        if len(codes) > FEW:
            return [], self.holds
        rest = [note for note in notes if not _is_code(note)]
        return [(note.holder, note.seen) for note in codes], condition(rest) if rest else None

    def changed(self) -> str:
        """Return the label of the first object that changed, for a message; "" where none did."""
        for note in list(self.notes.values()):
            if not condition([note])():
                return note.label
        return ""


def _is_code(note: AnyNote) -> TypeGuard[Note]:
    return isinstance(note, Note) and note.name == "__code__" and type(note.holder) is FunctionType


def _nothing_noted() -> bool:
    return True


def condition(notes: list[AnyNote]) -> Callable[[], bool]:
    """Return a function that is true while all the notes hold.

    Notes of stamped objects are checked only where the stamp has changed.
    """
    stamped: list[AnyNote] = [note for note in notes if isinstance(note.holder, Stamped | Parts)]
    if len(stamped) < FEW:
        return _condition(notes, None)
    known = Stamp()
    each = _condition(stamped, None)

    def all_hold() -> bool:
        now = STAMP.now
        holds = each()
        if holds:
            known.now = now
        return holds

    return _condition([note for note in notes if not isinstance(note.holder, Stamped | Parts)], (known, all_hold))


def _condition(notes: list[AnyNote], stamped: tuple[Stamp, Callable[[], bool]] | None) -> Callable[[], bool]:
    """Return a function that is true while all the notes hold, and the stamped notes too.

    Its globals are those of the module with the most notes, and its cells are those of the noted
    functions, so that most conditions take two bytecode instructions.
    """
    spaces = {id(note.holder): note.holder for note in notes if isinstance(note, Note) and note.kind == "item"}
    often = Counter(id(note.holder) for note in notes if isinstance(note, Note))
    modules = [space for space in spaces.values() if "__builtins__" in space]
    home = max(modules, key=lambda space: often[id(space)], default={"__builtins__": __builtins__})
    taken = {note.name for note in notes if isinstance(note, Note)}
    prefix = "_k"
    while any(name.startswith(prefix) for name in taken):
        prefix += "_"
    cells: dict[str, CellType] = {}
    known: dict[int, str] = {}

    def name(item: object) -> str:
        found = known.get(id(item))
        if found is None:
            found = known[id(item)] = f"{prefix}{len(cells)}"
            cells[found] = CellType(item)
        return found

    def text(note: AnyNote) -> str:
        if isinstance(note, Note) and note.kind == "cell":
            cell = f"{prefix}{len(cells)}"
            cells[cell] = note.holder
            return note.text(name, cell)
        if isinstance(note, Note) and note.holder is home and note.seen is not ABSENT:
            return note.text(name, note.name)
        return note.text(name)

    parts = [text(note) for note in notes]
    bulk = [note for note in notes if isinstance(note, Contents) and note.is_bulk]
    if bulk:
        parts.append(f"{name(all_hold(bulk))}()")
    if stamped is not None:
        parts.append(f"({name(STAMP)}.now is {name(stamped[0])}.now or {name(stamped[1])}())")
    parts = [part for part in dict.fromkeys(parts) if part != "True"]
    if not parts:
        return _nothing_noted
    # a failing look-up is a change too: a deleted name, a shorter list
    lines = [
        f"def make({', '.join(cells)}):", " def holds():", "  try:",
        f"   return ({' and '.join(parts)})", "  except Exception:", "   return False", " return holds",
    ]  # fmt: skip
    made = compile("\n".join(lines), "<autograd_mini surroundings>", "exec")
    maker = next(each for each in made.co_consts if isinstance(each, CodeType))
    code = next(each for each in maker.co_consts if isinstance(each, CodeType))
    return FunctionType(code, home, "holds", None, tuple(cells[each] for each in code.co_freevars))
