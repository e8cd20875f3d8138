"""Writing LLVM IR with loops: registers are named, blocks are labelled, phis are filled in."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autograd_mini.program.targets.llvm.text import literal, vector_type

__all__ = ["Writer"]

Body = Callable[..., Sequence[str] | None]


class Writer:
    """The text of a module's functions, and the intrinsics they declare."""

    def __init__(self, lanes: int, fma: bool) -> None:
        self.lanes, self.fma = lanes, fma
        self.lines: list[str] = []
        self.declared: set[str] = set()
        self.fresh = 0
        self.here = "entry"

    # ------------------------------------------------------------ text

    def begin(self, signature: str) -> None:
        """Begin a function."""
        self.lines.append(f"define internal {signature} #0 {{\nentry:")
        self.here = "entry"

    def end(self, result: str = "void") -> None:
        """End the function with ``ret``."""
        self.lines.append(f"  ret {result}\n}}")

    def do(self, text: str) -> None:
        """Write an instruction without a result."""
        self.lines.append(f"  {text}")

    def let(self, text: str) -> str:
        """Write an instruction and return its register."""
        self.fresh += 1
        self.lines.append(f"  %r{self.fresh} = {text}")
        return f"%r{self.fresh}"

    def label(self, name: str) -> None:
        """Begin a block."""
        self.lines.append(f"{name}:")
        self.here = name

    def loop(
        self,
        start: str | int,
        stop: str | int,
        body: Body,
        step: int = 1,
        carry: Sequence[str] = (),
        type: str = "double",
    ) -> list[str]:
        """Run ``body(i, *carried)`` from start up to but not including stop; it returns the new carried values.

        ``carry`` are registers or constants of ``type`` before the first turn; returned are those after the last.
        """
        self.fresh += 1
        k, before = self.fresh, self.here
        self.do(f"br label %L{k}")
        self.label(f"L{k}")
        held = [f"%c{k}.{j}" for j in range(len(carry))]
        place = len(self.lines)
        self.lines.append("")  # the phis, filled in below
        more = self.let(f"icmp slt i64 %i{k}, {stop}")
        self.do(f"br i1 {more}, label %B{k}, label %X{k}")
        self.label(f"B{k}")
        found = body(f"%i{k}", *held) or ()
        following = self.let(f"add nsw i64 %i{k}, {step}")
        phis = [f"  %i{k} = phi i64 [ {start}, %{before} ], [ {following}, %{self.here} ]"]
        for name, first, last in zip(held, carry, found, strict=True):
            phis.append(f"  {name} = phi {type} [ {first}, %{before} ], [ {last}, %{self.here} ]")
        self.lines[place] = "\n".join(phis)
        self.do(f"br label %L{k}")
        self.label(f"X{k}")
        return held

    def rows(self, count: str | int, body: Callable[[str, int], None]) -> None:
        """Run ``body(j, lanes)`` over ``count`` numbers side by side: vectors, then what is left one by one."""
        whole = (
            count // self.lanes * self.lanes if isinstance(count, int) else self.let(f"and i64 {count}, {-self.lanes}")
        )
        self.loop(0, whole, lambda j: body(j, self.lanes), self.lanes)
        self.loop(whole, count, lambda j: body(j, 1))

    # ------------------------------------------------------------ whole numbers

    def add(self, a: str | int, b: str | int) -> str | int:
        """Return a + b of indices, folded where it can be."""
        if isinstance(a, int) and isinstance(b, int):
            return a + b
        if a == 0 or b == 0:
            return b if a == 0 else a
        return self.let(f"add nsw i64 {a}, {b}")

    def index(self, asked: str, width: int) -> tuple[str, str]:
        """Return a number as an index, 0 where it is none of ``width`` values, and whether it is one (i1)."""
        low = self.let(f"fcmp oge double {asked}, 0.0")
        high = self.let(f"fcmp ole double {asked}, {literal(float(width - 1))}")
        inside = self.let(f"and i1 {low}, {high}")
        safe = self.let(f"select i1 {inside}, double {asked}, double 0.0")
        number = self.let(f"fptosi double {safe} to i64")
        back = self.let(f"sitofp i64 {number} to double")
        return number, self.let(f"and i1 {inside}, {self.let(f'fcmp oeq double {back}, {asked}')}")

    def times(self, a: str | int, b: str | int) -> str | int:
        """Return a · b of indices, folded where it can be."""
        if isinstance(a, int) and isinstance(b, int):
            return a * b
        if a == 0 or b == 0:
            return 0
        if a == 1 or b == 1:
            return b if a == 1 else a
        return self.let(f"mul nsw i64 {a}, {b}")

    # ------------------------------------------------------------ numbers

    def type(self, lanes: int) -> str:
        """Return the type of a number in so many lanes."""
        return vector_type(lanes)

    def type_of(self, element: str, lanes: int) -> str:
        """Return the type of another element in so many lanes."""
        return vector_type(lanes, element)

    def constant(self, number: float, lanes: int) -> str:
        """Return a literal in every lane."""
        return literal(number) if lanes == 1 else f"splat (double {literal(number)})"

    def at(self, base: str, index: str | int) -> str:
        """Return the address of double ``index`` from ``base``."""
        return base if index == 0 else self.let(f"getelementptr double, ptr {base}, i64 {index}")

    def load(self, base: str, index: str | int, lanes: int = 1) -> str:
        """Load one number, or neighbours into lanes."""
        return self.let(f"load {self.type(lanes)}, ptr {self.at(base, index)}, align 8")

    def store(self, value: str, base: str, index: str | int, lanes: int = 1) -> None:
        """Store one number, or lanes side by side."""
        self.do(f"store {self.type(lanes)} {value}, ptr {self.at(base, index)}, align 8")

    def splat(self, value: str, lanes: int, type: str = "double") -> str:
        """Return a scalar in every lane."""
        if lanes == 1:
            return value
        whole = vector_type(lanes, type)
        one = self.let(f"insertelement {whole} poison, {type} {value}, i64 0")
        return self.let(f"shufflevector {whole} {one}, {whole} poison, <{lanes} x i32> zeroinitializer")

    def apply(self, operation: str, a: str, b: str, lanes: int = 1) -> str:
        """Return an instruction of two numbers."""
        return self.let(f"{operation} {self.type(lanes)} {a}, {b}")

    def call(self, name: str, type: str, *args: tuple[str, str]) -> str:
        """Call an intrinsic function, declared as it is met; ``args`` are types and values."""
        self.declared.add(f"declare {type} @{name}({', '.join(kind for kind, _ in args)})")
        return self.let(f"call {type} @{name}({', '.join(f'{kind} {value}' for kind, value in args)})")

    def multiply_add(self, a: str, b: str, c: str, lanes: int = 1) -> str:
        """Return a·b + c: sums of products have no order to keep here, so fused where the processor supports it."""
        kind = self.type(lanes)
        if self.fma:
            suffix = "f64" if lanes == 1 else f"v{lanes}f64"
            return self.call(f"llvm.fma.{suffix}", kind, (kind, a), (kind, b), (kind, c))
        return self.apply("fadd", self.apply("fmul", a, b, lanes), c, lanes)

    def sum_of_lanes(self, value: str, lanes: int) -> str:
        """Return the sum over the lanes."""
        if lanes == 1:
            return value
        kind = self.type(lanes)
        name = f"llvm.vector.reduce.fadd.v{lanes}f64"
        self.declared.add(f"declare double @{name}(double, {kind})")
        return self.let(f"call reassoc double @{name}(double -0.0, {kind} {value})")
