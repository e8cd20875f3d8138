"""Formulas as text: what they mean, what they refuse, and that nothing in them is ever executed."""

import ast
import inspect
import math
import pickle
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_mini import PRIMITIVES, Value, exp, tanh
from autograd_mini.expression.expression import ExpressionError, parse
from autograd_mini.format import display_width
from autograd_mini.transforms.functions import grad, hessian, value_and_grad

MEANINGS = [
    ("1 + 2*3", 7.0),
    ("(1 + 2)*3", 9.0),
    ("2**3**2", 512.0),
    ("-2**2", -4.0),
    ("2**-1", 0.5),
    ("+3 - -5", 8.0),
    ("−2 × 3 ÷ 4", -1.5),
    (".5 + 1. + 1e2 + 1E-2", 101.51),
    ("7/2/2", 1.75),
    ("pi + e + tau", math.pi + math.e + math.tau),
    ("1/0", math.inf),
    ("-1/0", -math.inf),
    ("0/0", math.nan),
    ("exp(1000)", math.inf),
    ("log(0)", -math.inf),
    ("(-8)**(1/3)", math.nan),
    ("9**9**9**9", math.inf),
    ("inf - inf", math.nan),
    ("1" + "0" * 400, math.inf),
    ("max(2, 3) + min(2, 3)", 5.0),
    ("sum(1, 2, 3)", 6.0),
    ("logsumexp(1, 1)", 1.0 + math.log(2.0)),
    ("ln(e)", 1.0),
    ("pow(2, 3) + power(2, 3)", 16.0),
    ("arcsin(1)", math.pi / 2),
    ("leaky_relu(-1)", -0.01),
    ("clip(5, 0, 1)", 1.0),
    ("where(0 < 1 < 2, 3, 4)", 3.0),
    ("where(0 < 1 < 1, 3, 4)", 4.0),
    ("where(1 >= 1 and not 2 != 2 or 1 == 0, 3, 4)", 3.0),
    ("  1 +\n\t2 ", 3.0),
]


@pytest.mark.parametrize(("source", "value"), MEANINGS)
def test_a_formula_means_what_it_says(source, value):
    result = parse(source)()
    assert isinstance(result, float)
    assert result == pytest.approx(value, rel=1e-15, nan_ok=True)


def test_names_stand_in_order_of_appearance():
    assert parse("tanh(w*x + b) + x*a").names == ("w", "x", "b", "a")
    assert parse("where(t > s, u, v)").names == ("t", "s", "u", "v")
    assert parse("重み*x₁".replace("₁", "1")).names == ("重み", "x1")
    assert parse("step*exp(step)").names == ("step",), "a variable may be called as a function is"


def test_arguments_come_by_position_by_name_or_both():
    f = parse("tanh(w*x + b)")
    expected = math.tanh(0.5 * 2 - 0.25)
    assert f(0.5, 2, -0.25) == f(w=0.5, x=2, b=-0.25) == f(0.5, b=-0.25, x=2) == expected
    assert str(inspect.signature(f)) == "(w, x, b)"
    assert parse("self*args")(self=2, args=3) == 6.0


@pytest.mark.parametrize(
    ("args", "named", "message"),
    [
        ((1, 2, 3), {}, "x*y takes 2 values, got 3"),
        ((1,), {}, "x*y needs a value for y"),
        ((), {}, "x*y needs a value for x, y"),
        ((1,), {"x": 2}, "x*y got two values for 'x'; its variables are x, y"),
        ((1,), {"z": 2}, "x*y has no variable 'z'; its variables are x, y"),
        (("1", 2), {}, "x: unsupported operand type 'str'; a Value or a real number"),
    ],
)
def test_wrong_arguments_are_named(args, named, message):
    with pytest.raises(TypeError) as caught:
        parse("x*y")(*args, **named)
    assert str(caught.value).startswith(message)


def test_values_give_a_value_with_its_gradient():
    w, x, b = Value(0.5), Value(2.0), Value(-0.25)
    y = parse("tanh(w*x + b)")(w, x, b)
    expected = tanh(w * x + b)
    assert (type(y), y.data) == (Value, expected.data)
    y.backward()
    assert w.grad == pytest.approx(2 * (1 - y.data**2), rel=1e-14)


def test_a_formula_works_under_transforms():
    f = parse("x**2*y + exp(y)")
    assert value_and_grad(f, argnums=(0, 1))(3.0, 0.5) == (4.5 + math.exp(0.5), (3.0, 9.0 + math.exp(0.5)))
    assert hessian(f, argnums=(0, 1))(3.0, 0.5)[0] == (1.0, 6.0)
    assert grad(grad(parse("x**3")))(2.0) == 12.0


