"""The body of a native program: one chunk of rows, every scalar a vector of lanes.

Where numbers are stored while a chunk is computed:

``work``    memory in slots of one vector each: first the argument columns, then (unless they are
            summed) the outputs, then the values that one block passes to a later block
``theta``   the captured numbers, one double each, the same for every lane
``sums``    accumulators, one vector per output, where the outputs are summed over the rows

The steps are cut into blocks, functions of some hundred operations, because a compiler's
register allocation takes more than linear time in the length of a function. Inside a block a
number is an SSA register; values for later blocks are stored in memory. Sums are computed last, by
tallies: functions that loop over several chunks with a tile of sums in registers, so that the
gradient of a layer, one product per weight and row, takes one operation each and no store.

Where outputs are stored, nothing is contracted or reassociated, and a correctly rounded operation
gives the same bits as in Python.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograd_mini.program.ir import Instruction, Operand, Program
from autograd_mini.program.targets.llvm.steps import Fused, Step, Term, blocks_of, steps_of, terms_of
from autograd_mini.program.targets.llvm.text import literal, mask, vector_type
from autograd_mini.program.targets.llvm.words import word as word_of

__all__ = ["Kernel", "emit_kernel", "emit_turn"]

TILE = {8: 16, 4: 8, 2: 8}  # sums held in registers, by lanes
TILES = 12  # in one function
PARAMETERS = "ptr noalias %work, ptr noalias %theta"
COMPARISONS = {"<": "olt", "<=": "ole", "==": "oeq", "!=": "une"}
ARITHMETIC = ("fadd", "fsub", "fmul", "fdiv")


@dataclass(frozen=True, slots=True)
class Kernel:
    """The text of a kernel, and its requirements for the driver."""

    text: str
    lanes: int
    columns: int  # arguments, at the start of work memory
    outputs: int  # behind them, unless they are summed
    slots: int  # of work memory, in vectors
    blocks: tuple[str, ...]  # functions void (ptr work, ptr theta), in order
    tallies: tuple[str, ...]  # functions void (ptr work, ptr theta, ptr sums, i64 chunks, i64 count)
    functions: frozenset[tuple[str, int]]  # the maths library functions called: name, arguments
    intrinsics: frozenset[str]  # declarations


def emit_kernel(
    program: Program, lanes: int, *, uniform: int = 0, summed: bool = False, fma: bool = False, name: str = "block"
) -> Kernel:
    """Return the kernel of ``program`` for ``lanes`` rows at a time.

    The last ``uniform`` inputs are read from ``theta``. With ``summed`` the outputs are added to
    ``sums`` instead of stored; since a sum over rows need not be bit-exact, ``fma`` allows a product to be added
    without rounding. ``name`` is the prefix of each function's name.
    """
    return _Emitter(program, lanes, uniform, summed, fma, name).emit()


def emit_turn(program: Program, inputs: Sequence[str], fresh: int) -> tuple[list[str], list[str], int, Kernel]:
    """Write ``program`` as lines inside a function of the caller's, for one lane.

    ``inputs`` are the registers or literals of its inputs; new registers are numbered from ``fresh`` + 1 on.
    Returned are the lines, the registers of the outputs, the last number, and a kernel with what the lines call.
    """
    emitter = _Emitter(program, 1, 0, False, False, "")
    emitter.numbers, emitter.fresh = dict(zip(program.inputs, inputs, strict=True)), fresh
    for step in program.instructions:
        emitter._apply(step)
    outputs = [emitter._as_number(x) for x in program.outputs]
    called = Kernel("", 1, 0, 0, 0, (), (), frozenset(emitter.functions), frozenset(emitter.intrinsics))
    return emitter.lines, outputs, emitter.fresh, called


class _Emitter:
    """Writes one kernel."""

    def __init__(self, program: Program, lanes: int, uniform: int, summed: bool, fma: bool, name: str) -> None:
        self.program, self.lanes, self.fma, self.name = program, lanes, fma, name
        self.number, self.truth = vector_type(lanes), vector_type(lanes, "i1")
        self.suffix = "f64" if lanes == 1 else f"v{lanes}f64"
        self.align = 8 * lanes
        columns = len(program.inputs) - uniform
        self.slot = {variable: i for i, variable in enumerate(program.inputs[:columns])}
        self.theta = {variable: i for i, variable in enumerate(program.inputs[columns:])}
        self.columns = columns
        self.terms = terms_of(program) if summed else None
        self.slots = columns + (0 if summed else len(program.outputs))
        self.functions: set[tuple[str, int]] = set()
        self.intrinsics: set[str] = set()
        self.literals: dict[float | str, str] = {}
        self.lines: list[str] = []
        self.numbers: dict[int, str] = {}  # variables in registers of this block, as numbers
        self.truths: dict[int, str] = {}  # … as truth values
        self.fresh = 0

    def emit(self) -> Kernel:
        """Write the blocks, then the tallies."""
        blocks = blocks_of(steps_of(self.program, self.terms)) or [()]
        outputs: dict[int, list[int]] = {}  # stored as soon as they are computed, so that they need no register later
        later: list[int] = []
        if self.terms is None:
            made = {result for step in self.program.instructions for result in step.results}
            for index, operand in enumerate(self.program.outputs):
                if isinstance(operand, int) and operand in made:
                    outputs.setdefault(operand, []).append(index)
                else:  # a literal or an input
                    later.append(index)
        kept = self._assign_slots(blocks)
        for index, block in enumerate(blocks):
            self._begin(f"@{self.name}{index}({PARAMETERS})")
            for step in block:
                if isinstance(step, Fused):
                    a, b, c = map(self._as_number, step.operands)
                    self.numbers[step.results[0]] = self._multiply_add(a, b, c)
                else:
                    self._apply(step)
                for result in step.results:
                    for place in outputs.get(result, ()):
                        self._store(self._as_number(result), "%work", self.columns + place)
                    if result in kept:
                        self._store(self._as_number(result), "%work", self.slot[result])
            for place in later if index == 0 else ():
                self._store(self._as_number(self.program.outputs[place]), "%work", self.columns + place)
            self.lines.append("  ret void\n}")
        tallies = [] if self.terms is None else self._write_tallies()
        return Kernel(
            "\n".join(self.lines), self.lanes, self.columns, len(self.program.outputs), self.slots,
            tuple(f"@{self.name}{i}" for i in range(len(blocks))), tuple(tallies),
            frozenset(self.functions), frozenset(self.intrinsics),
        )  # fmt: skip

    def _begin(self, signature: str) -> None:
        self.lines.append(f"define internal void {signature} #0 {{")
        self.numbers, self.truths, self.fresh = {}, {}, 0

    def _assign_slots(self, blocks: Sequence[Sequence[Step]]) -> set[int]:
        """Give a slot to each variable that a later block or a tally reads, reused after its last reader."""
        last: dict[int, int] = {}
        for index, block in enumerate(blocks):
            for step in block:
                last.update((variable, index) for variable in step.variables())
        last.update((x, len(blocks)) for term in self.terms or () for x in term if isinstance(x, int))
        kept: set[int] = set()
        free: list[int] = []
        expiring: list[list[int]] = [[] for _ in range(len(blocks) + 2)]
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

    # ------------------------------------------------------------ sums

    def _write_tallies(self) -> list[str]:
        """Write the functions that add the terms of a group of chunks to ``sums``."""
        assert self.terms is not None
        tile = TILE[self.lanes]
        tiles = [range(i, min(i + tile, len(self.terms))) for i in range(0, len(self.terms), tile)]
        names = []
        for start in range(0, len(tiles), TILES):
            names.append(f"@{self.name}.sum{start}")
            self._begin(
                f"{names[-1]}(ptr noalias %work, ptr noalias %theta, ptr noalias %sums, i64 %chunks, i64 %count)"
            )
            self.lines.append(mask(self.lanes))
            for number, places in enumerate(tiles[start : start + TILES]):
                self._write_tile(f"t{number}", places)
            self.lines.append("  ret void\n}")
        return names

    def _write_tile(self, name: str, places: range) -> None:
        """Add some terms over the chunks, with the sums in registers; in the first chunk only the lanes of %mask."""
        assert self.terms is not None
        before = [self._load("%sums", place) for place in places]
        self.lines.append(f"  br label %{name}.begin\n{name}.begin:\n  br label %{name}.test\n{name}.test:")
        self.lines.append(f"  %{name}.chunk = phi i64 [ 0, %{name}.begin ], [ %{name}.next, %{name}.body ]")
        bits = vector_type(self.lanes, "i1")
        all_lanes = f"[ splat (i1 true), %{name}.body ]"
        self.lines.append(f"  %{name}.mask = phi {bits} [ %mask, %{name}.begin ], {all_lanes}")
        sums = [f"%{name}.sum{place}" for place in places]
        added = [f"%{name}.added{place}" for place in places]
        for sum, first, more in zip(sums, before, added, strict=True):
            self.lines.append(f"  {sum} = phi {self.number} [ {first}, %{name}.begin ], [ {more}, %{name}.body ]")
        self.lines.append(f"  %{name}.more = icmp slt i64 %{name}.chunk, %chunks")
        self.lines.append(f"  br i1 %{name}.more, label %{name}.body, label %{name}.end\n{name}.body:")
        self.lines.append(f"  %{name}.skip = mul i64 %{name}.chunk, {8 * self.lanes * self.slots}")
        self.lines.append(f"  %{name}.work = getelementptr i8, ptr %work, i64 %{name}.skip")
        for place, sum, more in zip(places, sums, added, strict=True):
            total = self._add_term(self.terms[place], sum, f"%{name}.work")
            self.lines.append(f"  {more} = select {bits} %{name}.mask, {self.number} {total}, {self.number} {sum}")
        self.lines.append(f"  %{name}.next = add i64 %{name}.chunk, 1\n  br label %{name}.test\n{name}.end:")
        self.numbers = {}  # they belong to the body of the loop
        for place, sum in zip(places, sums, strict=True):
            self._store(sum, "%sums", place)

    def _add_term(self, term: Term, sum: str, work: str = "%work") -> str:
        registers = [self._as_number(x, work) for x in term]
        if len(registers) == 2:
            return self._multiply_add(registers[0], registers[1], sum)
        return self._line(f"fadd {self.number} {sum}, {registers[0]}")

    def _multiply_add(self, a: str, b: str, c: str) -> str:
        if self.fma:
            return self._line(self._call("llvm.fma", [a, b, c]))
        product = self._line(f"fmul {self.number} {a}, {b}")
        return self._line(f"fadd {self.number} {c}, {product}")

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
