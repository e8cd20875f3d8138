"""LLVM IR as text: types, masks, loops."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence

__all__ = ["literal", "loop", "mask", "masked", "splat", "transpose", "vector", "vector_type"]


def literal(number: float) -> str:
    """Return a float as LLVM text: its bits."""
    return f"0x{struct.unpack('<Q', struct.pack('<d', number))[0]:016X}"


def vector_type(lanes: int, element: str = "double") -> str:
    """Return the type of one number of the program, or of another element, in each lane."""
    return element if lanes == 1 else f"<{lanes} x {element}>"


def vector(numbers: Iterable[int], bits: int = 64) -> str:
    """Return a constant vector of integers."""
    return "<" + ", ".join(f"i{bits} {number}" for number in numbers) + ">"


def splat(name: str, type: str, scalar: str, lanes: int) -> str:
    """Return instructions that set ``name`` to ``scalar`` in every lane."""
    whole = f"<{lanes} x {type}>"
    return f"""\
  {name}.one = insertelement {whole} poison, {type} {scalar}, i64 0
  {name} = shufflevector {whole} {name}.one, {whole} poison, <{lanes} x i32> zeroinitializer"""


def mask(lanes: int) -> str:
    """Return instructions that set %mask to the lanes below %count."""
    return f"""\
{splat("%limit", "i64", "%count", lanes)}
  %mask = icmp slt <{lanes} x i64> {vector(range(lanes))}, %limit"""


def masked(operation: str, lanes: int) -> tuple[str, str]:
    """Return the name and the declaration of a masked "load", "store" or "gather" of doubles."""
    whole, bits = f"<{lanes} x double>", f"<{lanes} x i1>"
    name = f"@llvm.masked.{operation}.v{lanes}f64." + (f"v{lanes}p0" if operation == "gather" else "p0")
    if operation == "store":
        return name, f"declare void {name}({whole}, ptr, i32, {bits})"
    pointer = f"<{lanes} x ptr>" if operation == "gather" else "ptr"
    return name, f"declare {whole} {name}({pointer}, i32, {bits}, {whole})"


def transpose(names: Sequence[str], prefix: str) -> tuple[str, list[str]]:
    """Return instructions that turn n vectors of n doubles into their columns, and the names of those."""
    n = len(names)
    now, lines = list(names), []
    half = n // 2
    while half:
        whole = f"<{n} x double>"
        for i in (i for i in range(n) if not i & half):
            a, b = now[i], now[i + half]
            low = [n + j - half if j & half else j for j in range(n)]
            high = [n + j if j & half else j + half for j in range(n)]
            for place, order in ((i, low), (i + half, high)):
                now[place] = f"%{prefix}{half}.{place}"
                lines.append(
                    f"  {now[place]} = shufflevector {whole} {a}, {whole} {b}, <{n} x i32> {vector(order, 32)}"
                )
        half //= 2
    return "\n".join(lines), now


def loop(index: str, start: str | int, stop: str | int, body: str, step: str | int = 1, carry: str = "") -> str:
    """Return instructions that run ``body`` for %index from ``start`` up to but not including ``stop``.

    ``carry`` are the phis of other numbers that change, from %index.begin and from %index.again.
    """
    return f"""\
  br label %{index}.begin
{index}.begin:
  br label %{index}.test
{index}.test:
  %{index} = phi i64 [ {start}, %{index}.begin ], [ %{index}.next, %{index}.again ]
{carry}
  %{index}.more = icmp slt i64 %{index}, {stop}
  br i1 %{index}.more, label %{index}.body, label %{index}.end
{index}.body:
{body}
  br label %{index}.again
{index}.again:
  %{index}.next = add i64 %{index}, {step}
  br label %{index}.test
{index}.end:"""