def test_constant_exponents_never_meet_a_logarithm():
    """x**2 at x < 0: as Value ** Value the partial to the exponent would be nan."""
    for source in ("x**2", "x**(1+1)", "x**-(-2)", "pow(x, 2)", "power(x, 4/2)"):
        y, leaves = parse(source).graph(x=-3.0)
        y.backward()
        assert (y.data, leaves["x"].grad) == (9.0, -6.0)
        assert y.op is PRIMITIVES["power"]


def test_a_variable_exponent_has_a_gradient_too():
    for source in ("x**y", "pow(x, y)", "power(x, y)"):
        assert grad(parse(source), 1)(2.0, 3.0) == pytest.approx(8 * math.log(2))


def test_the_branch_not_taken_contributes_nothing():
    assert grad(parse("where(x > 0, sqrt(x), 0)"))(0.0) == 0.0


def test_a_graph_holds_every_number_of_the_formula():
    y, leaves = parse("(3 + 5)*10").graph()
    assert (y.data, leaves) == (80.0, {})
    assert [leaf.data for leaf in (*y.parents[0].parents, y.parents[1])] == [3.0, 5.0, 10.0]
    assert not y.parents[1].is_constant, "without variables the numbers are the inputs"

    y, leaves = parse("(3 + pi)*x").graph(x=2)
    assert leaves["x"].label == "x"
    assert [leaf.label for leaf in y.parents[0].parents] == ["", "π"]
    assert all(leaf.is_constant for leaf in y.parents[0].parents)


def test_every_scalar_function_of_the_table_can_be_called():
    refused = set()
    for name, row in PRIMITIVES.items():
        arguments = ", ".join(["0.5"] * (row.arity or 2))
        if name == "where":
            arguments = "1 > 0, 0.5, 0.5"
        try:
            assert isinstance(parse(f"{name}({arguments})")(), float), name
        except ExpressionError:
            refused.add(name)
    assert refused == {row.name for row in PRIMITIVES.values() if row.boolean or row.outputs} | {
        "affine",
        "complement",
        "dpow",
        "polygamma",
        "take",
    }


def test_pickles_and_shows_itself():
    f = pickle.loads(pickle.dumps(parse("x + 1")))
    assert (f(1), repr(f), str(f)) == (2.0, "parse('x + 1')", "x + 1")


# ---------------------------------------------------------------- what is refused, and how


MISTAKES = [
    ("2x", 2, "an operator is missing between '2' and 'x'; a product is written with *"),
    ("2(x + 1)", 2, "an operator is missing between '2' and '('"),
    ("(x)(y)", 4, "an operator is missing between ')' and '('"),
    ("x not y", 3, "an operator is missing between 'x' and 'not'"),
    ("tahn(x)", 1, "there is no function 'tahn'; did you mean 'tanh'?"),
    ("y + sqr(x)", 5, "there is no function 'sqr'; did you mean 'sqrt'?"),
    ("zzz(x)", 1, "there is no function 'zzz'; a product is written zzz*(…)"),
    ("tanh()", 1, "tanh takes 1 argument, got 0"),
    ("1 + clip(x)", 5, "clip takes 3 arguments, got 1"),
    ("sum()", 1, "sum takes at least 1 argument, got 0"),
    ("softmax(x, y)", 1, "softmax has several results, a formula has one; use it in Python"),
    ("affine(1, 2, 3)", 1, "affine takes weights, inputs and bias"),
    ("bell(x, y)", 1, "argument 2 must be a number, without variables"),
    ("x^2", 2, "'^' is not part of a formula; a power is written **"),
    ("x // 2", 3, "'//' is not part of a formula; write floor(a / b)"),
    ("y = x", 3, "'=' is not part of a formula; equality is written =="),
    ("x.data", 2, "'.' is not part of a formula; use numbers, names, + - * / ** ( ) and functions"),
    ("x²", 1, "'x²' is not a name; use letters, digits and _, and ** for a power"),
    ("lambda*x", 1, "'lambda' is a reserved word of Python; choose another name, such as 'lambda_'"),
    ("x +", 4, "the expression ends too early; a number, a name or '(' is missing"),
    ("* x", 1, "a number, a name or '(' is missing before '*'"),
    ("f(x,)", 5, "a number, a name or '(' is missing before ')'"),
    ("x + (y", 5, "this '(' is never closed; add a ')'"),
    ("x + y)", 6, "this ')' has no '('; remove it, or add a '('"),
    ("x > 0", 1, "a comparison is allowed only as the condition of where(condition, a, b)"),
    ("1 + (x and y)", 6, "a comparison is allowed only as the condition of where(condition, a, b)"),
    ("where(x, 1, 2)", 7, "the condition of where must be a comparison, such as x > 0"),
    ("where(x > 0, 1, y < 2)", 17, "a comparison is allowed only as the condition"),
    ("where(1 < 2 and 3, 1, 2)", 17, "the condition of where must be a comparison"),
    ("x + not y", 5, "this is not a formula; check the operators around it"),
    ("(x, y)", 1, "this is not part of a formula"),
    ("()", 1, "this is not part of a formula"),
    ("(" * 101 + "x" + ")" * 101, 101, "parentheses are nested too deeply; 100 levels are allowed"),
    ("-" * 3000 + "x", 1, "operations are nested more than 1000 deep; split the formula"),
    ("x" + "+x" * 1500, 1, "operations are nested more than 1000 deep; split the formula"),
    ("x" + "**x" * 3000, 1, "operations are nested more than 1000 deep; split the formula"),
]


