"""The rules of the operators as text for the node in C, read from the source of the table.

The build runs this file without importing the package, which would need NumPy; so it parses the
table as text and imports only the standard library. Each row needs ``infix`` or a value as text, and
partials as text or numbers; ``x * y`` and ``y, x`` mean the same in Python and in C.
"""

from __future__ import annotations

import ast

__all__ = ["OPERATORS", "count", "header", "rules"]

OPERATORS = {"add": "add", "sub": "subtract", "mul": "multiply", "div": "true_divide", "neg": "negative"}
"""Row → the name of the operator in C's type slots."""


def rules(table: str) -> dict[str, tuple[str, ...]]:
    """Return row → (value, partials…) of every operator, from the text of ``primitives/table.py``."""
    found = {}
    for statement in ast.parse(table).body:
        call = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "primitive":
            name, value, partials = (ast.unparse(arg) for arg in (*call.args, *[ast.Constant(None)] * 3)[:3])
            infix = [ast.literal_eval(each.value) for each in call.keywords if each.arg == "infix"]
            if ast.literal_eval(name) in OPERATORS:
                slopes = ast.literal_eval(partials)
                texts = slopes.split(",") if isinstance(slopes, str) else map(repr, slopes)
                whole = f"x {infix[0]} y" if infix else ast.literal_eval(value)
                found[ast.literal_eval(name)] = (whole, *(text.strip() for text in texts))
    missing = OPERATORS.keys() - found.keys()
    if missing:
        raise ValueError(f"the table has no rule as text for {', '.join(sorted(missing))}")
    return found


def count(table: str) -> int:
    """Return the number of rows of the table: C has as many method functions."""
    return sum(
        isinstance(each, ast.Call) and ast.unparse(each.func) == "primitive" for each in ast.walk(ast.parse(table))
    )


def header(found: dict[str, tuple[str, ...]], count: int) -> str:
    """Return ``rules.h``: each operator as a macro call, all rules as one string, and a list of rows."""
    said = "; ".join(f"{name}: {', '.join(found[name])}" for name in OPERATORS)
    lines = ["/* Written by rules.py from primitives/table.py at each build. */", f'#define RULES "{said}"']
    lines.append(f"#define ROWS {count}")
    lines.append(f"#define EACH_ROW(F) {' '.join(f'F({i})' for i in range(count))}")
    slots = " ".join(f"M({slot}, {name})" for name, slot in OPERATORS.items())
    lines.append(f"#define OPERATORS(M) {slots}")
    lines += [f"{'UNARY' if len(x) == 2 else 'BINARY'}_ROW({name}, {', '.join(x)})" for name, x in found.items()]
    return "\n".join(lines) + "\n"
