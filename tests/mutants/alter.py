"""Wrong tables: each differs from ``primitives/table.py`` in one place of a value or a derivative.

Made from the source, so that a new row is tried without a line here. Altered are: a sign; a factor (twice the number,
or a factor left out); the order of operands; a term left out; an exponent by one; which branch is taken; what happens
at the very edge (> becomes ≥); the function that is called, where another is easily mistaken for it.
"""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograd_mini.primitives import rule

__all__ = ["Mutant", "mutants"]

TABLE = Path(rule.__file__).with_name("table.py")
SKIPPED = {"_sequence", "_affine_parents"}  # they read a user's arguments; their errors are tested as such
RULES = {"expand", "pull_back"}
MISTAKEN = {
    "sin": "cos", "cos": "sin", "sinh": "cosh", "cosh": "sinh", "exp": "expm1", "expm1": "exp", "minimum": "maximum",
    "maximum": "minimum", "sqrt": "cbrt", "tanh": "sigmoid", "sigmoid": "tanh", "dtanh": "dsigmoid", "log": "log2",
    "erfc": "erf", "log1p": "log", "dasin": "datan", "datan": "datanh", "datanh": "datan",
}  # fmt: skip
COMMUTES = {"maximum", "minimum", "hypot", "_plus", "_times", "zip", "add", "mul", "eq", "ne"}
NUMBERS = {"add", "sub", "mul", "abs"}
"""Functions of ``operator`` that the table uses, which give numbers."""
OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
}  # fmt: skip
AT_THE_EDGE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """A wrong table: ``where`` it is wrong (a row or a helper), ``rows`` that may notice, ``what`` was done."""

    where: str
    rows: tuple[str, ...]
    what: str
    source: str

    @property
    def name(self) -> str:
        """A name that stays the same as long as the row does."""
        return f"{self.where}: {self.what}"


def mutants(source: str = "") -> Iterator[Mutant]:
    """Yield every wrong table."""
    source = source or TABLE.read_text()
    lines = source.splitlines()
    tree = ast.parse(source)
    users = _users(tree)
    for statement in tree.body:
        where = _name(statement)
        if where is None or where in SKIPPED:
            continue
        seen = {ast.unparse(statement)}
        said: Counter[str] = Counter()
        for what, altered in _altered(statement):
            text = ast.unparse(ast.fix_missing_locations(altered))
            if text not in seen:
                seen.add(text)
                said[what] += 1
                what = f"{what} ({said[what]})" if said[what] > 1 else what
                before, after = lines[: statement.lineno - 1], lines[statement.end_lineno :]
                yield Mutant(where, users[where], what, "\n".join([*before, text, *after]) + "\n")


def _name(statement: ast.stmt) -> str | None:
    """The row that a statement adds, or the helper that it defines."""
    if isinstance(statement, ast.FunctionDef):
        return statement.name
    call = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "cast":
        call = call.args[1]
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "primitive":
        assert isinstance(call.args[0], ast.Constant)
        return str(call.args[0].value)
    return None