@pytest.mark.parametrize(("source", "column", "reason"), MISTAKES)
def test_a_mistake_is_shown_at_its_column(source, column, reason):
    with pytest.raises(ExpressionError) as caught:
        parse(source)
    assert caught.value.column == column
    assert caught.value.reason.startswith(reason)
    assert str(caught.value).startswith(f"column {column}: {reason}")


@pytest.mark.parametrize(
    ("source", "picture"),
    [
        ("x + tahn(y)", "  x + tahn(y)\n      ^^^^"),
        ("重み*x + タン(y)", "  重み*x + タン(y)\n           ^^^^"),
        ("x +\t\ty z", "  x +  y z\n         ^"),
        ("x +\n  y +\n  z) + 1", "    z) + 1\n     ^"),
        ("x +", "  x +\n     ^"),
        ("x\x1b[31m", "  x\ufffd[31m\n   ^"),
        ("1+" * 100 + "?" + "+1" * 100, "  …" + "1+" * 20 + "?" + "+1" * 15 + "…\n" + " " * 43 + "^"),
    ],
)
def test_the_caret_stands_under_the_place(source, picture):
    with pytest.raises(ExpressionError) as caught:
        parse(source)
    message, *excerpt = str(caught.value).split("\n")
    assert "\n".join(excerpt) == picture
    assert message.isprintable()


def test_a_place_on_a_later_line_is_named_by_line():
    with pytest.raises(ExpressionError, match=r"^line 3, column 4: this '\)' has no"):
        parse("x +\n  y +\n  z)")


def test_empty_and_endless_formulas_are_refused():
    for source in ("", " \n\t"):
        with pytest.raises(ExpressionError, match=r"^the expression is empty; write a formula such as tanh"):
            parse(source)
    with pytest.raises(ExpressionError, match=r"^the expression has 20001 characters; 10000 are allowed"):
        parse("x" + "+x" * 10_000)
    with pytest.raises(TypeError, match=r"an expression is a string such as .*, got a int"):
        parse(3)


def test_long_flat_formulas_are_fine():
    n = 900
    f = parse(" + ".join(f"x{i}" for i in range(n)))
    assert f(*range(n)) == n * (n - 1) / 2


# ---------------------------------------------------------------- attacks

ATTACKS = [
    "__import__('os').system('true')",
    "__import__(os)",
    "eval(x)",
    "exec(x)",
    "open(x)",
    "print(x)",
    "().__class__.__bases__",
    "x.__class__",
    "[x for x in (1,)]",
    "{1: 2}",
    "lambda: x",
    "(x := 1)",
    "x if y else z",
    "f'{x}'",
    "'a' * 10**9",
    "b'x'",
    "x[0]",
    "tanh(*x)",
    "tanh(**x)",
    "tanh(x=1)",
    "x; y",
    "x # y",
    "x \\\n y",
    "await x",
    "yield x",
    "None",
    "True",
    "...",
    "1j",
    "0x10",
    "0b1",
    "007",
    "1_000",
    "9" * 5000,
    "𝐍𝐨𝐧𝐞",
    "𝐥𝐚𝐦𝐛𝐝𝐚",
    "ﬁ\u202e(x)",
    "\x00",
    "x\x00y",
    "\ud800",
    "x\ud800",
    "\ufeffx",
    "(" * 9999,
    ")" * 9999,
    "f(" * 3000,
    "-(" * 90 + "a b" + ")" * 90,
    "not " * 2000 + "x",
    "f" + "()" * 4000,
    "x " * 4000,
    "where(" * 99,
    "where(x<1," * 99 + "y" + ",z)" * 99 + ")",
    "a" * 9999 + "(x)",
    "x" + "<x" * 4000,
    "x" + " and x" * 1500,
    "1e" + "9" * 5000,
]


HARMLESS = {"compile", "builtins.id", "object.__getattr__", "sys._getframe"}
watched: list[str] = []
watching = False


@sys.addaudithook  # what runs, imports, opens or spawns anything is told by the interpreter itself
def watch(event, args):
    if watching and event not in HARMLESS:
        watched.append(event)


