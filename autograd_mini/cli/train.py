"""``autograd-mini train``: a network on a made set or the user's own table, with a folder of results."""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd_mini.cli.terminal import Refused
from autograd_mini.format import brief

if TYPE_CHECKING:
    from autograd_mini.nn import Sequential
    from autograd_mini.training.trainer import Trainer

__all__ = ["configure", "run"]

OPTIMIZERS = {"adam": "Adam", "adamw": "AdamW", "sgd": "SGD", "rmsprop": "RMSProp", "adagrad": "AdaGrad"}
KEPT = ("data", "layers", "target", "samples", "noise", "seed", "test", "optimizer", "lr", "batch")
"""The options that a resumed run must repeat: with others it would be another run."""

EXAMPLES = """\
DATA is linear, spiral, doughnut, moons or xor, or a CSV file with a number per column and the
target in the last one (or in --target). LAYERS is nodes:activation for each layer, as in
10:tanh,2:softmax; 2:tanhx5 is five such layers.

The last layer says what is learned: N:softmax or N:linear N classes, 1:sigmoid two classes,
any other single node a number.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.epilog = EXAMPLES
    add = parser.add_argument
    add("data", metavar="DATA", help="a made set, or a CSV file")
    add("--layers", default="10:tanh,2:softmax", help="the network (default: 10:tanh,2:softmax)")
    add("--epochs", type=_count, default=400, help="passes over the training data (default: 400)")
    add("--out", type=Path, default=Path("run"), metavar="FOLDER", help="where results go (default: run)")
    add("--resume", action="store_true", help="go on from the checkpoint in that folder")
    add("--target", default="-1", metavar="COLUMN", help="CSV: the target's column, by number or name (default: last)")
    add("--samples", type=_count, default=200, help="made sets: how many samples (default: 200)")
    add("--noise", type=_number, default=0.02, help="made sets: deviation of the noise (default: 0.02)")
    add("--seed", type=_whole, default=0, help="of data, weights and batches (default: 0)")
    add("--test", type=_number, default=0.25, metavar="SHARE", help="share of samples held out (default: 0.25)")
    add("--optimizer", choices=tuple(OPTIMIZERS), default="adam", help="(default: adam)")
    add("--lr", type=_number, default=0.02, help="learning rate (default: 0.02)")
    add("--figures", action=argparse.BooleanOptionalAction, default=True, help="draw curves and film (default: yes)")
    add("--batch", type=_count, default=None, metavar="N", help="samples per step (default: all)")


def run(options: argparse.Namespace) -> None:
    """Train, print how well it went, and write checkpoint, history and figures."""
    from autograd_mini.checkpoint import CheckpointError
    from autograd_mini.training.trainer import DivergenceError

    sets = _load(options)
    model, trainer = _prepare(options, sets)
    _keep_settings(options)
    path = options.out / "checkpoint.json"
    if options.resume:
        try:
            trainer.resume(path)
        except CheckpointError as error:
            raise Refused(str(error)) from None
        print(f"resumed at epoch {trainer.run.epoch}")
    X_train, y_train, X_test, y_test = sets
    plane = X_train.shape[1] == 2 and trainer.correct is not None and max(y_train.max(), y_test.max()) <= 1
    print(
        f"{brief(options.data)}: {len(y_train)} samples to train on, {len(y_test)} held out; "
        f"{options.layers}, {len(trainer.parameters)} parameters"
    )
    frames = _frame_epochs(options.epochs) if plane and options.figures else ()
    try:
        history = trainer.fit(
            X_train, y_train, options.epochs, options.batch, validation=(X_test, y_test), checkpoint=path,
            measure_every=max(1, options.epochs // 100), frames=frames,
        )  # fmt: skip
    except DivergenceError as error:
        raise Refused(f"{error}; a smaller --lr may help") from None
    except OSError as error:
        raise Refused(f"cannot write {brief(str(path), 200)}: {error.strerror or error}") from None
    history.save(options.out / "history.csv")
    written = [path, options.out / "history.csv"]
    print(f"epoch {trainer.run.epoch}: {_told(trainer, X_train, y_train)}; held out: {_told(trainer, X_test, y_test)}")
    if history.stopped == "interrupted":
        print(f"stopped, and kept in {path}; the same command with --resume goes on")
        raise KeyboardInterrupt
    if options.figures:
        written += _figures(options, model, trainer, plane, X_train, y_train)
    print("wrote " + ", ".join(map(str, written)))


# ---------------------------------------------------------------- data


def _load(options: argparse.Namespace) -> tuple[Any, Any, Any, Any]:
    """Return training and held-out samples; the features of a CSV file are standardised."""
    from autograd_mini import data

    try:
        if options.data in data.SETS:
            X, y = data.SETS[options.data](options.samples, options.noise, options.seed)
            return data.split(X, y, options.test, options.seed)
        if not Path(options.data).exists():
            raise Refused(
                f"no data set {brief(options.data)!r}, and no such file; the sets are {', '.join(data.SETS)}, "
                "anything else is the path of a CSV file"
            )
        column = int(options.target) if options.target.lstrip("-").isdecimal() else options.target
        X, y, _ = data.read_csv(options.data, column)
        X_train, y_train, X_test, y_test = data.split(X, y, options.test, options.seed)
    except (data.DataError, ValueError) as error:
        raise Refused(str(error)) from None
    X_train, X_test = data.standardise(X_train, X_test)
    return X_train, y_train, X_test, y_test


# ---------------------------------------------------------------- network


def _prepare(options: argparse.Namespace, sets: tuple[Any, Any, Any, Any]) -> tuple[Sequential, Trainer]:
    """Return the network, and the trainer of its scores under the loss that suits its last layer."""
    from autograd_mini import losses, nn, optim
    from autograd_mini.training.trainer import Trainer

    try:
        layers = nn.parse_layers(options.layers)
    except ValueError as error:
        raise Refused(str(error)) from None
    X_train, y_train, _, y_test = sets
    nodes, kind = layers[-1]
    model = nn.network(X_train.shape[1], layers, rng=options.seed)
    # softmax and sigmoid are part of the loss: from the scores it neither overflows nor loses digits
    scores = nn.Sequential(*list(model)[:-1]) if kind in ("softmax", "sigmoid") else model
    classes = sorted({*y_train.tolist(), *y_test.tolist()})
    whole = all(float(c).is_integer() and c >= 0 for c in classes)
    if nodes > 1 or kind == "softmax":
        if not whole or classes[-1] >= nodes:
            told = f"classes up to {classes[-1]:g}" if whole else "targets that are no class numbers 0, 1, …"
            raise Refused(
                f"the data have {told}, the last layer {options.layers.split(',')[-1]!r} is for {nodes} classes"
            )
        loss: Any = losses.cross_entropy
    elif kind == "sigmoid":
        if not set(classes) <= {0, 1}:
            raise Refused("1:sigmoid is for the classes 0 and 1; the data have others: use N:softmax for N classes")
        loss = losses.binary_cross_entropy_with_logits
    else:
        loss = losses.sum_squared_error
    try:
        optimizer = getattr(optim, OPTIMIZERS[options.optimizer])(model.parameters(), lr=options.lr)
    except ValueError as error:
        raise Refused(str(error)) from None
    return model, Trainer(scores, loss, optimizer, seed=options.seed)


# ---------------------------------------------------------------- what stays


def _keep_settings(options: argparse.Namespace) -> None:
    """Write the options of the run; with --resume, refuse where they differ from those it began with."""
    path = options.out / "settings.json"
    now = {name: getattr(options, name) for name in KEPT}
    if options.resume:
        try:
            began = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise Refused(
                f"nothing to resume in {brief(str(options.out), 200)}: {path.name} is missing or damaged"
            ) from None
        for name, value in now.items():
            if not isinstance(began, dict) or began.get(name) != value:
                before = began.get(name) if isinstance(began, dict) else None
                raise Refused(f"the run in {brief(str(options.out), 200)} began with {name} {before!r}, not {value!r}")
        return
    from autograd_mini.checkpoint import replace

    try:
        options.out.mkdir(parents=True, exist_ok=True)
        replace(path, json.dumps(now, indent=1) + "\n")
    except OSError as error:
        raise Refused(f"cannot write into {brief(str(options.out), 200)}: {error.strerror or error}") from None


def _told(trainer: Trainer, X: Any, y: Any) -> str:
    loss, accuracy = trainer.evaluate(X, y)
    return f"loss {loss:.4g}" + ("" if math.isnan(accuracy) else f", accuracy {accuracy:.1%}")


def _frame_epochs(epochs: int) -> list[int]:
    from viz.plots.charts import frame_epochs

    return frame_epochs(epochs, 24)


def _figures(
    options: argparse.Namespace, model: Sequential, trainer: Trainer, plane: bool, X: Any, y: Any
) -> list[Path]:
    """Write the curves and, for two classes of the plane, the film as a page and as a GIF; return the files."""
    from importlib.util import find_spec

    title = f"{Path(options.data).name} · {options.layers.replace(':', ' ').replace(',', ' → ')}"
    files = []
    if plane:
        from viz import film as page

        page(trainer.history, title=title).save(options.out / "training.html")
        files.append(options.out / "training.html")
    if find_spec("matplotlib") is None:
        print("no more figures without matplotlib: pip install 'autograd_mini[plots]'")
        return files
    from viz import plots

    files += [plots.save(plots.history_chart(trainer.history, title=title), options.out / "history.png")]
    if plane:
        film = plots.TrainingFilm(model, trainer.parameters, trainer.history, X, y, title=title)
        files += [film.save(options.out / "boundary.png"), film.save(options.out / "training.gif")]
    return files


# ---------------------------------------------------------------- numbers


def _count(text: str) -> int:
    number = _whole(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{brief(text)!r} is not a whole number of at least 1")
    return number


def _whole(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = -1
    if not 0 <= number < 2**63:
        raise argparse.ArgumentTypeError(f"{brief(text)!r} is not a whole number of at least 0")
    return number


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0.0 <= number < math.inf:
        raise argparse.ArgumentTypeError(f"{brief(text)!r} is not a finite number of at least 0")
    return number
