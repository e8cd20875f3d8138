"""Lane: one application of the blocks that share a nest, as a flat program."""

from __future__ import annotations

from collections.abc import Set

import numpy as np

from autograd_mini.primitives.row import Primitive
from autograd_mini.primitives.table import add, affine, mul, not_equal, total, where
from autograd_mini.program.blocks.access import Codes, Mask
from autograd_mini.program.blocks.choice import choice
from autograd_mini.program.blocks.grid import row_ids
from autograd_mini.program.blocks.ir import Block
from autograd_mini.program.blocks.loop import carried
from autograd_mini.program.ir import Instruction, Operand, Program
from autograd_mini.program.nests.arrays import Arrays
from autograd_mini.program.nests.group import Group, is_wide
from autograd_mini.program.nests.index import Index, common_shape
from autograd_mini.program.nests.nest import Carry, Choice, Nest, Sum

__all__ = ["Lane"]


class Lane:
    """Builds the nest of a group; ``kept`` are the first results of the blocks that are passed on in memory.

    ``truths`` says which variables are truth values: in memory they are numbers, 1 and 0.
    """

    def __init__(self, group: Group, arrays: Arrays, truths: Mask, kept: Set[int]) -> None:
        self.group, self.arrays, self.truths, self.kept = group, arrays, truths, kept
        self.blocks = blocks = group.blocks
        self.carries: dict[bytes, tuple[tuple[int, ...], Codes, int]] = {}
        self.literals = arrays.program.literals
        self.fresh = 0
        self.made: dict[int, int] = {}  # the first result of a block → its variable in the lane
        self.reads: dict[bytes, tuple[int, Index]] = {}
        self.truth_of: dict[int, int] = {}
        self.steps: list[Instruction] = []
        sequences: list[Codes] = []
        for block in blocks if not group.in_turn else ():
            for access in block.operands:
                table = access.table.reshape(block.count, -1)
                if access.repeated is None and (table < 0).all():
                    sequences.append(row_ids(table)[1])
                elif access.repeated is None:
                    sequences += map(self._addresses, table.T[:1] if is_wide(block) else table.T)
        self.outer = common_shape(sequences, blocks[0].count)

    def _addresses(self, codes: Codes) -> Codes:
        return np.where(codes >= 0, self.arrays.at[np.maximum(codes, 0)], codes)

    def nest(self) -> Nest:
        """Return the nest."""
        first: list[Sum | Choice] = []
        outputs: list[Operand] = []
        writes: list[Index] = []
        for block in self.blocks:
            if is_wide(block):
                result = self._variable()
                first.append(self._wide(block, result))
            else:
                result = self._narrow(block)
            self.made[block.first] = result
        for block in self.blocks:
            if block.first in self.kept:
                outputs.append(self._as_number(self.made[block.first], block.primitive.boolean))
                writes.append(self.arrays.index(np.array(block.results), self.outer))
        carries = tuple(self._carry(*each) for each in self.carries.values())
        inputs = (
            *(x for x, _ in self.reads.values()),
            *(each.variable for each in first),
            *(x for each in carries for x in each.variables),
        )
        lane = Program(inputs, tuple(self.steps), (*outputs, *(each.result for each in carries)))
        return Nest(self.outer, tuple(first), tuple(self.reads.values()), lane, tuple(writes), carries)

    def _carry(self, variables: tuple[int, ...], starts: Codes, place: int) -> Carry:
        block = self.blocks[place]
        found = tuple(self._number(starts[i : i + 1], (1,)) for i in range(len(starts)))
        return Carry(variables, found, self._as_number(self.made[block.first], block.primitive.boolean))

    def _as_number(self, made: int, truth: bool) -> int:
        return self._step(where, made, 1.0, 0.0) if truth else made

    def _variable(self) -> int:
        self.fresh += 1
        return self.fresh - 1

    def _wide(self, block: Block, result: int) -> Sum | Choice:
        tables = [access.table for access in block.operands]
        if block.primitive is choice:
            values = self.arrays.index(tables[0], self.outer, (block.width,))
            return Choice(result, values, self._number(tables[1], self.outer), block.width)
        wide = tables[:2] if block.primitive is affine else tables
        rows = [row_ids(t.T)[1] if (t < 0).all() else self._addresses(t[0]) for t in wide]
        inner = common_shape(rows, block.width)
        start = self._number(tables[2], self.outer) if block.primitive is affine else -0.0
        return Sum(result, start, tuple(self.arrays.index(t, self.outer, inner) for t in wide), inner)

    def _number(self, table: Codes, outer: tuple[int, ...]) -> Index | float:
        """Return where the numbers of a table are, or the literal that all of them are."""
        if int(table[0]) < 0 and (table == table[0]).all():
            return self.literals[-1 - int(table[0])]
        return self.arrays.index(table, outer)

    def _narrow(self, block: Block) -> int:
        """Append the instructions of one application; return its result."""
        columns = [column for x in block.operands for column in x.table.reshape(block.count, -1).T]
        operands = [self._operand(column) for column in columns]
        if block.primitive.arity is not None:
            return self._step(block.primitive, *operands)
        if block.primitive is affine:
            terms: list[Operand] = [operands[-1]]
            terms += [
                self._step(mul, a, b) for a, b in zip(operands[: block.width], operands[block.width : -1], strict=True)
            ]
            if isinstance(terms[0], float) and terms[0].hex() == (-0.0).hex():
                terms = terms[1:]  # −0.0 adds nothing
        else:
            assert block.primitive is total
            terms = operands
        found = terms[0]
        for each in terms[1:]:
            found = self._step(add, found, each)
        assert isinstance(found, int)
        return found

    def _step(self, row: Primitive, *operands: Operand) -> int:
        result = self._variable()
        self.steps.append(Instruction(row, operands, (result,)))
        return result

    def _operand(self, column: Codes) -> Operand:
        """Return the variable or literal of the lane for what a column of codes reads."""
        code = int(column[0])
        if code < 0 and (column == code).all():
            return self.literals[-1 - code]
        if self.group.in_turn and (back := self.group.back(column)) is not None:
            return self._carried(column, back)
        if not self.group.in_turn and code in self.made and (len(column) == 1 or column[1] == code + 1):
            return self.made[code]
        key = column.tobytes()
        if key not in self.reads:
            variable = self._variable()
            self.reads[key] = variable, self.arrays.index(column, self.outer)
            self._note_truth(variable, column)
        variable = self.reads[key][0]
        return self.truth_of.get(variable, variable)

    def _carried(self, column: Codes, back: int) -> int:
        """Return the variable of what a block of the loop made ``back`` turns ago."""
        found = carried(column, self.blocks)
        assert found is not None
        if not back:
            return self.made[self.blocks[found.place].first]
        key = column.tobytes()
        if key not in self.carries:
            variables = tuple(self._variable() for _ in range(back))
            self.carries[key] = variables, column[:back], found.place
            self._note_truth(variables[0], column)
        variable = self.carries[key][0][0]
        return self.truth_of.get(variable, variable)

    def _note_truth(self, variable: int, column: Codes) -> None:
        if self.truths[column[column >= 0]].any():  # in memory a number
            self.truth_of[variable] = self._step(not_equal, variable, 0.0)
