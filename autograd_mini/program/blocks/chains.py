"""Folding: a chain of instructions becomes one n-ary instruction.

((0 + w₁x₁) + w₂x₂) + b is ``affine`` of two products; a + b + c + d is ``total`` of four numbers;
where(t == 0, a, where(t == 1, b, nan)) is ``choice`` by t, and so is ``take``. An instruction is folded only where
nothing else reads it. The sums keep the order of their terms, except for a bias, which comes first, and a
literal, which comes last; engines may add in another order. ``exact`` folds only what has the bits of the flat
program when each n-ary row is computed from left to right.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from autograd_mini.primitives.row import Primitive
from autograd_mini.primitives.table import add, affine, equal, less, mul, take, total, where
from autograd_mini.program.blocks.access import Codes
from autograd_mini.program.blocks.choice import choice
from autograd_mini.program.blocks.flat import Flat

__all__ = ["Line", "fold"]

STRETCHES = 3  # of products and of other terms in one exact sum
NOTHING = -0.0  # x + −0.0 is x, including the sign of zero


@dataclass(slots=True)
class Line:
    """One n-ary instruction: a row, its operands' codes, its first result."""

    row: Primitive
    codes: Codes
    first: int


class _Folding:
    def __init__(self, flat: Flat, variables: int, others: Codes, exact: bool) -> None:
        self.flat, self.fresh, self.exact = flat, variables, exact
        read = np.concatenate([flat.codes, others])
        self.once = np.bincount(read[read >= 0], minlength=variables) == 1
        self.codes = {each.hex(): -1 - index for index, each in enumerate(flat.literals)}
        self.zero = self._literal(NOTHING)
        self.lines: list[Line] = []
        self.choices: dict[int, tuple[list[int], int]] = {}  # result → values and index
        self.places: dict[tuple[int, int], int] = {}  # index and number of values → the index, counted from the start

    def _literal(self, number: float) -> int:
        key = number.hex()
        if key not in self.codes:
            self.flat.literals.append(number)
            self.codes[key] = -len(self.flat.literals)
        return self.codes[key]

    def run(self) -> list[Line]:
        flat, once = self.flat, self.once.tolist()
        starts, first = flat.starts.tolist(), flat.first.tolist()
        codes = flat.codes.tolist()
        sums: dict[int, deque[int]] = {}  # result → the terms of a sum that may grow
        products: dict[int, tuple[int, int]] = {}  # result → factors, of a product read once
        for k, row in enumerate(flat.rows):
            start = starts[k]
            if row is add:
                a, b = codes[start], codes[start + 1]
                left = sums.pop(a, None) if a >= 0 and once[a] else None
                if left is not None and self.exact:  # of two sums the second stays one number
                    left.append(b)
                    sums[first[k]] = left
                    continue
                right = sums.pop(b, None) if b >= 0 and once[b] else None
                if right is not None and self.exact:  # a + b is b + a, to the bit
                    right.append(a)
                    sums[first[k]] = right
                    continue
                sums[first[k]] = _joined(left, a, right, b)
            elif row is mul and once[first[k]]:
                products[first[k]] = codes[start], codes[start + 1]
        if self.exact:
            products = _apart(sums, products)
        absorbed = {x for terms in sums.values() for x in terms if x in products}
        for k, row in enumerate(flat.rows):
            if row is add:
                terms = sums.get(first[k])
                if terms is not None:
                    add_up = self._in_order if self.exact else self._sum
                    add_up(list(terms), products, first[k])
            elif row is take and codes[starts[k + 1] - 1] >= 0:
                self._take(codes[starts[k] : starts[k + 1]], first[k])
            elif first[k] not in absorbed:
                self.lines.append(Line(row, flat.codes[starts[k] : starts[k + 1]], first[k]))
        return [self._choice(line) for line in self._without_inner_choices()]

    def _sum(self, terms: list[int], products: dict[int, tuple[int, int]], first: int) -> None:
        """Append the sum of ``terms`` as one n-ary line."""
        pairs = [products[x] for x in terms if x in products]
        rest = self._one_literal([x for x in terms if x not in products])
        if not pairs:
            self._plain(rest, first)
            return
        bias = self.zero if not rest else rest[0]
        if len(rest) > 1:
            bias = self._variable()
            self._plain(rest, bias)
        codes = [*(a for a, _ in pairs), *(b for _, b in pairs), bias]
        self.lines.append(Line(affine, np.array(codes, dtype=np.int64), first))

    def _in_order(self, terms: list[int], products: dict[int, tuple[int, int]], first: int) -> None:
        """Append n-ary lines that add ``terms`` one by one: one for each stretch of products, or of other terms."""
        stretches = [list(each) for _, each in groupby(terms, lambda x: x in products)]
        so_far: int | None = None
        for stretch in stretches:
            result = first if stretch is stretches[-1] else self._variable()
            if stretch[0] in products:
                pairs = [products[x] for x in stretch]
                bias = self.zero if so_far is None else so_far
                codes = [*(a for a, _ in pairs), *(b for _, b in pairs), bias]
                self.lines.append(Line(affine, np.array(codes, dtype=np.int64), result))
            else:
                summed = stretch if so_far is None else [so_far, *stretch]
                if len(summed) == 1:
                    so_far = summed[0]
                    continue
                row = add if len(summed) == 2 else total
                self.lines.append(Line(row, np.array(summed, dtype=np.int64), result))
            so_far = result

    def _one_literal(self, terms: list[int]) -> list[int]:
        """Return ``terms`` with their literals added up, in the place of the first."""
        literals = [x for x in terms if x < 0]
        if len(literals) < 2:
            return terms
        number = self.flat.literals[-1 - literals[0]]
        for each in literals[1:]:
            number += self.flat.literals[-1 - each]
        return [self._literal(number), *(x for x in terms if x >= 0)]

    def _plain(self, terms: list[int], first: int) -> None:
        """Append a sum without products; its literal is added last, so that rows have one form."""
        if len(terms) == 2:
            self.lines.append(Line(add, np.array(terms, dtype=np.int64), first))
        elif terms[0] < 0:
            inner = self._variable()
            self._plain(terms[1:], inner)
            self.lines.append(Line(add, np.array([inner, terms[0]], dtype=np.int64), first))
        else:
            self.lines.append(Line(total, np.array(terms, dtype=np.int64), first))

    # ------------------------------------------------------------ choices

    def _take(self, codes: list[int], first: int) -> None:
        """Append ``take`` as a choice; those with the same index share its place, counted from the start."""
        *values, index = codes
        place = self.places.get((index, len(values)))
        if place is None:
            negative, around, place = self._variable(), self._variable(), self._variable()
            self.places[index, len(values)] = place
            for row, operands, result in (
                (less, [index, self._literal(0.0)], negative),
                (add, [index, self._literal(float(len(values)))], around),
                (where, [negative, around, index], place),
            ):
                self.lines.append(Line(row, np.array(operands, dtype=np.int64), result))
        self.lines.append(Line(choice, np.array([*values, place], dtype=np.int64), first))

    def _without_inner_choices(self) -> list[Line]:
        """Find the chains of ``where`` that choose by index; return the lines that are no inner parts of one."""
        made = {line.first: line for line in self.lines if line.row is where or line.row is equal}
        linked = {int(line.codes[2]) for line in made.values() if line.row is where}
        inner: set[int] = set()
        for line in self.lines:
            if line.row is where and not (line.first in linked and self.once[line.first]):
                links = self._links(line, made)
                if links is not None:
                    values, index, within = links
                    self.choices[line.first] = values, index
                    inner.update(within)
        return [line for line in self.lines if line.first not in inner]

    def _links(self, line: Line, made: dict[int, Line]) -> tuple[list[int], int, list[int]] | None:
        """Return the values, the index and the inner links of a chain that ends in nan and compares with 0 … n − 1."""
        values: dict[float, int] = {}
        index, within = None, []
        while True:
            condition, value, rest = line.codes.tolist()
            asked = made.get(condition)
            if asked is None or asked.row is not equal:
                return None
            number, key = sorted(asked.codes.tolist(), reverse=True)  # the literal has the lower code
            if key >= 0 or number < 0 or (index is not None and number != index):
                return None
            values.setdefault(self.flat.literals[-1 - key], value)  # the first comparison with this number decides
            index = number
            if rest < 0:
                break
            following = made.get(rest)
            if following is None or following.row is not where or not self.once[rest]:
                return None
            within.append(rest)
            line = following
        if self.flat.literals[-1 - rest] == self.flat.literals[-1 - rest] or len(values) < 2:
            return None
        if sorted(values) != list(range(len(values))):
            return None
        return [values[key] for key in sorted(values)], index, within

    def _choice(self, line: Line) -> Line:
        found = self.choices.get(line.first)
        if found is None:
            return line
        return Line(choice, np.array([*found[0], found[1]], dtype=np.int64), line.first)

    def _variable(self) -> int:
        self.fresh += 1
        return self.fresh - 1


