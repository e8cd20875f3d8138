"""Wrong arguments: no error of Python from inside the package, no answer that is silently wrong, and help."""

from __future__ import annotations

import linecache
import math
from types import TracebackType
from typing import Any

import numpy as np
import pytest

import autograd_mini
import viz
from autograd_mini import checkpoint, data, losses, nn, optim, schedules
from autograd_mini.engine.hidden import TraceError
from autograd_mini.engine.value import Value, parameter
from autograd_mini.expression import parse
from autograd_mini.predictor import Predictor
from autograd_mini.primitives.registry import primitive
from autograd_mini.primitives.row import Primitive
from autograd_mini.primitives.table import pow
from autograd_mini.program.batch import Batch
from autograd_mini.training import History, Trainer
from tests.support.mistakes import ADVICE, MISTAKES
from tests.support.more_mistakes import MORE

X = np.array([[0.0, 1.0], [1.0, 0.0], [0.5, 0.5], [0.2, 0.3], [0.9, 0.1], [0.4, 0.6]])
Y = np.array([0, 1, 0, 1, 0, 1])
count = 0


def model() -> nn.Sequential:
    return nn.network(2, "3:tanh,2:softmax", rng=0)


def scores() -> nn.Sequential:
    return nn.network(2, "3:tanh,2:linear", rng=0)


def trainer() -> Trainer:
    made = model()
    return Trainer(made, losses.nll, optim.Adam(made.parameters()), engine="numpy")


def wrong_partials() -> Primitive:
    global count
    count += 1
    return primitive(f"one_partial_too_few_{count}", value=lambda a, b: a * b, partials=lambda a, b, y: (b,), arity=2)


M = model()
PRODUCT = Value(2.0) * 3.0
PRODUCT.backward()
NAMES: dict[str, Any] = {
    **{name: getattr(autograd_mini, name) for name in autograd_mini.__all__},
    "math": math, "np": np, "viz": viz, "pow": pow, "checkpoint": checkpoint, "data": data, "losses": losses, "nn": nn,
    "optim": optim, "schedules": schedules, "parse": parse, "Predictor": Predictor,
    "Batch": Batch, "History": History, "Trainer": Trainer,
    "X": X, "y": Y, "P": parameter(1.0), "V": PRODUCT, "M": M, "O": optim.Adam(M.parameters()), "T": trainer,
    "model": model, "scores": scores, "wrong_partials": wrong_partials,
}  # fmt: skip


def is_deliberate(traceback: TracebackType | None) -> bool:
    """Tell whether the error was raised by a ``raise``, or by Python at the user's own line."""
    assert traceback is not None
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    where = traceback.tb_frame.f_code.co_filename
    return where == "<mistake>" or linecache.getline(where, traceback.tb_lineno).strip().startswith("raise ")


def answer(expression: str) -> BaseException:
    code = compile(expression, "<mistake>", "eval")
    try:
        result = eval(code, dict(NAMES))
    except Exception as error:
        return error
    raise AssertionError(f"{expression} answered {result!r}")


@pytest.mark.usefixtures("table")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("expression", [each for kind in (*MISTAKES.values(), *MORE.values()) for each in kind])
def test_a_mistake_is_answered_with_a_sentence(expression: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    error = answer(expression)
    usual = (TypeError, ValueError, LookupError, AttributeError, OSError, NotImplementedError, TraceError)
    assert isinstance(error, usual), error
    assert is_deliberate(error.__traceback__) or ("/nowhere" in expression and isinstance(error, OSError)), (
        f"{type(error).__name__} from inside: {error}"
    )
    assert len(str(error)) > 12
    assert ADVICE.get(expression, "") in str(error)
    assert list(tmp_path.iterdir()) == []


def test_the_table_is_long_and_its_advice_belongs_to_it() -> None:
    every = [each for kind in (*MISTAKES.values(), *MORE.values()) for each in kind]
    assert len(every) == len(set(every)) > 850
    assert set(ADVICE) <= set(every)


def test_the_test_sees_an_error_from_inside() -> None:
    with pytest.raises(IndexError) as found:
        [1.0][3]
    assert not is_deliberate(found.tb)
