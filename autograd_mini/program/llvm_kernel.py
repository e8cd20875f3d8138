"""The body of a native program: one chunk of rows, every scalar a vector of lanes.

Where a number lives while a chunk is computed:

``work``    memory in slots of one vector each: first the argument columns, then (unless they are
            accumulated) the outputs, then what one block hands to a later one
``theta``   the captured numbers, one double each, the same for every lane
``sums``    accumulators, one vector per output, where the outputs are summed over the rows

The instructions are cut into functions of some hundred operations, because a compiler's
register allocation takes more than linear time in the length of a function. Inside a block a
number is an SSA register; what a later block needs goes through memory. Nothing is
reassociated, nor contracted where the outputs are stored, so that a correctly rounded operation
gives the bits it gives in Python.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from autograd_mini.program.ir import Instruction, Operand, Program
from autograd_mini.program.llvm_text import vector_type

__all__ = ["Kernel", "emit_kernel"]

BLOCK = 200  # operations in one function: longer ones compile in superlinear time, shorter ones spill more
PARAMETERS = "ptr noalias %work, ptr noalias %theta, ptr noalias %sums"
COMPARISONS = {"<": "olt", "<=": "ole", "==": "oeq", "!=": "une"}
ARITHMETIC = ("fadd", "fsub", "fmul", "fdiv")


class Block(NamedTuple):
    """One function of a kernel, and the range of accumulators it adds to."""

    name: str
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Kernel:
    """The text of a kernel and what it needs around it."""

    text: str  # defines the blocks, each void (ptr work, ptr theta, ptr sums)
    lanes: int
    columns: int  # arguments, at the start of work memory
    outputs: int  # behind them, unless they are accumulated
    slots: int  # of work memory, in vectors
    sums: tuple[int, ...]  # the output each accumulator belongs to, in the order they are added to
    blocks: tuple[Block, ...]
    functions: frozenset[tuple[str, int]]  # the maths library functions called: name, arguments
    intrinsics: frozenset[str]  # declarations


def emit_kernel(
    program: Program,
    lanes: int,
    *,
    uniform: int = 0,
    accumulate: bool = False,
    fused: bool = False,
    name: str = "block",
) -> Kernel:
    """Return the kernel of ``program`` for ``lanes`` rows at a time.

    The last ``uniform`` inputs are read from ``theta``; with ``accumulate`` the outputs are
    added to ``sums`` instead of stored, and with ``fused``, for a processor that can, a product
    is added without being rounded first: a sum over rows has no bits to keep. ``name`` begins the
    name of each function.
    """
    return _Emitter(program, lanes, uniform, accumulate, name).emit(list(_steps(program, accumulate and fused)))


@dataclass(frozen=True, slots=True)
class _Output:
    """The step that stores output ``index``: an operand, or the product of two that is added unrounded."""

    index: int
    operands: tuple[Operand, ...]
    results: tuple[int, ...] = ()

    def variables(self) -> Iterator[int]:
        """Yield the operands that are variables."""
        return (x for x in self.operands if isinstance(x, int))


@dataclass(frozen=True, slots=True)
class _Fused:
    """``results = a·b + c``, rounded once."""

    operands: tuple[Operand, ...]
    results: tuple[int, ...]

    def variables(self) -> Iterator[int]:
        """Yield the operands that are variables."""
        return (x for x in self.operands if isinstance(x, int))


Step: TypeAlias = Instruction | _Fused | _Output


def _fuse(program: Program) -> Iterator[Instruction | _Fused]:
    """Yield the instructions, with each product that only a sum uses drawn into that sum."""
    uses = Counter(x for step in program.instructions for x in step.variables())
    uses.update(x for x in program.outputs if isinstance(x, int))
    products: dict[Operand, tuple[Operand, ...]] = {}
    drawn: set[int] = set()
    made: list[Instruction | _Fused] = []
    for step in program.instructions:
        word = step.primitive.spellings.get("llvm")
        chosen = next((x for x in reversed(step.operands) if x in products), None) if word == "fadd" else None
        if isinstance(chosen, int):
            a, b = step.operands
            made.append(_Fused((*products[chosen], a if chosen == b else b), step.results))
            drawn.add(chosen)
            continue
        if word == "fmul" and uses[step.results[0]] == 1:
            products[step.results[0]] = step.operands
        made.append(step)
    return (step for step in made if step.results[0] not in drawn)


def _steps(program: Program, fused: bool) -> Iterator[Step]:
    """Yield the instructions, each followed at once by the outputs it makes: they need no register later.

    With ``fused``, a product that no one but one output uses (the gradient of a weight is such
    a one) is left to the output.
    """
    made: dict[int, list[int]] = {}
    for index, operand in enumerate(program.outputs):
        if isinstance(operand, int):
            made.setdefault(operand, []).append(index)
    used = {x for step in program.instructions for x in step.variables()} if fused else set()
    written: set[int] = set()
    for step in _fuse(program) if fused else program.instructions:
        outputs = [index for result in step.results for index in made.get(result, ())]
        written.update(outputs)
        product = isinstance(step, Instruction) and step.primitive.spellings.get("llvm") == "fmul"
        if fused and product and len(outputs) == 1 and step.results[0] not in used:
            yield _Output(outputs[0], step.operands)
            continue
        yield step
        for result in step.results:
            for index in made.get(result, ()):
                yield _Output(index, (result,))
    for index, operand in enumerate(program.outputs):  # literals and inputs handed through
        if index not in written:
            yield _Output(index, (operand,))


class _Emitter:
    """Writes one kernel."""

    def __init__(self, program: Program, lanes: int, uniform: int, accumulate: bool, name: str) -> None:
        self.program, self.lanes, self.accumulate, self.name = program, lanes, accumulate, name
        self.number, self.truth = vector_type(lanes), vector_type(lanes, "i1")
        self.suffix = "f64" if lanes == 1 else f"v{lanes}f64"
        self.align = 8 * lanes
        columns = len(program.inputs) - uniform
        self.slot = {variable: i for i, variable in enumerate(program.inputs[:columns])}
        self.theta = {variable: i for i, variable in enumerate(program.inputs[columns:])}
        self.first_output = columns
        self.slots = columns + (0 if accumulate else len(program.outputs))
        self.functions: set[tuple[str, int]] = set()
        self.intrinsics: set[str] = set()
        self.literals: dict[float | str, str] = {}
        self.sums: list[int] = []
        self.lines: list[str] = []
        self.numbers: dict[int, str] = {}  # variables in registers of this block, as numbers
        self.truths: dict[int, str] = {}  # … as truth values
        self.fresh = 0

    def emit(self, steps: list[Step]) -> Kernel:
        """Write the steps, in blocks."""
        blocks = [steps[i : i + BLOCK] for i in range(0, len(steps), BLOCK)]
        kept = self._assign_slots(blocks)
        made: list[Block] = []
        for index, block in enumerate(blocks):
            first_sum = len(self.sums)
            self.lines.append(f"define internal void @{self.name}{index}({PARAMETERS}) #0 {{")
            self.numbers, self.truths, self.fresh = {}, {}, 0
            for step in block:
                if isinstance(step, _Output):
                    self._write_output(step)
                elif isinstance(step, _Fused):
                    registers = [self._as_number(x) for x in step.operands]
                    self.numbers[step.results[0]] = self._line(self._call("llvm.fma", registers))
                else:
                    self._apply(step)
                for result in step.results:
                    if result in kept:
                        self._store(self._as_number(result), "%work", self.slot[result])
            self.lines.append("  ret void\n}")
            made.append(Block(f"{self.name}{index}", first_sum, len(self.sums)))
        return Kernel(
            "\n".join(self.lines), self.lanes, self.first_output, len(self.program.outputs), self.slots,
            tuple(self.sums), tuple(made), frozenset(self.functions), frozenset(self.intrinsics),
        )  # fmt: skip

    def _assign_slots(self, blocks: list[list[Step]]) -> set[int]:
        """Give a slot to each variable a later block reads, used anew once its last reader is done."""
        last: dict[int, int] = {}
        for index, block in enumerate(blocks):
            for step in block:
                last.update((variable, index) for variable in step.variables())
        kept: set[int] = set()
        free: list[int] = []
        expiring: list[list[int]] = [[] for _ in range(len(blocks) + 1)]
        for index, block in enumerate(blocks):
            free += expiring[index]
            for step in block:
                for result in step.results:
                    if last.get(result, -1) > index:
                        if not free:
                            free.append(self.slots)
                            self.slots += 1
                        self.slot[result] = free.pop()
                        kept.add(result)
                        expiring[last[result] + 1].append(self.slot[result])
        return kept

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
            bits = struct.unpack("<Q", struct.pack("<d", number))[0]
            text = self.literals[key] = self._splat("double", f"0x{bits:016X}")
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

    def _as_number(self, operand: Operand) -> str:
        """Return the register or literal of an operand as a number; truth reads 1 and 0."""
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
                name = self._load("%work", self.slot[operand])
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

    def _write_output(self, step: _Output) -> None:
        registers = [self._as_number(x) for x in step.operands]
        if not self.accumulate:
            self._store(registers[0], "%work", self.first_output + step.index)
            return
        place = len(self.sums)
        self.sums.append(step.index)
        so_far = self._load("%sums", place)
        if len(registers) == 1:
            total = f"fadd {self.number} {so_far}, {registers[0]}"
        else:
            total = self._call("llvm.fma", [*registers, so_far])
        self._store(self._line(total), "%sums", place)

    # ------------------------------------------------------------ instructions

    def _apply(self, instruction: Instruction) -> None:
        spelling = instruction.primitive.spellings.get("llvm")
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

    def _call(self, word: str, registers: list[str]) -> str:
        if word.startswith("llvm."):
            name = f"{word}.{self.suffix}"
            self.intrinsics.add(f"declare {self.number} @{name}({', '.join([self.number] * len(registers))})")
        else:
            self.functions.add((word, len(registers)))
            name = word if self.lanes == 1 else f"{word}.{self.lanes}"
        return f"call {self.number} @{name}({', '.join(f'{self.number} {x}' for x in registers)})"

    def _extremum(self, word: str, a: Operand, b: Operand) -> str:
        """The larger or smaller: nan if either is nan, +0 above -0; one comparison where b is a plain literal."""
        greater = word == "llvm.maximum"
        if isinstance(a, float) and not isinstance(b, float):
            a, b = b, a  # commutative, by its very rules
        x, y = self._as_number(a), self._as_number(b)
        if isinstance(b, float) and b == b:
            # Unordered or beyond b: x, and with it every nan. At x == b the two differ in the sign of zero
            # alone: the one to keep is then x only where the literal is the zero that loses.
            loses = b == 0.0 and (str(b) == "-0.0") == greater
            beyond = ("ug" if greater else "ul") + ("e" if loses else "t")
            keep = self._line(f"fcmp {beyond} {self.number} {x}, {y}")
            return self._line(f"select {self.truth} {keep}, {self.number} {x}, {self.number} {y}")
        return self._line(self._call(word, [x, y]))
