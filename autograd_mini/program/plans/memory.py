"""Memory: where the numbers of a block program are stored while NumPy runs it, and the expressions that read them.

What differs from row to row of the batch has a last axis of N: numbers in ``work`` (the arguments
first, as far as they are loaded), truth values in ``bits``. What depends on the captured numbers
alone has none: ``theta``, ``fixed``, ``fixed_bits``. A regular access is a view, made once for each N;
any other is gathered into a buffer of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

import numpy as np

from autograd_mini.primitives.row import Primitive
from autograd_mini.program.blocks.access import Access, Codes, Mask, Strided, as_codes
from autograd_mini.program.blocks.ir import Block, BlockProgram
from autograd_mini.program.loops.multiply import multiply
from autograd_mini.program.record.recorder import TRUTHS

__all__ = ["Memory", "Namespace"]

Namespace = dict[str, Any]
WORK, BITS, THETA, FIXED, FIXED_BITS = range(5)
NAMES = ("work", "bits", "theta", "fixed", "fixed_bits")
VARYING = (WORK, BITS)
DOUBLE = 8


def view(memory: Any, offset: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> Any:
    """Return a window on contiguous memory; offset and strides count its elements."""
    size = memory.itemsize
    return np.ndarray(shape, memory.dtype, memory, offset * size, tuple(stride * size for stride in strides))


class Memory:
    """The homes of a program's variables, and the lines and objects that a plan needs to reach them."""

    def __init__(
        self,
        program: BlockProgram,
        literal: Callable[[float], str],
        unread: Collection[int] = (),
        native: bool = False,
    ) -> None:
        self.program, self.literal, self.native = program, literal, native
        self.skipped: set[int] = set()  # of the blocks that begin at ``unread``, those that vary: they get no memory
        self.arguments = len(program.arguments)
        self.home = np.full(program.next_variable, WORK, dtype=np.int64)
        self.home[self.arguments : program.count] = THETA
        self.address = np.zeros(program.next_variable, dtype=np.int64)
        self.address[: self.arguments] = np.arange(self.arguments)
        self.address[self.arguments : program.count] = np.arange(program.count - self.arguments)
        self.sizes = [self.arguments, 0, 0, 0, 0]
        for block in program.blocks:
            home = self._home(block)
            results = slice(block.first, block.first + block.size)
            self.home[results] = home
            if home == WORK and block.first in unread:
                self.skipped.add(block.first)
                continue
            self.address[results] = self.sizes[home] + np.arange(block.size)
            self.sizes[home] += block.size
        self.loaded = np.zeros(self.arguments, dtype=bool)
        self.before: list[str] = []  # lines at the beginning of each call
        self.bound: list[str] = []  # lines at the beginning of a call with another array theta
        self._views = 0
        self.lines: list[str] = []
        self.makers: list[tuple[str, Callable[[Namespace, int], Any]]] = []  # names made once for each N
        self._known: dict[tuple[Any, ...], str] = {}

    def _home(self, block: Block) -> int:
        varying = any((self.home[x.table[x.table >= 0]] <= BITS).any() for x in block.operands)
        if block.primitive.boolean:
            return BITS if varying else FIXED_BITS
        return WORK if varying else FIXED

    def varies(self, codes: Codes) -> bool:
        """Tell whether anything in ``codes`` differs from row to row."""
        return bool((self.home[codes[codes >= 0]] <= BITS).any())

    # ------------------------------------------------------------ names

    def make(self, prefix: str, maker: Callable[[Namespace, int], Any]) -> str:
        """Return the name of an object that is made once for each number of rows."""
        name = f"{prefix}{len(self.makers)}"
        self.makers.append((name, maker))
        return name

    def named(self, text: str, lines: list[str]) -> str:
        """Return a name for what ``text`` says, as one of ``lines``."""
        self._views += 1
        lines.append(f"p{self._views} = {text}")
        return f"p{self._views}"

    def bind(self, text: str) -> str:
        """Return a name for the result of ``text`` for theta, computed again only for another array."""
        return self.named(text, self.bound)

    def table(self, index: Codes) -> str:
        """Return the name of an index table."""
        kept = np.ascontiguousarray(index)
        return self.make("t", lambda _, __: kept)

    def buffer(self, shape: tuple[int, ...], varying: bool, dtype: str = "float64") -> str:
        """Return the name of memory of this shape, with the axis of rows where it varies."""
        return self.make("g", lambda _, n: np.empty((*shape, n) if varying else shape, dtype))

    def namespace(self, rows: int) -> Namespace:
        """Return the objects of a plan for so many rows."""
        names: Namespace = {"np": np, "view": view}
        if self.native:
            names["multiply"] = multiply()
        for home, name in enumerate(NAMES):
            if home != THETA:
                shape = (self.sizes[home], rows) if home in VARYING else (self.sizes[home],)
                names[name] = np.empty(shape, bool if "bits" in name else float)
        for name, maker in self.makers:
            names[name] = maker(names, rows)
        return names

    # ------------------------------------------------------------ reading

    def read(self, codes: Codes, varying: bool, *, truth: bool = False, whole: bool = False) -> str:
        """Return what reads ``codes`` as an array of their shape, with an axis of rows where ``varying``.

        A literal read everywhere is the number itself, unless a ``whole`` array is asked for.
        """
        flat = codes.reshape(-1)
        if not whole and flat[0] < 0 and (flat == flat[0]).all():
            number = self.program.literals[-1 - int(flat[0])]
            return str(number != 0.0) if truth else self.literal(number)
        key = ("read", varying, truth, codes.shape, codes.tobytes())
        if key not in self._known:  # variables are assigned once, so a gathered buffer stays right
            self._known[key] = self._read(codes, varying, truth)
        return self._known[key]

    def packed(self, codes: Codes, varying: bool) -> str:
        """Return the name of ``codes`` in one dimension without gaps, rows of the batch last where ``varying``."""
        if codes.min() >= 0 and len(homes := np.unique(self.home[codes]).tolist()) == 1 and homes[0] != THETA:
            rule = Access(as_codes(self.address[codes].reshape(-1))).strided
            if rule is not None and rule.strides in ((1,), (0,)) and (varying or homes[0] not in VARYING):
                name = self.read(codes, varying and homes[0] in VARYING, whole=True)
                return self.make("v", lambda names, _: names[name].reshape(-1))
        name, copy = self.read(codes, varying, whole=True), self.buffer(codes.shape, varying)
        self.lines.append(f"np.copyto({copy}, {name})")
        return self.make("v", lambda names, _: names[copy].reshape(-1))

    def _read(self, codes: Codes, varying: bool, truth: bool) -> str:
        if codes.min() >= 0:
            homes = np.unique(self.home[codes]).tolist()
            if len(homes) == 1:
                return self._one_home(homes[0], codes, varying)
        return self._pieces(codes, varying, truth)

    def _one_home(self, home: int, codes: Codes, varying: bool) -> str:
        addresses = as_codes(self.address[codes])
        rule = Access(addresses).strided
        if home in VARYING:
            if home == WORK:
                self.load(codes)
            if rule is not None:
                return self.window(home, rule)
            name = self.buffer(codes.shape, True, "bool" if home == BITS else "float64")
            self.lines.append(f"np.take({NAMES[home]}, {self.table(addresses)}, 0, {name}, 'clip')")
            return name
        new = "[..., None]" if varying else ""
        if rule is not None and home != THETA:
            return self.window(home, rule, varying)
        if rule is not None:
            return self.bind(f"view(theta, {rule.base}, {rule.shape}, {rule.strides}){new}")
        name = self.buffer(codes.shape, False, "bool" if home == FIXED_BITS else "float64")
        lines = self.before if home == THETA else self.lines
        lines.append(f"np.take({NAMES[home]}, {self.table(addresses)}, 0, {name}, 'clip')")
        return f"{name}{new}"

    def _pieces(self, codes: Codes, varying: bool, truth: bool) -> str:
        """Gather from several homes; literals are written once and stay."""
        flat = codes.reshape(-1)
        held = np.flatnonzero(flat < 0)
        numbers = [self.program.literals[-1 - code] for code in flat[held].tolist()]

        def maker(_: Namespace, n: int) -> Any:
            made = np.empty((flat.size, n) if varying else flat.size, bool if truth else float)
            made[held] = np.array(numbers)[:, None] if varying else numbers
            return made

        name = self.make("g", maker)
        for home in np.unique(self.home[flat[flat >= 0]]).tolist():
            places = np.flatnonzero((flat >= 0) & (self.home[np.maximum(flat, 0)] == home))
            if home == WORK:
                self.load(flat[places])
            new = "[:, None]" if varying and home not in VARYING else ""
            index = self.table(self.address[flat[places]])
            self.lines.append(f"{name}[{self.table(places)}] = {NAMES[home]}[{index}]{new}")
        shape = codes.shape
        return self.make("v", lambda names, n: names[name].reshape((*shape, n) if varying else shape))

    def window(self, home: int, rule: Strided, new: bool = False) -> str:
        """Return the name of a view of static memory."""

        def maker(names: Namespace, n: int) -> Any:
            memory = names[NAMES[home]]
            if home in VARYING:
                return view(memory, rule.base * n, (*rule.shape, n), (*(s * n for s in rule.strides), 1))
            found = view(memory, rule.base, rule.shape, rule.strides)
            return found[..., None] if new else found

        return self.make("v", maker)

    def result(self, block: Block, shape: tuple[int, ...]) -> str:
        """Return the name of the memory of a block's results, in ``shape``."""
        strides = tuple(int(np.prod(shape[axis + 1 :])) for axis in range(len(shape)))
        return self.window(int(self.home[block.first]), Strided(int(self.address[block.first]), shape, strides))

    def written(self, places: Codes, line: Callable[[str], str], *, scaled: bool = False) -> Iterator[str]:
        """Yield the lines that write to ``result[places]``, in place where the places are regular.

        ``scaled`` says that the line has multiplied by ``scale`` already.
        """
        rule = Access(as_codes(places)).strided
        if rule is not None:
            name = self.named(f"view(result, {rule.base}, {rule.shape}, {rule.strides})", self.before)
            yield line(name)
            if not scaled:
                yield f"np.multiply({name}, scale, {name})"
            return
        name = self.buffer(places.shape, False)
        yield line(name)
        if not scaled:
            yield f"np.multiply({name}, scale, {name})"
        yield f"result[{self.table(places)}] = {name}"

    @staticmethod
    def takes_truth(row: Primitive, position: int) -> bool:
        """Tell whether ``row`` takes a truth value as operand ``position``."""
        return position in TRUTHS.get(row, ())

    def fits(self, codes: Codes) -> Mask:
        """Return which codes differ from row to row (bool)."""
        found: Mask = (codes >= 0) & (self.home[np.maximum(codes, 0)] <= BITS)
        return found

    def load(self, codes: Codes) -> None:
        """See to it that the arguments among ``codes`` are in ``work``."""
        self.loaded[codes[(codes >= 0) & (codes < self.arguments)]] = True

    def columns(self, codes: Codes) -> str | None:
        """Return what reads a row of arguments where the caller has them, shape (codes, N); None if it is no row."""
        rule = Access(as_codes(codes)).strided
        if rule is None or codes.min() < 0 or codes.max() >= self.arguments or self.loaded[codes].all():
            return None
        if len(codes) > 1 and rule.strides[0] <= 0:
            return None
        window = f"rows[:, {rule.base}:{int(codes[-1]) + 1}:{max(rule.strides[0], 1)}].T"
        return self.named(window, self.before)

    def loading(self) -> list[str]:
        """Return the lines that copy the loaded arguments into ``work``."""
        edges = np.flatnonzero(np.diff(np.concatenate([[0], self.loaded.astype(np.int64), [0]])))
        return [f"work[{a}:{b}] = rows[:, {a}:{b}].T" for a, b in edges.reshape(-1, 2).tolist()]
