"""The cells of a CSV file: its encoding, its separator, its quotes."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from autograd_mini.data.error import DataError
from autograd_mini.language import tell

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["BYTE_ORDER_MARKS", "SEPARATORS", "cells", "separator_of"]

SEPARATORS = ("\t", ";", ",", "|")
BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
LEGACY = (("cp932", "Windows in Japanese"), ("euc_jp", "Unix in Japanese"), ("cp1252", "Windows in western Europe"))

Line = tuple[int, list[str]]
"""(line number, cells)."""


def cells(file: BinaryIO, name: str, *, encoding: str = "", separator: str = "", lines: int = 20) -> Iterator[Line]:
    """Yield (line number, cells) for each line of a CSV file that is not blank; cells are stripped of blanks.

    ``encoding``   default: UTF-8, or what a byte order mark says (UTF-16 too)
    ``separator``  default: the first of tab, semicolon, comma, bar that occurs equally often in all first lines
    ``lines``      how many lines are read ahead to find the separator; 1 lets each line of a pipe be answered at once

    Raises DataError for text that cannot be decoded and for quotes that do not match.
    """
    head = b"".join(line for _, line in zip(range(lines), file, strict=False))
    mark = next((found for bom, found in BYTE_ORDER_MARKS if head.startswith(bom)), "utf-8")
    encoding = encoding or mark
    try:
        "x".encode(encoding)
    except (LookupError, UnicodeError):  # also for a codec that is none of text, such as base64
        raise DataError(
            tell(
                "{name}: there is no encoding {encoding}; examples are utf-8, cp932 and latin-1",
                name=name,
                encoding=repr(encoding),
            )
        ) from None
    text = io.TextIOWrapper(io.BufferedReader(_Joined(head, file)), encoding=encoding, newline="")
    try:
        first = [line for _, line in zip(range(lines), text, strict=False)]
        reader = csv.reader(itertools.chain(first, text), delimiter=separator or separator_of(first), strict=True)
        for row in reader:
            if any("\0" in cell for cell in row):
                raise DataError(
                    tell(
                        "{name}, line {line}: a zero byte; this is not a text file in {encoding}",
                        name=name,
                        line=reader.line_num,
                        encoding=encoding,
                    )
                )
            if any(cell.strip() for cell in row):
                yield reader.line_num, [cell.strip() for cell in row]
    except UnicodeDecodeError as error:
        raise DataError(
            tell("{name}: cannot be read: {why}", name=name, why=_undecodable(error, encoding, head))
        ) from None
    except UnicodeError as error:
        raise DataError(
            tell("{name}: this is not {encoding}: {error}", name=name, encoding=encoding, error=error)
        ) from None
    except csv.Error as error:
        raise DataError(
            tell("{name}, line {line}: {error}", name=name, line=reader.line_num, error=_csv_reason(str(error)))
        ) from None
    except OSError as error:
        raise DataError(tell("{name}: cannot be read: {why}", name=name, why=error.strerror or error)) from None


class _Joined(io.RawIOBase):
    """The bytes read ahead, then the rest of the file line by line: no waiting for the end of a pipe."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self.ahead, self.rest = head, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        """Fill a part of the buffer and return the number of bytes; 0 at the end of the file."""
        room = memoryview(buffer).cast("B")
        if not self.ahead:
            self.ahead = self.rest.readline()
        part, self.ahead = self.ahead[: len(room)], self.ahead[len(room) :]
        room[: len(part)] = part
        return len(part)


def separator_of(lines: list[str]) -> str:
    """Return the separator that divides all of the lines into the same number of cells, at least two."""
    whole = [line for line in lines if line.strip()]
    counts = {each: [_outside_quotes(line).count(each) for line in whole] for each in SEPARATORS}
    for each, found in counts.items():
        if found and min(found) == max(found) > 0:
            return each
    return max(SEPARATORS, key=lambda each: (counts[each][0], each == ",")) if whole else ","


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


def _undecodable(error: UnicodeDecodeError, encoding: str, head: bytes) -> str:
    """Say which byte is not valid in the encoding, and which encodings can decode the first lines."""
    others = tell(" or ").join(
        f"{name} ({whose})" for name, whose in LEGACY if name != encoding and _decodes(head, name)
    )
    return (
        tell(
            "byte 0x{byte:02x} is not {encoding}; give the encoding of the file, as in --encoding cp932 or "
            "encoding='cp932'",
            byte=error.object[error.start],
            encoding=encoding.removesuffix("-sig").upper(),
        )
        + (tell(" (the first lines read as {others})", others=others) if others else "")
        + tell(", or save the file as UTF-8")
    )


def _decodes(text: bytes, encoding: str) -> bool:
    try:
        text.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _csv_reason(reason: str) -> str:
    if "field larger" in reason:
        return tell(
            'a cell of more than {count:,} characters, or a quote " that is never closed', count=csv.field_size_limit()
        )
    if "unexpected end" in reason:
        return tell('a quote " is opened and never closed')
    if "expected after" in reason:
        return tell('text follows a closing quote; inside quotes, a quote is written twice, as in "5"" disc"')
    return reason
