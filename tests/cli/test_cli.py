"""The command line: what it prints, how it ends, and that no input shows a traceback."""

import io
import os
import re
import subprocess
import sys
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import autograd_mini
from autograd_mini import cli
from autograd_mini.cli import COMMANDS, main
from autograd_mini.cli import demo as cli_demo
from autograd_mini.cli import terminal as cli_terminal
from autograd_mini.cli.terminal import ASCII, paint, speak_plainly

NEURON = ["tanh(w*x + b)", "w=0.5", "x=2", "b=-1"]


def run(*arguments, **environment):
    """The command line as a process of its own: (status, stdout, stderr)."""
    done = subprocess.run(
        [sys.executable, "-m", "autograd_mini", *arguments],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


# ---------------------------------------------------------------- grad


def test_grad_prints_value_gradient_and_differences(capsys):
    assert main(["grad", *NEURON]) == 0
    out, err = capsys.readouterr()
    assert re.sub(r" +[0-9]e−[0-9]+$", " …", out, flags=re.M).split("\n") == [
        "tanh(w*x + b) = 0",
        "",
        "variable   value   gradient   differences   ±",
        "w           0.5    2          2 …",
        "x           2      0.5        0.5 …",
        "b          −1      1          1 …",
        "",
    ]
    assert err == ""


def test_grad_narrates_and_draws_as_asked_in_any_order(capsys, tmp_path):
    picture = tmp_path / "graph.svg"
    formula, w, x, b = NEURON
    assert main(["grad", "--draw", str(picture), formula, w, "--narrate", x, b, "--theme", "dark"]) == 0
    out = capsys.readouterr().out
    assert "Forward\n  w = 0.5\n" in out
    assert "∂L/∂w = ∂L/∂a · da/dw = 1 · 2 = 2" in out
    assert out.endswith(f"\ndrawn: {picture}\n")
    assert picture.read_text().startswith("<svg")
    assert "#0F1720" in picture.read_text(), "the dark background"


def test_grad_tells_a_kink(capsys):
    assert main(["grad", "abs(x)*重み", "x=0", "重み=2.5"]) == 0
    out = capsys.readouterr().out
    assert "\nx          0       0          –\n" in out
    assert "\n重み       2.5     0          0 " in out, "two cells for each character"
    assert out.endswith("kink at x = 0: left −2.5, right 2.5; reverse mode returned the least-norm subgradient 0\n")


@pytest.mark.parametrize(
    ("formula", "first"),
    [("-x**2", "-x**2 = −9"), ("-omega", "-omega = −3"), ("-h", None), ("- x", "- x = −3"), ("x", "x = 3")],
)
def test_a_formula_may_begin_with_a_minus(capsys, formula, first):
    status = main(["grad", formula, f"{'omega' if 'omega' in formula else 'x'}=3"])
    out = capsys.readouterr().out
    assert status == 0
    assert out.split("\n")[0] == first or (first is None and out.startswith("usage: autograd-mini grad"))


def test_values_may_be_written_as_numbers_are(capsys):
    assert main(["grad", "a + b + c + d", "a=−1", "b=1e-3", "c=pi/2", "d=inf"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("a + b + c + d = inf\n")
    assert re.findall(r"^[abcd]  +(\S+)", out, flags=re.M) == ["−1", "0.001", "1.5708", "inf"]


def test_a_formula_without_variables_has_a_value(capsys):
    assert main(["grad", "(3+5)*10"]) == 0
    assert capsys.readouterr().out.startswith("(3+5)*10 = 80\nno variables, so no gradient; name the numbers")


def test_a_name_means_the_same_in_any_spelling_of_unicode(capsys):
    composed, parted = "é", unicodedata.normalize("NFD", "é")
    assert main(["grad", composed, f"{parted}=2"]) == 0
    assert capsys.readouterr().out.startswith("é = 2")


def test_many_variables_are_not_waited_for(capsys):
    names = [f"x{i}" for i in range(400)]
    assert main(["grad", "+".join(names), *(f"{name}=1" for name in names)]) == 0
    assert capsys.readouterr().out.endswith("400 variables in 799 steps: finite differences would take too long\n")


# ---------------------------------------------------------------- draw and demo


@pytest.mark.parametrize("ending", ["svg", "dot", "txt"])
def test_draw_writes_the_file(capsys, tmp_path, ending):
    path = tmp_path / f"graph.{ending}"
    assert main(["draw", "(a + b)*c", "a=3", "b=5", "-o", str(path), "c=10"]) == 0
    assert capsys.readouterr().out == f"drawn: {path}\n"
    assert "10" in path.read_text(encoding="utf-8")


def test_draw_shows_the_numbers_of_a_formula(tmp_path):
    path = tmp_path / "graph.txt"
    assert main(["draw", "(3+5)*10", "-o", str(path)]) == 0
    assert "= 3 + 5 = 8" in path.read_text(encoding="utf-8")


def test_demo_prints_both_graphs_and_says_where_the_pictures_are(capsys, tmp_path):
    folder = tmp_path / "deep" / "demo"
    assert main(["demo", "--out", str(folder)]) == 0
    out = capsys.readouterr().out
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["arithmetic-dark.svg", "arithmetic-light.svg", "neuron-dark.svg", "neuron-light.svg"]
    assert all(str(folder / name) in out for name in names)
    assert "y = c × k = 8 × 10 = 80" in out
    assert "∂y/∂a = ∂y/∂c · dc/da = 10 · 1 = 10" in out
    assert re.search(r"w₁ +0\.4 +−3\.08543", out)
    assert "\x1b" not in out, "plain where it is no terminal"


def test_the_graphs_of_the_demo():
    total = cli_demo.arithmetic()
    total.backward()
    assert (total.data, [leaf.grad for leaf in total.parents[0].parents]) == (80.0, [10.0, 10.0])
    loss = cli_demo.neuron()
    assert loss.data == pytest.approx((autograd_mini.tanh(0.2) - 1) ** 2)


# ---------------------------------------------------------------- what is refused


REFUSED = [
    (["grad", "tanh(w*x + b)", "w=1"], "no value for x, b; add x=… b=…"),
    (["grad", "tanh*x", "x=1"], "no value for tanh; add tanh=… (tanh is a function too: tanh(…))"),
    (["grad", "x", "y=1"], "'y' is no variable of the formula; its variables are x"),
    (
        ["grad", "alpha*x", "alpa=1"],
        "'alpa' is no variable of the formula; its variables are alpha, x; did you mean 'alpha'?",
    ),
    (["grad", "3", "y=1"], "'y' is no variable of the formula, which has none"),
    (["grad", "e*x", "e=1", "x=1"], "e is a constant of formulas; use another name for a variable"),
    (["grad", "x", "x=abc"], "x=abc: 'abc' is not a number; write x=0.5, x=1e-3 or x=pi/2"),
    (["grad", "x", "x="], "x=: '' is not a number; write x=0.5, x=1e-3 or x=pi/2"),
    (["grad", "x", "x=1", "x=2"], "x is given twice; give one value"),
    (["grad", "x", "3"], "'3' is not name=value; write, for example, x=0.5"),
    (["grad", "x", "x=1", "--draw", "a.bmp"], "cannot save a drawing as '.bmp'; use one of .svg"),
    (["grad", "x", "x=1", "--draw", "/nowhere/a.svg"], "cannot write /nowhere/a.svg: No such file or directory"),
    (["grad", "x", "x=1", "--theme", "pink"], "argument --theme: invalid choice: 'pink'"),
    (["grad", "x", "x=1", "--nope"], "'--nope' is not understood here; see autograd-mini grad --help"),
    (["grad"], "the following arguments are required: EXPR; see autograd-mini grad --help"),
    (["draw", "x", "x=1"], "the following arguments are required: -o/--output; see autograd-mini draw --help"),
    (["draw", "x", "x=1", "-o", "a.svg", "--detail", "nope"], "detail is 'nope'; "),
    (["draw", "x" + "*x" * 9000, "-o", "a.svg"], "the expression has 18001 characters; 10000 are allowed"),
    (["demo", "--out", "/dev/null/demo"], "cannot make the folder /dev/null/demo: Not a directory"),
    (["demo", "more"], "'more' is not understood here; see autograd-mini demo --help"),
    (["nope"], "there is no command 'nope'; the commands are demo, grad, draw"),
    (["--nope"], "'--nope' is not understood here; see autograd-mini --help"),
    (["--nope", "grad", "x", "x=1"], "'--nope' is not understood here; see autograd-mini grad --help"),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED, ids=range(len(REFUSED)))
def test_bad_input_is_one_line_and_status_2(capsys, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    command = next((f" {name}" for name in COMMANDS if name in arguments[:2]), "")
    assert err.startswith(f"autograd-mini{command}: error: {message}")
    assert err.count("\n") == 1
    assert err.endswith("\n")
    assert list(tmp_path.iterdir()) == [], "nothing is written"


def test_a_wrong_formula_is_shown_with_its_place(capsys):
    assert main(["grad", "x + tahn(y)", "x=1", "y=2"]) == 2
    assert capsys.readouterr().err.split("\n") == [
        "autograd-mini grad: error: column 5: there is no function 'tahn'; did you mean 'tanh'?",
        "  x + tahn(y)",
        "      ^^^^",
        "",
    ]


def test_a_graph_too_large_to_draw_is_refused_before_anything_is_printed(capsys, tmp_path):
    path = tmp_path / "a.txt"
    status = main(["grad", "+".join(["x"] * 900), "x=1", "--draw", str(path)])
    out, err = capsys.readouterr()
    if status == 0:  # where a coarser level of detail takes it
        assert path.exists()
    else:
        assert (status, out, err.count("\n")) == (2, "", 1)


ARGUMENTS = st.lists(
    st.one_of(
        st.sampled_from(
            ["x", "x=1", "y=2", "-x", "--", "-", "=", "x=", "=1", "x=nan", "tanh(x)", "--narrate", "-o", "-h"]
        ),
        st.text(max_size=12),
    ),
    max_size=4,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["grad", "draw", "grad", ""]), ARGUMENTS)
def test_no_arguments_show_a_traceback(tmp_path, monkeypatch, capsys, command, arguments):
    monkeypatch.chdir(tmp_path)
    status = main([command, *arguments] if command else arguments[:1])
    out, err = capsys.readouterr()
    assert status in (0, 2)
    assert (status == 2) == bool(err)
    assert "Traceback" not in out + err


# ---------------------------------------------------------------- how it ends


def test_help_and_version(capsys):
    for arguments in ([], ["--help"], *([name, "--help"] for name in COMMANDS)):
        assert main(arguments) == 0
        out, err = capsys.readouterr()
        assert out.startswith("usage: autograd-mini")
        assert err == ""
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"autograd-mini {autograd_mini.__version__}\n"


def test_the_help_names_every_command(capsys):
    main(["--help"])
    out = capsys.readouterr().out
    for name, (_, purpose) in COMMANDS.items():
        assert re.search(rf"^ +{name} +{re.escape(purpose[:30])}", out, flags=re.M)


def test_ctrl_c_is_status_130_without_a_traceback(capsys, monkeypatch, tmp_path):
    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli_demo, "narrate", interrupted)
    assert main(["demo", "--out", str(tmp_path)]) == 130
    assert capsys.readouterr().err == "autograd-mini demo: interrupted\n"


def test_a_process_prints_and_ends_as_promised():
    status, out, err = run("grad", *NEURON)
    assert (status, err) == (0, "")
    assert out.startswith("tanh(w*x + b) = 0\n")
    status, out, err = run("grad", "x", "x=one")
    assert (status, out) == (2, "")
    assert err == "autograd-mini grad: error: x=one: 'one' is not a number; write x=0.5, x=1e-3 or x=pi/2\n"


def test_an_encoding_without_a_true_minus_gets_a_plain_one():
    status, out, err = run("grad", "x - 1", "x=-0.5", "--narrate", PYTHONIOENCODING="ascii")
    assert (status, err) == (0, "")
    assert out.startswith("x - 1 = -1.5\n")
    assert "dL/dx = dL/dL * dL/dx = 1 * 1 = 1" in out


def test_a_reader_that_leaves_early_is_no_error():
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "autograd_mini", "grad", "+".join(f"x{i}" for i in range(500))]
        + [f"x{i}=1" for i in range(500)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (141, b"")


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("environment", "painted"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_colour_is_for_terminals_that_want_it(monkeypatch, environment, painted):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", Terminal())
    assert paint("10", "gradient") == ("\x1b[32m10\x1b[0m" if painted else "10")
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert paint("10", "gradient") == "10"


def test_every_sign_the_package_prints_has_a_plain_spelling():
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", newline="\n")
    speak_plainly(stream)
    stream.write("".join(ASCII) + "w₁é重\n")
    stream.seek(0)
    assert stream.read() == "".join(ASCII.values()) + "w1e?\n"


def test_a_broken_graphviz_is_one_line(capsys, monkeypatch, tmp_path):
    import viz

    def broken(*args, **named):
        raise RuntimeError("the native Graphviz is not installed or failed; install Graphviz")

    monkeypatch.setattr(viz, "draw", broken)
    assert main(["draw", "x*x", "x=1", "-o", str(tmp_path / "a.svg")]) == 2
    assert capsys.readouterr().err == (
        "autograd-mini draw: error: the native Graphviz is not installed or failed; install Graphviz\n"
    )


def test_drawing_is_imported_only_when_it_is_asked_for():
    code = "import sys, autograd_mini.cli as c; c.main(['grad', 'x', 'x=1']); sys.exit(int('viz' in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=False).returncode == 0
    assert cli.COMMANDS.keys() >= {"demo", "grad", "draw"}
    assert cli_terminal.Refused.__mro__[1] is Exception
