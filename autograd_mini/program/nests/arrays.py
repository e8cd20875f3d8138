"""Arrays: where the numbers of a block program are while its loop nests run.

One array of work memory has what the nests compute and pass on; another has the outputs. Inputs are in
the work memory too, or in arrays of their own (``apart``) unless a block reads them together with other numbers.
Literals that differ from application to application are arrays of numbers; addresses that follow
no rule are tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

import numpy as np

from autograd_mini.program.blocks.access import Codes, as_codes
from autograd_mini.program.blocks.ir import BlockProgram
from autograd_mini.program.nests.index import Index, index_of

__all__ = ["INPUTS", "NUMBERS", "OUTPUTS", "PARAMETERS", "WORK", "Arrays"]

WORK, INPUTS, PARAMETERS, OUTPUTS = "work", "inputs", "parameters", "outputs"
NUMBERS = "numbers"
"""Constant arrays are numbers0, numbers1…"""
NAMES = (WORK, INPUTS, PARAMETERS, OUTPUTS)


class Arrays:
    """The place of each variable, the constant arrays and the tables.

    ``read``  the tables of codes that nests read
    ``kept``  first, count and places of the results that a nest passes on in memory: as many places as results, or one
              where only the last of them is read
    """

    def __init__(
        self, program: BlockProgram, read: Iterable[Codes], kept: Iterable[tuple[int, int, int]], *, apart: bool
    ) -> None:
        self.program = program
        self.numbers: list[tuple[float, ...]] = []
        self.tables: list[Codes] = []
        self._known: dict[bytes, int] = {}
        self.size = 0
        self.set: dict[int, float] = {}  # address in the work memory → the literal that is there
        self._literal: dict[int, int] = {}
        self.home = np.zeros(program.next_variable, dtype=np.int64)
        self.at = np.full(program.next_variable, -1, dtype=np.int64)
        self.copied = self._allot_inputs(list(read), apart)
        for first, count, places in kept:
            self.at[first : first + count] = self._more(places)

    def _more(self, count: int) -> Codes:
        self.size += count
        return np.arange(self.size - count, self.size)

    def _allot_inputs(self, read: list[Codes], apart: bool) -> list[str]:
        """Give the inputs their places; return the arrays of inputs that are copied into the work memory."""
        arguments, count = len(self.program.arguments), self.program.count
        parts = {INPUTS: slice(0, arguments), PARAMETERS: slice(arguments, count)}
        kind = np.zeros(self.program.next_variable + 1, dtype=np.int64)  # the last element is for literals
        kind[parts[INPUTS]], kind[parts[PARAMETERS]] = 1, 2
        copied: set[int] = set() if apart else {1, 2}
        literals: set[int] = set()
        for table in read:
            kinds = np.unique(kind[np.maximum(table, -1)])
            if len(kinds) > 1 or (table < 0).any():
                mixed = np.unique(table[table < 0])
                if len(kinds) > 1 or (table >= 0).any():
                    copied.update(kinds.tolist())
                    literals.update(mixed.tolist())
        for number, name in ((1, INPUTS), (2, PARAMETERS)):
            part = parts[name]
            if number in copied:
                self.at[part] = self._more(part.stop - part.start)
            else:
                self.home[part], self.at[part] = number, np.arange(part.stop - part.start)
        for code in sorted(literals, reverse=True):
            (place,) = self._more(1).tolist()
            self._literal[code] = place
            self.set[place] = self.program.literals[-1 - code]
        return [
            name for number, name in ((1, INPUTS), (2, PARAMETERS)) if number in copied and len(self.at[parts[name]])
        ]

    def give_to_outputs(self, variables: Codes, places: Codes) -> None:
        """Let these variables be written to the outputs at ``places``, and nowhere else."""
        self.home[variables], self.at[variables] = NAMES.index(OUTPUTS), places

    def output(self, places: Codes, outer: tuple[int, ...]) -> Index:
        """Return the index of these places of the outputs."""
        return index_of(OUTPUTS, as_codes(places), outer, (), self.table)

    def index(self, codes: Codes, outer: tuple[int, ...], inner: tuple[int, ...] = ()) -> Index:
        """Return the index of the numbers of these codes."""
        if (codes < 0).all():
            return self._constants(codes, outer, inner)
        homes = np.unique(self.home[codes[codes >= 0]])
        assert len(homes) == 1
        addresses = np.where(codes >= 0, self.at[np.maximum(codes, 0)], 0)
        for code in np.unique(codes[codes < 0]).tolist():
            addresses[codes == code] = self._literal[code]
        return index_of(NAMES[homes[0]], as_codes(addresses), outer, inner, self.table)

    def table(self, entries: Codes) -> int:
        """Return the number of the table with these entries."""
        key = b"table" + as_codes(entries).tobytes()
        if key not in self._known:
            self._known[key] = len(self.tables)
            self.tables.append(as_codes(entries))
        return self._known[key]

    def _constants(self, codes: Codes, outer: tuple[int, ...], inner: tuple[int, ...]) -> Index:
        """Return the index in a constant array, which has each number once for the counters that it depends on."""
        full = codes.reshape(*outer, *inner)
        for axis in range(full.ndim):
            if (full == full.take([0], axis)).all():
                full = full.take([0], axis)
        numbers = np.array(self.program.literals)[-1 - full.ravel()]
        key = b"numbers" + numbers.tobytes()
        if key not in self._known:
            self._known[key] = len(self.numbers)
            self.numbers.append(tuple(numbers.tolist()))
        strides = tuple(0 if size == 1 else prod(full.shape[axis + 1 :]) for axis, size in enumerate(full.shape))
        return Index(f"{NUMBERS}{self._known[key]}", 0, strides)