@pytest.mark.parametrize("source", ATTACKS, ids=range(len(ATTACKS)))
def test_an_attack_is_one_clear_error(source):
    global watching
    watched.clear()
    watching = True
    try:
        result = parse(source)()
    except ExpressionError as error:
        result = error
    finally:
        watching = False
    assert watched == []
    if isinstance(result, ExpressionError):
        assert len(str(result).split("\n")[0]) < 200
        assert all(line.isprintable() for line in str(result).split("\n"))
    else:
        assert source.startswith("1e"), "only a number beyond the floats is a formula among these"
        assert result == math.inf


def test_nesting_in_comparisons_is_no_bomb():
    """A middle operand of a < b < c must be computed once, or nesting it doubles the work each time."""
    source = "x"
    for _ in range(40):
        source = f"where(0 < {source} < 9, x, 1)"
    f = parse(source)
    assert len(f._code) == 1 + 40 * 6
    assert f(2.0) == 2.0


def test_the_watch_sees_what_it_should():
    global watching
    watched.clear()
    watching = True
    try:
        eval("1 + 1")
    finally:
        watching = False
    assert watched == ["exec"]


def test_only_the_parser_of_python_is_called(monkeypatch):
    calls = []
    real = ast.parse
    monkeypatch.setattr(ast, "parse", lambda text, **named: calls.append(text) or real(text, **named))
    parse("tanh(x)\n")
    assert calls == ["tanh(x)"]


OPERANDS = ["x", "y", "重み", "1", "2.5", "1e9", "pi", "tanh", "where", "max", "logsumexp", "softmax", "exp", "power"]
RESERVED = ["lambda", "if"]
OPERATORS = ["(", ")", ",", "+", "-", "−", "*", "/", "**", "<", "<=", "==", "!=", "and", "or", "not"]
NOISE = ["9" * 400, " ", "\n", "\t", ".", "^", "=", "'", "\\", "\x00", "\ud800", "²", "\u202e"]
TOKENS = st.sampled_from([*OPERANDS, *OPERATORS, *RESERVED, *NOISE])


def read(source):
    try:
        return parse(source)
    except ExpressionError as error:
        return error


def refuse_or_compute(source):
    f = read(source)
    if isinstance(f, ExpressionError):
        assert all(line.isprintable() for line in str(f).split("\n"))
        assert 1 <= f.column <= len(source) + 1
        return
    numbers = f(*(0.5 + i for i in range(len(f.names))))
    assert isinstance(numbers, float)
    output, leaves = f.graph(**{name: 0.5 + i for i, name in enumerate(f.names)})
    assert output.data == numbers or (math.isnan(output.data) and math.isnan(numbers))
    output.backward()
    assert set(leaves) == set(f.names)


@pytest.mark.long
@settings(max_examples=300, deadline=None)
@given(st.lists(TOKENS, max_size=25).map("".join))
def test_fuzz_of_tokens(source):
    refuse_or_compute(source)


@pytest.mark.long
@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40))
def test_fuzz_of_text(source):
    refuse_or_compute(source)


LEAVES = st.sampled_from(["x", "y", "z", "0", "1", "2", "0.5", "3e-7", "1e308", "pi", "inf", "nan"])


def combine(inner):
    unary = st.sampled_from(["tanh", "exp", "log", "sqrt", "abs", "relu", "-", "+", "sign", "gelu"])
    binary = st.sampled_from(["+", "-", "*", "/", "**"])
    compare = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
    return st.one_of(
        st.builds(lambda f, a: f"{f}({a})", unary, inner),
        st.builds(lambda a, op, b: f"({a}) {op} ({b})", inner, binary, inner),
        st.builds(lambda a, op, b, c, d: f"where({a} {op} {b}, {c}, {d})", inner, compare, inner, inner, inner),
        st.builds(lambda a, b: f"max({a}, {b})", inner, inner),
    )


@pytest.mark.long
@settings(max_examples=300, deadline=None)
@given(st.recursive(LEAVES, combine, max_leaves=20))
def test_well_formed_formulas_are_always_read(source):
    f = parse(source)
    refuse_or_compute(source)
    assert set(f.names) <= {"x", "y", "z"}


@pytest.mark.parametrize(("text", "width"), [("abc", 3), ("重み", 4), ("é", 1), ("e\u0301", 1), ("−∂×", 3)])
def test_width_of_text_in_a_terminal(text, width):
    assert display_width(text) == width


def test_the_formula_is_what_python_would_compute():
    x, y = Value(0.3), Value(1.7)
    by_hand = exp(-(x**2)) / (1 + y) - 3 * y
    by_text = parse("exp(-x**2)/(1 + y) - 3*y")(x, y)
    assert by_text.data == by_hand.data