def _apart(sums: dict[int, deque[int]], products: dict[int, tuple[int, int]]) -> dict[int, tuple[int, int]]:
    """Return the products without those of sums in which products and other terms alternate: these stay numbers."""
    mixed: set[int] = set()
    for terms in sums.values():
        if sum(1 for _ in groupby(terms, lambda x: x in products)) > STRETCHES:
            mixed.update(terms)
    return {x: factors for x, factors in products.items() if x not in mixed}


def _joined(left: deque[int] | None, a: int, right: deque[int] | None, b: int) -> deque[int]:
    """Return the terms of a + b in order; the shorter list joins the longer, so that long chains stay fast."""
    if left is None and right is None:
        return deque((a, b))
    if left is None:
        assert right is not None
        right.appendleft(a)
        return right
    if right is None:
        left.append(b)
        return left
    if len(left) >= len(right):
        left.extend(right)
        return left
    right.extendleft(reversed(left))
    return right


def fold(flat: Flat, variables: int, others: Codes, exact: bool = False) -> tuple[list[Line], int]:
    """Return the instructions with sums folded, and the number above that of every variable.

    ``variables`` is that number before; ``others`` are the variables that others read: guards, and instructions
    that are not folded. A literal that the folded sums need is added to ``flat.literals``. ``exact`` keeps the
    order of every sum.
    """
    folding = _Folding(flat, variables, others, exact)
    return folding.run(), folding.fresh
