"""Functions of the maths library on vectors: lane by lane, and a driver that tries a vector function."""

from __future__ import annotations

from autograd_mini.program.targets.llvm.text import loop, vector_type

__all__ = ["lane_by_lane", "try_driver"]


def lane_by_lane(name: str, arity: int, lanes: int) -> str:
    """Return a function of vectors that calls the scalar one of the same name for each lane."""
    whole = vector_type(lanes)
    letters = "xy"[:arity]
    lines = [f"define internal {whole} @{name}.{lanes}({', '.join(f'{whole} %{x}' for x in letters)}) #0 {{"]
    so_far = "poison"
    for i in range(lanes):
        lines += [f"  %{x}{i} = extractelement {whole} %{x}, i64 {i}" for x in letters]
        lines.append(f"  %f{i} = call double @{name}({', '.join(f'double %{x}{i}' for x in letters)})")
        lines.append(f"  %r{i} = insertelement {whole} {so_far}, double %f{i}, i64 {i}")
        so_far = f"%r{i}"
    return "\n".join([*lines, f"  ret {whole} {so_far}\n}}"])


def try_driver(name: str, arity: int, lanes: int) -> str:
    """Return ``attempt(n, x, y, out)``, which applies a vector function to n numbers, a multiple of the lanes."""
    whole, letters = vector_type(lanes), "xy"[:arity]
    loads = "\n".join(
        f"  %{x}.at = getelementptr double, ptr %{x}, i64 %i\n  %{x}.here = load {whole}, ptr %{x}.at, align 8"
        for x in letters
    )
    body = f"""\
{loads}
  %found = call {whole} @{name}({", ".join(f"{whole} %{x}.here" for x in letters)})
  %out.at = getelementptr double, ptr %out, i64 %i
  store {whole} %found, ptr %out.at, align 8"""
    return f"""
declare {whole} @{name}({", ".join([whole] * arity)})
define void @attempt(i64 %n, {", ".join(f"ptr %{x}" for x in letters)}, ptr %out) #0 {{
{loop("i", 0, "%n", body, lanes)}
  ret void
}}
"""
