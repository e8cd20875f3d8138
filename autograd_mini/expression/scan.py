"""The text of a formula: its tokens, and the error that points into it.

The scan checks that operands and operators alternate and that parentheses match. So the most
frequent mistakes (2x, a missing operand, a stray bracket) get a message in terms of formulas, not
one from Python's parser.
"""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Callable

from autograd_mini.format import brief, display_width, visible
from autograd_mini.language import tell

__all__ = ["ExpressionError", "scan"]

MAX_LENGTH = 10_000
MAX_PARENTHESES = 100  # Python's own parser stops at 200

TYPOGRAPHY = str.maketrans("−×·÷", "-**/")  # the characters that this package prints can also be read
WORD_OPERATORS = {"and", "or", "not"}

TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)|(?P<name>[^\W\d]\w*)"
    r"|(?P<wrong>//|\^|=(?!=)|&+|\|+|%)|(?P<operator>\*\*|<=|>=|==|!=|[-+*/<>])|(?P<mark>[(),])"
)
HINT_TEXTS = {
    "^": "a power is written **",
    "//": "write floor(a / b)",
    "%": "write a - b*floor(a / b)",
    "=": "equality is written == and stands inside where(…)",
    "&": "write 'and'",
    "|": "write 'or'",
}


class ExpressionError(ValueError):
    """A formula that cannot be read: ``reason``, and the ``column`` (from 1) of ``source`` that is wrong."""

    def __init__(self, reason: str, source: str = "", start: int = 0, end: int | None = None) -> None:
        self.reason, self.source = reason, source
        line_start = source.rfind("\n", 0, start) + 1
        self.line, self.column = source.count("\n", 0, start) + 1, start - line_start + 1
        where = tell(
            "line {line}, column {column}" if "\n" in source else "column {column}", line=self.line, column=self.column
        )
        self.summary = f"{where}: {reason}" if source.strip() else reason
        super().__init__(self.summary + _excerpt(source, line_start, start, start + 1 if end is None else end))


def _excerpt(source: str, line_start: int, start: int, end: int) -> str:
    """Return the line of the error, cut to the width of a terminal, with a caret under the column."""
    if not source.strip():
        return ""
    line_end = source.find("\n", start)
    line_end = len(source) if line_end < 0 else line_end
    first, end = max(line_start, start - 40), max(min(end, line_end, start + 30), start)
    before = "…" * (first > line_start) + visible(source[first:start])
    marked, after = visible(source[start:end]), visible(source[end : min(end + 30, line_end)])
    dots = "…" * (end + 30 < line_end)
    caret = " " * display_width(before) + "^" * max(display_width(marked), 1)
    return f"\n  {before}{marked}{after}{dots}\n  {caret}"


def scan(source: str) -> str:
    """Return ``source`` on one line with ASCII operators, of the same length.

    Raises ExpressionError where operands and operators do not alternate or parentheses do not match.
    """
    if len(source) > MAX_LENGTH:
        raise ExpressionError(
            tell(
                "the expression has {count} characters; {most} are allowed: write it in Python instead",
                count=len(source),
                most=MAX_LENGTH,
            )
        )
    if not source.strip():
        raise ExpressionError(tell("the expression is empty; write a formula such as tanh(w*x + b)"))
    text, position = source.translate(TYPOGRAPHY), 0
    clean: list[str] = []
    opened: list[int] = []
    kind, previous = "start", ""  # of the last token that is not a blank
    while position < len(text):
        match = TOKEN.match(text, position)
        token = match.group() if match else text[position]
        group = match.lastgroup if match else "wrong"
        start, position = position, position + len(token)
        clean.append(" " * len(token) if group == "space" else token)
        if group == "space":
            continue
        shown = brief(source[start:position])

        def error(reason: str, start: int = start, end: int = position) -> ExpressionError:
            return ExpressionError(reason, source, start, end)

        if group == "wrong":
            known = HINT_TEXTS.get(token, HINT_TEXTS.get(token[0], ""))
            hint = tell(known) if known else tell("use numbers, names, + - * / ** ( ) and functions")
            raise error(tell("{shown} is not part of a formula; {hint}", shown=repr(shown), hint=hint))
        if group == "name":
            group = _check_name(token, shown, error)
        ended = kind in ("number", "name", ")")
        if group in ("number", "name", "not") or (token == "(" and kind != "name"):
            if ended:
                raise error(
                    tell(
                        "an operator is missing between {before} and {shown}; a product is written with *",
                        before=repr(previous),
                        shown=repr(shown),
                    )
                )
        elif token == "(" or (token == ")" and previous == "("):
            pass  # a call without arguments: the check of the arity has the better message
        elif not ended and not (token in "+-" and group == "operator"):
            raise error(tell("a number, a name or '(' is missing before {shown}", shown=repr(shown)))
        if token == "(":
            opened.append(start)
            if len(opened) > MAX_PARENTHESES:
                raise error(tell("parentheses are nested too deeply; {most} levels are allowed", most=MAX_PARENTHESES))
        elif token == ")":
            if not opened:
                raise error(tell("this ')' has no '('; remove it, or add a '('"))
            opened.pop()
        kind, previous = (token if group == "mark" else group or ""), shown
    if kind not in ("number", "name", ")"):
        raise ExpressionError(
            tell("the expression ends too early; a number, a name or '(' is missing"), source, len(source)
        )
    if opened:
        raise ExpressionError(tell("this '(' is never closed; add a ')'"), source, opened[-1])
    return "".join(clean)


def _check_name(token: str, shown: str, error: Callable[[str], ExpressionError]) -> str:
    """Return the kind of a word: a name, or one of Python's words that are operators here."""
    plain = unicodedata.normalize("NFKC", token)
    if token in WORD_OPERATORS:
        return "not" if token == "not" else "operator"
    if not token.isidentifier() or not plain.isidentifier():
        raise error(tell("{shown} is not a name; use letters, digits and _, and ** for a power", shown=repr(shown)))
    if keyword.iskeyword(plain):
        raise error(
            tell(
                "{shown} is a reserved word of Python; choose another name, such as {other}",
                shown=repr(shown),
                other=repr(plain + "_"),
            )
        )
    return "name"
