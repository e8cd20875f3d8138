"""IDX files, MNIST's format, plain or gzip."""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.data.error import DataError
from autograd_mini.files import as_path

__all__ = ["read_idx"]

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

IDX_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
GZIP = b"\x1f\x8b"
MOST = 1 << 34  # bytes of one array, so that a damaged header cannot allocate all memory


def read_idx(path: str | Path, *, mapped: bool = False) -> Array:
    """Read an IDX file (MNIST's format), plain or gzip: an array of the shape in its header.

    The header is two zero bytes, a type byte, the number of dimensions, then each dimension as
    a big-endian 32-bit integer. With ``mapped`` the array is a memory-mapped one, for reading only: nothing but
    the header is read yet, and a process that takes ``array[rows]`` reads these rows; its numbers keep the file's
    order of bytes. Raises DataError for another format and for a file of another length, and for a gzip file
    that is to be mapped.
    """
    path = as_path(path, "read_idx")
    if mapped:
        return _mapped(path)
    try:
        content = path.read_bytes()
        if content[:2] == GZIP:
            content = gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: cannot be read: {error}") from None
    dtype, shape, start = _header(path, content, len(content))
    return np.frombuffer(content, dtype, offset=start).reshape(shape).astype(dtype.newbyteorder("="))


def _mapped(path: Path) -> Array:
    try:
        with path.open("rb") as file:
            head, length = file.read(4 + 4 * 255), path.stat().st_size
        if head[:2] == GZIP:
            raise DataError(f"{path}: a gzip file cannot be memory-mapped; unpack it, or leave out mapped=True")
        dtype, shape, start = _header(path, head, length)
        if not math.prod(shape):  # there is nothing to map
            return np.zeros(shape, dtype)
        return np.memmap(path, dtype, "r", start, tuple(shape))
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error}") from None


def _header(path: Path, content: bytes, length: int) -> tuple[np.dtype[Any], list[int], int]:
    """Return the type, the shape and the place of the first number of a file of ``length`` bytes."""
    if length < 4:
        raise DataError(f"{path}: {length} bytes are too few for an IDX header of at least 4")
    if content[:2] != b"\0\0" or content[2] not in IDX_TYPES:
        raise DataError(
            f"{path}: bad magic number {content[:4].hex()}; an IDX file starts with 0000, a type (08 to 0e), a rank"
        )
    dtype, rank = np.dtype(IDX_TYPES[content[2]]), content[3]
    start = 4 + 4 * rank
    if not rank or length < start:
        raise DataError(
            f"{path}: a header of {rank} dimensions needs {start} bytes (and 1 dimension at least), got {length}"
        )
    shape = [int(d) for d in np.frombuffer(content, ">i4", rank, 4)]
    if min(shape) < 0:
        raise DataError(f"{path}: negative dimension in the shape {shape}")
    expected = math.prod(shape) * dtype.itemsize
    if expected > MOST:
        raise DataError(f"{path}: the shape {shape} would need {expected} bytes, more than an IDX file may hold here")
    if length - start != expected:
        raise DataError(f"{path}: the shape {shape} needs {expected} bytes of data, the file has {length - start}")
    return dtype, shape, start
