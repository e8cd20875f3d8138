"""The system's vector maths library: exp, tanh and the like, of 2, 4 or 8 numbers at once.

glibc on x86-64 Linux carries one (libmvec, since 2.22; most functions since 2.35). Its names
follow the vector function ABI: ``_ZGV``, a letter for the instruction set, ``N`` for unmasked,
the number of lanes, one ``v`` per argument, ``_`` and the scalar name. Its documented error is 4 ulp;
its results for infinities, nans, zeros and huge arguments are tested here before it is used.
"""

from __future__ import annotations

import ctypes
import functools
import math
import platform
import struct
import sys

__all__ = ["POINTS", "agrees", "scalar_address", "vector_address"]

ISA = {8: "e", 4: "d", 2: "b"}  # AVX-512, AVX2, SSE: the widest each lane count fills
ULP = 4

SPECIAL = (
    0.0, 1.0, 0.5, 2.0, 3.0, math.inf, math.nan, 5e-324, 2.2250738585072014e-308, 1e-300, 1e-8, 1e-3, 0.1,
    0.9999999999999999, 1.0000000000000002, 1.5, 9.5, 20.0, 27.5, 37.0, 88.0, 300.0, 700.0, 709.5, 709.9, 710.4, 744.0,
    745.2, 746.0, 1000.0, 1023.5, 1024.0, 1074.5, 1075.5, 1e5, 1e10, 1e15, 1e22, 1e100, 1e300, 1.7976931348623157e308,
)  # fmt: skip
POINTS = (*SPECIAL, *(-x for x in SPECIAL))


@functools.cache
def _libraries() -> tuple[ctypes.CDLL, ...]:
    if sys.platform == "win32":
        return (ctypes.CDLL("ucrtbase"),)
    names = ["libm.so.6", None] if sys.platform == "linux" else [None]
    found = []
    for name in names:
        try:
            found.append(ctypes.CDLL(name))
        except OSError:  # another C library, which Python is linked to
            continue
    return tuple(found)


def _address(library: ctypes.CDLL, symbol: str) -> int | None:
    function = getattr(library, symbol, None)
    return None if function is None else ctypes.cast(function, ctypes.c_void_p).value


@functools.cache
def scalar_address(name: str) -> int:
    """Return the address of a C maths function; raise NotImplementedError where there is no function of that name."""
    for library in _libraries():
        found = _address(library, name)
        if found is not None:
            return found
    raise NotImplementedError(
        f"the system's maths library has no function {name!r}; choose engine='python', or give the primitive expand="
    )


@functools.cache
def vector_address(name: str, arity: int, lanes: int) -> int | None:
    """Return the address of a function on ``lanes`` numbers, None where the system has none."""
    if sys.platform != "linux" or platform.machine() != "x86_64" or lanes not in ISA:
        return None
    try:
        library = ctypes.CDLL("libmvec.so.1")
    except OSError:
        return None
    return _address(library, f"_ZGV{ISA[lanes]}N{lanes}{'v' * arity}_{name}")


def agrees(ours: float, reference: float) -> bool:
    """True for the same class (nan, infinity, zero with its sign) and at most ULP steps apart."""
    if math.isnan(reference) or math.isnan(ours):
        return math.isnan(reference) and math.isnan(ours)
    if reference == 0.0 or math.isinf(reference) or math.isinf(ours):
        return ours == reference and math.copysign(1.0, ours) == math.copysign(1.0, reference)
    return abs(_ordinal(ours) - _ordinal(reference)) <= ULP


def _ordinal(x: float) -> int:
    """Return the position of a float in the order of all floats."""
    (bits,) = struct.unpack("<q", struct.pack("<d", x))
    return int(bits) if bits >= 0 else -int(bits & 0x7FFF_FFFF_FFFF_FFFF)
