"""The rules of the operators in C for ``_node.c``, translated from the source of the table.

The build runs this file without importing the package, which would need NumPy; so it reads the table as text and
imports only the standard library. A case that C cannot compute, such as a call of another row, becomes nan; the
node leaves every power that is not finite to Python.
"""

from __future__ import annotations

import ast
import re
import zlib
from pathlib import Path
from typing import Any

__all__ = ["OPERATORS", "count", "header", "rules", "stamp"]

TABLE, SOURCES = "primitives/table.py", ("engine/rules.py", "engine/_node.c", "engine/_sweep.h")
OPERATORS = {"add": "add", "sub": "subtract", "mul": "multiply", "div": "true_divide", "neg": "negative"}
"""Row → the name of the operator in C's type slots. A power with a constant exponent has a slot of its own."""
FUNCTIONS = {"ieee.power": "c_pow", "power": "c_pow", "magnitude": "fabs"}
"""Functions of the table that C has too."""
SIGNS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.USub: "-", ast.Eq: "==", ast.LtE: "<=",
    ast.And: "&&", ast.Or: "||",
}  # fmt: skip


def rules(table: str) -> dict[str, str]:
    """Return row → its function in C; raise ValueError where ``primitives/table.py`` has none that C can have."""
    found = {}
    for name, texts in _sources(table).items():
        try:
            found[name] = _rule(name, *(ast.parse(text).body[0] for text in texts))
        except (LookupError, TypeError, AttributeError) as error:
            raise ValueError(f"the table has no rule that C can have for {name}: {error!r}") from error
    return found


def _sources(table: str) -> dict[str, list[str]]:
    """Return row → the statement that adds it, and the function of its partials where it has one."""
    found = {}
    for name in (*OPERATORS, "power"):
        row = _statement(f"{name} = primitive(", table) or _statement(f"{name}: Primitive = primitive(", table)
        functions = [_statement(f"def {word}(", table) for word in re.findall(r"\b_\w+", row)]
        found[name] = [row or "None", *functions]
    return found


def _statement(start: str, table: str) -> str:
    """Return the statement at the left margin that begins so, "" where there is none."""
    begin = table.find("\n" + start) + 1
    end = re.compile(r"^[\w@#]", re.M).search(table, begin + 1)
    return table[begin : end.start() if end else None] if begin else ""


def _rule(name: str, row: Any, function: Any = None) -> str:
    """Return ``rule_NAME(x, y, node)``, which sets value and partials and returns 0 where Python must do it."""
    value, partials = row.value.args[1:]
    infix = [ast.literal_eval(each.value) for each in row.value.keywords if each.arg == "infix"]
    if infix:
        whole = f"x {infix[0]} y"
    elif isinstance(value, ast.Constant):
        whole = _c(ast.parse(str(value.value), mode="eval").body)
    else:
        whole = f"{_called(value)}(x, y)"
    head = [f"static int rule_{name}(double x, double y, Node *n) {{", f"double out = n->data = {whole};"]
    if function is None:
        given = ast.literal_eval(partials)
        slopes = ast.parse(given, mode="eval").body if isinstance(given, str) else partials
        return "\n".join([*head, "(void)y, (void)out;", *_block([ast.Return(slopes)]), "}"])
    names = ", ".join(f"double {each.arg}" for each in function.args.args)
    used = " ".join(f"(void){each.arg};" for each in function.args.args)
    first = [f"static int slopes_{name}({names}, Node *n) {{", used, *_block(function.body), "}"]
    finite = "isfinite(x) && isfinite(y) && isfinite(out) && isfinite(n->to[0])"
    return "\n".join([*first, *head, f"return slopes_{name}(x, y, out, n) && {finite};", "}"])


def _block(body: list[ast.stmt]) -> list[str]:
    lines: list[str] = []
    for each in body:
        match each:
            case ast.If(test, inside, []):
                lines += [f"if ({_c(test)}) {{", *_block(inside), "}"]
            case ast.Assign([ast.Name(name)], value):
                lines.append(f"double {name} = {_c(value)};")
            case ast.Return(value):
                for i, part in enumerate(value.elts if isinstance(value, ast.Tuple) else [value]):
                    stops = isinstance(part, ast.Name) and part.id == "NO_FLOW"
                    lines.append(f"n->stops |= {1 << i};" if stops else f"n->to[{i}] = {_c(part)};")
                lines.append("return 1;")
            case _:
                raise TypeError(f"a statement {ast.unparse(each)}")
    return lines


def _c(part: ast.expr | None) -> str:
    """Return an expression of floats in C."""
    match part:
        case ast.Constant(float() | int() as number):
            return repr(float(number))
        case ast.Name(name):
            return name
        case ast.BinOp(left, sign, right) | ast.Compare(left, [sign], [right]):
            return f"({_c(left)} {SIGNS[type(sign)]} {_c(right)})"
        case ast.UnaryOp(sign, operand):
            return f"({SIGNS[type(sign)]}{_c(operand)})"
        case ast.BoolOp(sign, values):
            return f"({f' {SIGNS[type(sign)]} '.join(map(_c, values))})"
        case ast.IfExp(test, a, b):
            return f"({_c(test)} ? {_c(a)} : {_c(b)})"
        case ast.Call(function, arguments):
            known = _called(function)
            return f"{known}({', '.join(map(_c, arguments))})" if known else "NAN"
    raise TypeError(f"an expression {ast.unparse(part) if part else None}")


def _called(function: ast.expr) -> str | None:
    return FUNCTIONS.get(ast.unparse(function))


def count(table: str) -> int:
    """Return the number of rows of the table: C has as many method functions."""
    return len(re.findall(r"[=,] primitive\(", table))


def header(package: Path) -> str:
    """Return ``rules.h`` for the source in a folder: the rules, a list of rows, and the stamp."""
    table = (package / TABLE).read_text(encoding="utf-8")
    lines = ["/* Written by rules.py from primitives/table.py at each build. */"]
    lines.append(f'#define STAMP "{stamp(package)}"')
    lines.append(f"#define ROWS {count(table)}")
    lines.append(f"#define EACH_ROW(F) {' '.join(f'F({i})' for i in range(count(table)))}")
    found = rules(table)
    kinds = {name: "BINARY" if "n->to[1]" in found[name] else "UNARY" for name in OPERATORS}
    slots = [f"M({slot}, {name}, {kinds[name]})" for name, slot in OPERATORS.items()]
    lines.append(f"#define OPERATORS(M) {' '.join(slots)}")
    return "\n".join([*lines, *found.values(), ""])


def stamp(package: Path) -> str:
    """Return what tells whether a built node is that of this source: a check sum of all it was made from."""
    table, *rest = ((package / name).read_text(encoding="utf-8") for name in (TABLE, *SOURCES))
    return f"{zlib.crc32(repr((_sources(table), count(table), rest)).encode()):08x}"