def _users(tree: ast.Module) -> dict[str, tuple[str, ...]]:
    """For each row and helper, the rows in which it occurs: itself, and through helpers; not through other rows."""
    named = {name: statement for statement in tree.body if (name := _name(statement)) is not None}
    mentions = {
        name: {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
        for name, statement in named.items()
    }

    def rows(name: str, seen: frozenset[str]) -> set[str]:
        if not isinstance(named[name], ast.FunctionDef):
            return {name}
        found = set()
        for user in (other for other in named if name in mentions[other] and other not in seen and other != name):
            found |= rows(user, seen | {name})
        return found

    return {name: tuple(sorted(rows(name, frozenset()))) for name in named}


# ---------------------------------------------------------------- one statement, altered


def _altered(statement: ast.stmt) -> Iterator[tuple[str, ast.stmt]]:
    if isinstance(statement, ast.FunctionDef):
        for what, body in _everywhere(ast.Module([*statement.body], [])):
            made = copy.copy(statement)
            made.body = body.body  # type: ignore[attr-defined]
            yield what, made
        return
    call = statement.value  # type: ignore[attr-defined]
    for holder, key, part in [
        *((call.args, i, call.args[i]) for i in range(1, min(3, len(call.args)))),
        *((each, "value", each.value) for each in call.keywords if each.arg in RULES),
    ]:
        kind = "value" if key == 1 else "partials" if key == 2 else "rule"
        arity = next((each.value.value for each in call.keywords if each.arg == "arity"), 1)
        for what, new in _whole(part, arity, key == 1):
            _put(holder, key, new)
            yield f"{kind}: {what}", copy.deepcopy(statement)
            _put(holder, key, part)


def _put(holder: object, key: int | str, new: ast.AST) -> None:
    if isinstance(holder, list):
        holder[key] = new  # type: ignore[index]
    else:
        setattr(holder, str(key), new)


def _whole(part: ast.expr, arity: int | None, is_value: bool) -> Iterator[tuple[str, ast.expr]]:
    """A value or a rule: all of it altered, then each place in it."""
    if isinstance(part, ast.Constant):
        if isinstance(part.value, str):  # a rule written as text
            for what, new in _rule(ast.parse(part.value, mode="eval").body):
                yield what, ast.Constant(ast.unparse(new))
        return
    if isinstance(part, ast.Attribute):  # ieee.exp, operator.add
        text = ast.unparse(part)
        if not text.startswith("operator.") or part.attr in NUMBERS:  # not those that give a truth value
            yield f"−{text}", _lambda(f"lambda *xs: -{text}(*xs)")
            yield f"2·{text}", _lambda(f"lambda *xs: 2.0 * {text}(*xs)")
        else:
            yield f"not {text}", _lambda(f"lambda *xs: not {text}(*xs)")
        if arity == 2 and part.attr not in COMMUTES:
            yield f"{text} with its operands swapped", _lambda(f"lambda a, b: {text}(b, a)")
    elif isinstance(part, ast.Lambda):
        for what, body in _rule(part.body):
            yield what, ast.Lambda(part.args, body)
    elif isinstance(part, ast.Tuple):
        yield from _rule(part)


def _lambda(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _rule(body: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """The expression of a rule: its sign and a factor, for each part of a tuple; then every place in it."""
    parts = body.elts if isinstance(body, ast.Tuple) else [body]
    for i, part in enumerate(parts):
        text = ast.unparse(part)
        if text == "NO_FLOW" or isinstance(part, ast.Constant | ast.Compare | ast.BoolOp):
            continue
        for what, new in ((f"−({text})", f"-({text})"), (f"2·({text})", f"2.0 * ({text})")):
            made = _lambda(new)
            yield what, ast.Tuple([*parts[:i], made, *parts[i + 1 :]], ast.Load()) if len(parts) > 1 else made
    if len(parts) > 1 and ast.unparse(parts[0]) != ast.unparse(parts[1]):
        yield "first two partials swapped", ast.Tuple([parts[1], parts[0], *parts[2:]], ast.Load())
    for what, new in _everywhere(body):
        yield what, new  # type: ignore[misc]


def _everywhere(tree: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Alter each node below ``tree``, one at a time, and undo it."""
    holder = ast.Expression(tree) if isinstance(tree, ast.expr) else tree  # type: ignore[arg-type]
    for parent in list(ast.walk(holder)):
        for field, value in ast.iter_fields(parent):
            places = enumerate(value) if isinstance(value, list) else [(None, value)]
            for index, node in list(places):
                if not isinstance(node, ast.expr) or (isinstance(parent, ast.Subscript) and field == "slice"):
                    continue
                for what, new in _variants(node, parent):
                    _set(parent, field, index, new)
                    made = copy.deepcopy(holder)
                    yield what, made.body if isinstance(made, ast.Expression) else made
                    _set(parent, field, index, node)


def _set(parent: ast.AST, field: str, index: int | None, new: ast.AST) -> None:
    if index is None:
        setattr(parent, field, new)
    else:
        getattr(parent, field)[index] = new


def _variants(node: ast.expr, parent: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    text = ast.unparse(node)
    for new in _nodes(node, parent):
        yield f"{text} → {ast.unparse(new)}", new


def _nodes(node: ast.expr, parent: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp):
        left, op, right = node.left, node.op, node.right
        if isinstance(op, ast.Add):
            yield from (ast.BinOp(left, ast.Sub(), right), left, right)
        elif isinstance(op, ast.Sub):
            yield from (ast.BinOp(left, ast.Add(), right), ast.BinOp(right, ast.Sub(), left), left)
        elif isinstance(op, ast.Mult):
            yield from (left, right)
        elif isinstance(op, ast.Div):
            yield from (ast.BinOp(left, ast.Mult(), right), ast.BinOp(right, ast.Div(), left), left)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield node.operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, float):
        yield ast.Constant(2.0 * node.value if node.value else 1.0)
        if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) and parent.func.id in ("power", "dpow"):
            yield ast.Constant(node.value + 1.0)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        for table in (OPPOSITE, AT_THE_EDGE):
            if type(node.ops[0]) in table:
                yield ast.Compare(node.left, [table[type(node.ops[0])]()], node.comparators)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    elif isinstance(node, ast.IfExp):
        yield ast.IfExp(node.test, node.orelse, node.body)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        yield from _calls(node, node.func.id)


def _calls(node: ast.Call, name: str) -> Iterator[ast.expr]:
    if name == "where":
        yield ast.Call(node.func, [node.args[0], node.args[2], node.args[1]], [])
    elif (
        len(node.args) == 2
        and name not in COMMUTES
        and not any(isinstance(each, ast.Starred | ast.GeneratorExp) for each in node.args)
    ):
        yield ast.Call(node.func, node.args[::-1], [])
    if name in MISTAKEN:
        yield ast.Call(ast.Name(MISTAKEN[name], ast.Load()), node.args, [])


def _is_many(argument: ast.expr) -> bool:
    return isinstance(argument, ast.Starred | ast.GeneratorExp)
