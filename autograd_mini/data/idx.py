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
MOST = 1 << 34  # bytes of one array, so that a damaged header cannot allocate all memory


def read_idx(path: str | Path) -> Array:
    """Read an IDX file (MNIST's format), plain or gzip: an array of the shape in its header.

    The header is two zero bytes, a type byte, the number of dimensions, then each dimension as
    a big-endian 32-bit integer. Raises DataError for another format and for a file of another length.
    """
    path = as_path(path, "read_idx")
    try:
        content = path.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: cannot be read: {error}") from None
    if len(content) < 4:
        raise DataError(f"{path}: {len(content)} bytes are too few for an IDX header of at least 4")
    if content[:2] != b"\0\0" or content[2] not in IDX_TYPES:
        raise DataError(
            f"{path}: bad magic number {content[:4].hex()}; an IDX file starts with 0000, a type (08 to 0e), a rank"
        )
    dtype, rank = np.dtype(IDX_TYPES[content[2]]), content[3]
    start = 4 + 4 * rank
    if not rank or len(content) < start:
        raise DataError(
            f"{path}: a header of {rank} dimensions needs {start} bytes (and 1 dimension at least), got {len(content)}"
        )
    shape = [int(d) for d in np.frombuffer(content, ">i4", rank, 4)]
    if min(shape) < 0:
        raise DataError(f"{path}: negative dimension in the shape {shape}")
    expected = math.prod(shape) * dtype.itemsize
    if expected > MOST:
        raise DataError(f"{path}: the shape {shape} would need {expected} bytes, more than an IDX file may hold here")
    if len(content) - start != expected:
        raise DataError(
            f"{path}: the shape {shape} needs {expected} bytes of data, the file has {len(content) - start}"
        )
    return np.frombuffer(content, dtype, offset=start).reshape(shape).astype(dtype.newbyteorder("="))
