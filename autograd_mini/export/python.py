"""A model as a Python file that needs the standard library alone, and as one that needs NumPy."""

from __future__ import annotations

from autograd_mini.export.interface import Interface
from autograd_mini.program.ir import Program

__all__ = ["numpy_text", "python_text"]

DOCUMENT = '''\
"""{title}: {count} inputs, {outputs} outputs. Written by autograd_mini; it needs {needs}.

>>> from {stem} import predict
>>> predict({example})  # {inputs}

From a shell, one line of numbers per sample: python {stem}.py < rows.csv
"""
'''

SCALAR = '''

def predict(x):
    """Return the outputs for the numbers ``x``, one per name in INPUTS, as a list in the order of OUTPUTS."""
    if len(x) != len(INPUTS):
        raise ValueError(f"predict takes {{len(INPUTS)}} numbers ({{', '.join(INPUTS)}}), got {{len(x)}}")
    result = program(*map(float, x))
    return list(result) if isinstance(result, tuple) else [result]
{classify}

if __name__ == "__main__":
    import csv
    import sys

    for row in csv.reader(sys.stdin):
        print(*({call}))
'''

CLASSIFY = '''

def classify(x):
    """Return the class of the largest output."""
    outputs = predict(x)
    return CLASSES[outputs.index(max(outputs))]
'''

COLUMNS = '''

def predict(X):
    """Return the outputs (N, {count}) for samples X (N, {inputs}), in the order of INPUTS and OUTPUTS."""
    X = np.asarray(X, dtype=float)
    if X.ndim != 2 or X.shape[1] != len(INPUTS):
        raise ValueError(f"predict takes rows of {{len(INPUTS)}} numbers, shape (N, {{len(INPUTS)}}), got {{X.shape}}")
    result = program(*X.T, *WEIGHTS)
    result = result if isinstance(result, tuple) else (result,)
    return np.column_stack([np.broadcast_to(each, len(X)) for each in result])
{classify}

if __name__ == "__main__":
    import sys

    for row in {call}:
        print(*row)
'''

CLASSIFY_ROWS = '''

def classify(X):
    """Return the class of the largest output for each sample, (N,)."""
    return np.array(CLASSES)[predict(X).argmax(axis=1)]
'''


def python_text(program: Program, interface: Interface, stem: str) -> str:
    """Return the text of the Python file."""
    body = program.source("python")
    call = "[classify(row)]" if interface.classes else "predict(row)"
    return (
        _document(interface, stem, "only Python")
        + f"\n{body.split('def program', 1)[0].rstrip()}\n\n{_names(interface)}\n\n"
        + f"def program{body.split('def program', 1)[1]}"
        + SCALAR.format(classify=CLASSIFY * bool(interface.classes), call=call)
    )


def numpy_text(program: Program, interface: Interface, stem: str) -> str:
    """Return the text of the NumPy file, which loads the program's trailing inputs, the weights, from ``stem``.npz."""
    body = program.source("numpy")
    rows = 'np.loadtxt(sys.stdin, delimiter=",", ndmin=2)'
    sizes = {"count": len(interface.outputs), "inputs": len(interface.inputs)}
    call = f"classify({rows})[:, None]" if interface.classes else f"predict({rows})"
    return (
        _document(interface, stem, f"NumPy, and its numbers in {stem}.npz", rows=True)
        + f"\nimport pathlib\n{body.split('def program', 1)[0].rstrip()}\n\n{_names(interface)}\n"
        + 'WEIGHTS = np.load(pathlib.Path(__file__).with_suffix(".npz"), allow_pickle=False)["weights"]\n\n'
        + f"def program{body.split('def program', 1)[1]}"
        + COLUMNS.format(classify=CLASSIFY_ROWS * bool(interface.classes), call=call, **sizes)
    )


def _document(interface: Interface, stem: str, needs: str, rows: bool = False) -> str:
    numbers = f"[{', '.join(['0.0'] * min(len(interface.inputs), 4))}{', …' * (len(interface.inputs) > 4)}]"
    shown = ", ".join(interface.inputs[:8]) + ", …" * (len(interface.inputs) > 8)
    kind = "classifier" if interface.classes else "model"
    return DOCUMENT.format(
        title=f"A trained {kind}",
        count=len(interface.inputs),
        outputs=len(interface.outputs),
        needs=needs,
        stem=stem,
        example=f"[{numbers}]" if rows else numbers,
        inputs=safe(shown),
    )


def _names(interface: Interface) -> str:
    lines = [f"INPUTS = {list(interface.inputs)!r}", f"OUTPUTS = {list(interface.outputs)!r}"]
    return "\n".join([*lines, *([f"CLASSES = {list(interface.classes)!r}"] if interface.classes else [])])


def safe(text: str) -> str:
    """Return ``text`` escaped for a docstring or a comment, because names may come from other people's files."""
    return "".join(char if char.isprintable() and char not in '"\\*/' else "?" for char in text)
