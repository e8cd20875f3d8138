"""Registers: the instructions of a kernel, one number of the program in each register, in every lane."""

from __future__ import annotations

from collections.abc import Sequence

from autograd_mini.program.ir import Instruction, Operand
from autograd_mini.program.targets.llvm.text import literal, vector_type
from autograd_mini.program.targets.llvm.words import word as word_of

__all__ = ["Registers"]

COMPARISONS = {"<": "olt", "<=": "ole", "==": "oeq", "!=": "une"}
ARITHMETIC = ("fadd", "fsub", "fmul", "fdiv")


class Registers:
    """The text of a function's instructions, and which register has which variable.

    ``columns`` are the variables in slots of %work, ``theta`` those in %theta. ``fma`` allows a product to be added
    without rounding.
    """

    def __init__(self, columns: Sequence[int], theta: Sequence[int], lanes: int, fma: bool) -> None:
        self.lanes, self.fma = lanes, fma
        self.number, self.truth = vector_type(lanes), vector_type(lanes, "i1")
        self.suffix = "f64" if lanes == 1 else f"v{lanes}f64"
        self.align = 8 * lanes
        self.slot = {variable: i for i, variable in enumerate(columns)}
        self.theta = {variable: i for i, variable in enumerate(theta)}
        self.functions: set[tuple[str, int]] = set()
        self.intrinsics: set[str] = set()
        self.literals: dict[float | str, str] = {}
        self.lines: list[str] = []
        self.numbers: dict[int, str] = {}  # variables in registers of this block, as numbers
        self.truths: dict[int, str] = {}  # … as truth values
        self.fresh = 0

    # ------------------------------------------------------------ registers and memory

    def _new(self) -> str:
        self.fresh += 1
        return f"%r{self.fresh}"

    def _line(self, text: str) -> str:
        name = self._new()
        self.lines.append(f"  {name} = {text}")
        return name

    def _splat(self, element: str, text: str) -> str:
        return text if self.lanes == 1 else f"splat ({element} {text})"

    def _literal(self, number: float) -> str:
        key = number if number == number and number != 0.0 else repr(number)  # -0.0 == 0.0, nan != nan
        text = self.literals.get(key)
        if text is None:
            text = self.literals[key] = self._splat("double", literal(number))
        return text

    def _address(self, base: str, slot: int, type: str) -> str:
        return base if slot == 0 else self._line(f"getelementptr inbounds {type}, ptr {base}, i64 {slot}")

    def _store(self, register: str, base: str, slot: int) -> None:
        address = self._address(base, slot, self.number)
        self.lines.append(f"  store {self.number} {register}, ptr {address}, align {self.align}")

    def _load(self, base: str, slot: int) -> str:
        return self._line(f"load {self.number}, ptr {self._address(base, slot, self.number)}, align {self.align}")

    def _broadcast(self, index: int) -> str:
        scalar = self._line(f"load double, ptr {self._address('%theta', index, 'double')}, align 8")
        if self.lanes == 1:
            return scalar
        first = self._line(f"insertelement {self.number} poison, double {scalar}, i64 0")
        zeros = f"<{self.lanes} x i32> zeroinitializer"
        return self._line(f"shufflevector {self.number} {first}, {self.number} poison, {zeros}")

    def _as_number(self, operand: Operand, work: str = "%work") -> str:
        """Return the register or literal of an operand as a number; a truth value becomes 1 or 0."""
        if not isinstance(operand, int):
            return self._literal(float(operand))
        name = self.numbers.get(operand)
        if name is None:
            truth = self.truths.get(operand)
            if truth is not None:
                one, zero = self._literal(1.0), self._literal(0.0)
                name = self._line(f"select {self.truth} {truth}, {self.number} {one}, {self.number} {zero}")
            elif operand in self.theta:
                name = self._broadcast(self.theta[operand])
            else:
                name = self._load(work, self.slot[operand])
            self.numbers[operand] = name
        return name

    def _as_truth(self, operand: Operand) -> str:
        """Return an operand as a truth value; like Python's, nan is true and both zeros are false."""
        if not isinstance(operand, int):
            return self._splat("i1", "true" if operand else "false")
        name = self.truths.get(operand)
        if name is None:
            name = self._line(f"fcmp une {self.number} {self._as_number(operand)}, {self._literal(0.0)}")
            self.truths[operand] = name
        return name

    # ------------------------------------------------------------ instructions

    def _apply(self, instruction: Instruction) -> None:
        spelling = word_of(instruction.primitive)
        if spelling is None:
            raise NotImplementedError(
                f"primitive {instruction.primitive.name!r} has no llvm spelling; give it expand= or llvm=, "
                "or choose engine='python'"
            )
        (result,), operands = instruction.results, instruction.operands
        word, _, detail = spelling.partition(" ")
        if word == "fcmp":
            a, b = map(self._as_number, operands)
            self.truths[result] = self._line(f"fcmp {COMPARISONS[detail]} {self.number} {a}, {b}")
        elif word in ("and", "or"):
            a, b = map(self._as_truth, operands)
            self.truths[result] = self._line(f"{word} {self.truth} {a}, {b}")
        elif word == "not":
            (a,) = map(self._as_truth, operands)
            self.truths[result] = self._line(f"xor {self.truth} {a}, {self._splat('i1', 'true')}")
        elif word == "select":
            condition = self._as_truth(operands[0])
            chosen = ", ".join(f"{self.number} {self._as_number(x)}" for x in operands[1:])
            self.numbers[result] = self._line(f"select {self.truth} {condition}, {chosen}")
        elif word in ("llvm.maximum", "llvm.minimum"):
            self.numbers[result] = self._extremum(word, *operands)
        else:
            self.numbers[result] = self._line(self._arithmetic(word, [self._as_number(x) for x in operands]))

    def _arithmetic(self, word: str, registers: list[str]) -> str:
        if word in ARITHMETIC:
            return f"{word} {self.number} {registers[0]}, {registers[1]}"
        if word == "fneg":
            return f"fneg {self.number} {registers[0]}"
        return self._call(word, registers)

    def _multiply_add(self, a: str, b: str, c: str) -> str:
        if self.fma:
            return self._line(self._call("llvm.fma", [a, b, c]))
        product = self._line(f"fmul {self.number} {a}, {b}")
        return self._line(f"fadd {self.number} {c}, {product}")

    def _call(self, word: str, registers: list[str]) -> str:
        if word.startswith("llvm."):
            name = f"{word}.{self.suffix}"
            self.intrinsics.add(f"declare {self.number} @{name}({', '.join([self.number] * len(registers))})")
        else:
            self.functions.add((word, len(registers)))
            name = word if self.lanes == 1 else f"{word}.{self.lanes}"
        return f"call {self.number} @{name}({', '.join(f'{self.number} {x}' for x in registers)})"

    def _extremum(self, word: str, a: Operand, b: Operand) -> str:
        """The larger or smaller: nan if either is nan, +0 above -0; one comparison where b is a literal."""
        greater = word == "llvm.maximum"
        if isinstance(a, float) and not isinstance(b, float):
            a, b = b, a  # maximum and minimum are commutative
        x, y = self._as_number(a), self._as_number(b)
        if isinstance(b, float) and b == b:
            # Not beyond b: the literal, otherwise x, nan included. At x == b the two differ in the sign of zero
            # alone: the one to keep is then x only where the literal is the zero that loses. Relu's slope asks the
            # same comparison.
            loses = b == 0.0 and (str(b) == "-0.0") == greater
            short = ("ol" if greater else "og") + ("t" if loses else "e")
            lower = self._line(f"fcmp {short} {self.number} {x}, {y}")
            return self._line(f"select {self.truth} {lower}, {self.number} {y}, {self.number} {x}")
        return self._line(self._call(word, [x, y]))
