"""Tables as people have them: each trains, or is refused in one line that names what is wrong.

Name → (bytes of the file, options, what the summary or the refusal says). A refusal starts with "error: ".
"""

from __future__ import annotations

__all__ = ["TABLES"]

PLAIN = "a,b,kind\n" + "".join(f"{i},{i % 5},{'cat' if i % 2 else 'dog'}\n" for i in range(12))
NUMBERS = "a,b,y\n" + "".join(f"{i},{i % 5},{i * 0.5}\n" for i in range(12))


def rows(head: str, line: str, count: int = 12) -> str:
    """A header and so many lines; in a line i is the number and k a class."""
    return head + "\n" + "".join(line.format(i=i, k="xy"[i % 2], h=i % 3) + "\n" for i in range(count))


Case = tuple[str | bytes, str, str]
TABLES: dict[str, Case] = {
    "plain": (PLAIN, "", "target 'kind': 2 classes"),
    "numbers": (NUMBERS, "", "target 'y': a number"),
    # ---- lines
    "carriage returns alone": (PLAIN.replace("\n", "\r"), "", "2 classes"),
    "Windows lines": (PLAIN.replace("\n", "\r\n"), "", "2 classes"),
    "blank lines between": (PLAIN.replace("\n", "\n\n"), "", "2 classes"),
    "blank lines at the start": ("\n\n" + PLAIN, "", "2 classes"),
    "lines of separators": (PLAIN + ",,\n,,\n", "", "2 classes"),
    "no last line end": (PLAIN.rstrip(), "", "2 classes"),
    "spaces around cells": (PLAIN.replace(",", " , "), "", "2 classes"),
    "a line too long": (PLAIN + "1,2,cat,4\n", "", "error: line 14: 4 columns, 3 in the first line"),
    "a line too short": (PLAIN + "1,2\n", "", "error: line 14: 2 columns, 3 in the first line"),
    "a separator at each end": (PLAIN.replace("\n", ",\n"), "", "error: "),
    "two headers": (PLAIN.replace("kind\n", "kind\na,b,kind\n", 1), "", "error: line 2"),
    "a header in the middle": (PLAIN + PLAIN, "", "error: line 14"),
    "a comment first": ("# made by hand\n" + PLAIN, "", "error: line 2: 3 columns, 1 in the first line"),
    # ---- nothing, or little
    "empty": ("", "", "error: the file is empty"),
    "blank": ("\n \n\t\n", "", "error: the file is empty"),
    "only a header": ("a,b,kind\n", "", "error: a first line of names, but no samples"),
    "one row": ("a,b,kind\n1,2,x\n", "", "error: 1 rows are left"),
    "two rows": ("a,b,kind\n1,2,x\n2,3,y\n", "", "error: "),
    "one column": ("a\n1\n2\n3\n4\n5\n6\n", "", "error: no column is left for a feature"),
    "no header": ("1,2,0\n2,1,1\n3,4,0\n4,3,1\n5,6,0\n6,5,1\n", "", "2 classes"),
    "one class": (rows("a,b,kind", "{i},{h},x"), "", "error: "),
    "each row a class": (rows("a,b,kind", "{i},{h},n{i}"), "", ""),
    # ---- encodings
    "a byte order mark": (b"\xef\xbb\xbf" + PLAIN.encode(), "", "2 classes"),
    "UTF-16": (PLAIN.encode("utf-16"), "", ""),
    "UTF-16 by name": (PLAIN.encode("utf-16"), "--encoding utf-16", "2 classes"),
    "UTF-16 without a mark": (PLAIN.encode("utf-16-le"), "", "error: "),
    "UTF-32": (PLAIN.encode("utf-32"), "--encoding utf-32", "2 classes"),
    "cp932": (rows("長さ,幅,品種", "{i},{h},{k}種").encode("cp932"), "", "error: byte 0x"),
    "cp932 by name": (rows("長さ,幅,品種", "{i},{h},{k}種").encode("cp932"), "--encoding cp932", "target '品種'"),
    "EUC-JP by name": (rows("長さ,幅,品種", "{i},{h},{k}種").encode("euc-jp"), "--encoding euc-jp", "target '品種'"),
    "latin-1": (rows("länge,b,art", "{i},{h},{k}ä").encode("latin-1"), "", "error: byte 0xe4"),
    "the wrong encoding": (rows("長さ,幅,品種", "{i},{h},{k}種").encode(), "--encoding ascii", "error: "),
    "no such encoding": (PLAIN, "--encoding klingon", "error: there is no encoding 'klingon'"),
    "a codec that is none of text": (PLAIN, "--encoding base64", "error: "),
    "zero bytes": (PLAIN.encode() + b"\0\0\0,1,cat\n", "", "error: line 14: a zero byte"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", "", "error: "),
    "a zip": (b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0", "", "error: "),
    # ---- quotes and separators
    "tabs": (PLAIN.replace(",", "\t"), "", "2 classes"),
    "semicolons": (PLAIN.replace(",", ";"), "", "2 classes"),
    "bars": (PLAIN.replace(",", "|"), "", "2 classes"),
    "semicolons with decimal commas": (rows("a;b;y", "{i},5;{h};{i},25"), "", "a number"),
    "decimal commas and points": (rows("a;b;y", "{i},5;{h}.5;{i},25"), "", "error: "),
    "commas as separators and decimals": (rows("a,b,y", "{i},5,{h},{i},25"), "", "error: line 2"),
    "quoted cells": (rows('"a","b","kind"', '"{i}","{h}","{k}"'), "", "2 classes"),
    "quotes with separators": (rows("a,b,kind", '{i},{h},"{k}, or so"'), "", "2 classes"),
    "quotes with line ends": (rows("a,b,kind", '{i},{h},"{k}\nmore"'), "", "2 classes"),
    "quotes with quotes": (rows("a,b,kind", '{i},{h},"5"" {k}"'), "", "2 classes"),
    "a quote never closed": (PLAIN + '1,2,"cat\n', "", "error: line 14: a quote"),
    "text after a quote": (PLAIN + '1,2,"cat"x\n', "", "error: line 14: text follows a closing quote"),
    "a long separator": (PLAIN, "--separator ,,", "error: separator is ',,'"),
    "a separator that is not there": (PLAIN, "--separator ;", "error: "),
    # ---- numbers
    "thousands with points": (rows("a;b;y", "{i}.000;{h};{i}.500"), "", ""),
    "thousands with commas": (rows("a;b;y", "1,{i}00,000;{h};{i}"), "", "error: column 'a' holds"),
    "percent": (rows("a,b,y", "{i}%,{h},{k}"), "", "error: column 'a' holds numbers in a form that is not read"),
    "money": (rows("a,b,y", "¥{i},{h},{k}"), "", "error: column 'a' holds numbers in a form that is not read"),
    "dates": (rows("day,b,y", "2026-01-{i:02d},{h},{k}"), "", "2 classes"),
    "true and false": (rows("a,b,y", "{i},true,{k}"), "", "2 classes"),
    "huge numbers": (rows("a,b,y", "{i}e300,{h},{k}"), "", "error: column 'a' has numbers as large as"),
    "numbers beyond floats": (rows("a,b,y", "{i}e400,{h},{k}"), "", "error: "),
    "tiny numbers": (rows("a,b,y", "{i}e-320,{h},{k}"), "", "2 classes"),
    "inf as text": (rows("a,b,y", "inf,{h},{k}"), "", "error: column 'a' holds numbers in a form"),
    "one inf": (PLAIN + "inf,2,cat\n", "", "error: line 14: 'inf'"),
    "one nan": (PLAIN + "nan,2,cat\n", "", "error: line 14: 'a' is missing"),
    "one word among numbers": (PLAIN + "many,2,cat\n", "", "error: line 14: 'many' is not a finite number"),
    "hexadecimal": (rows("a,b,y", "0x{i},{h},{k}"), "", "2 classes"),
    "underscores": (rows("a,b,y", "1_{i},{h},{k}"), "", "error: column 'a' holds"),
    "full-width digits": (rows("a,b,y", "１{i},{h},{k}"), "", "error: column 'a' holds"),
    "minus signs of typography": (rows("a,b,y", "−{i},{h},{k}"), "", "2 classes"),
    "a huge target": (rows("a,b,y", "{i},{h},{i}5e307"), "", "error: column 'y' holds"),
    "a constant target": (rows("a,b,y", "{i},{h},2.5"), "--task regression", "a number"),
    "negative classes": (rows("a,b,y", "{i},{h},-{h}"), "", ""),
    # ---- missing
    "a missing cell": (PLAIN + ",2,cat\n", "", "error: line 14: 'a' is missing"),
    "a missing cell, the mean": (PLAIN + ",2,cat\n", "--missing mean", "2 classes"),
    "a missing cell, left out": (PLAIN + ",2,cat\n", "--missing drop", "left out 1 of 13 rows"),
    "NA and question marks": (PLAIN + "NA,?,cat\n", "--missing mean", "2 classes"),
    "a missing target": (PLAIN + "1,2,\n", "", "error: line 14: the target 'kind' is missing"),
    "a column of nothing": (rows("a,b,kind", "{i},,{k}"), "--missing mean", "error: every cell of column 'b'"),
    "all missing": (rows("a,b,kind", ",,"), "--missing drop", "error: a first line of names, but no samples"),
    # ---- columns
    "a constant column": (rows("a,b,kind", "7,{h},{k}"), "", "2 classes"),
    "names given twice": (rows("a,a,kind", "{i},{h},{k}"), "", "error: 2 columns are named 'a'"),
    "a target given twice": (rows("a,kind,kind", "{i},{k},{k}"), "--target kind", "error: 2 columns are named 'kind'"),
    "empty names": (rows(",,kind", "{i},{h},{k}"), "", "2 classes"),
    "a target that is not there": (PLAIN, "--target knid", "error: there is no column 'knid'"),
    "a target beyond the last": (PLAIN, "--target 7", "error: target column 7 of 3"),
    "features that are not there": (PLAIN, "--features a,c", "error: there is no column 'c'"),
    "the target as a feature": (PLAIN, "--features a,kind", "error: 'kind' is the target"),
    "no feature": (PLAIN, "--features ,", "error: "),
    "Japanese": (rows("長さ,幅,品種", "{i},{h},{k}種"), "", "target '品種': 2 classes"),
    "names with commands": (rows("a,<script>,$(rm)", "{i},{h},{k}"), "", "2 classes"),
    "words as features": (rows("colour,b,kind", "{k}{h},{h},{k}"), "", "2 classes"),
    "a word for each row": (rows("name,b,kind", "n{i},{h},{k}", 400), "", "error: "),
    "many columns": (
        ",".join(f"c{i}" for i in range(300)) + ",kind\n"
        + "".join(",".join(["1", str(i)] * 150) + f",{'xy'[i % 2]}\n" for i in range(6)), "--layers 2:softmax",
        "2 classes",
    ),
    "a hundred thousand columns": (
        ",".join(["7"] * 100_000) + ",x\n" + ",".join(["8"] * 100_000) + ",y\n" + ",".join(["9"] * 100_000) + ",x\n"
        + ",".join(["1"] * 100_000) + ",y\n", "", "error: 100,000 columns of features; up to 10,000 are supported",
    ),
    "a cell of a megabyte": (PLAIN + "1,2," + "x" * 1_000_000 + "\n", "",
        "error: line 14: a cell of more than 131,072 characters"),
    "JSON": ('{"a": [1, 2], "kind": ["x", "y"]}\n', "", "error: "),
    "HTML": ("<!doctype html>\n<title>404</title>\n<p>not found</p>\n", "", "error: "),
}  # fmt: skip
