"""``autograd-mini train``: train a network on a generated set or the user's table, and write a folder of results."""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd_mini.cli.samples import Samples, add_sample_options, load
from autograd_mini.cli.terminal import Refused, pictures
from autograd_mini.format import brief
from autograd_mini.language import tell

if TYPE_CHECKING:
    from autograd_mini.nn import Sequential
    from autograd_mini.training.trainer import Trainer

__all__ = ["configure", "run"]

OPTIMIZERS = {"adam": "Adam", "adamw": "AdamW", "sgd": "SGD", "rmsprop": "RMSProp", "adagrad": "AdaGrad"}
KEPT = (
    "data", "layers", "target", "features", "task", "missing", "encoding", "separator", "decimal", "samples", "noise",
    "seed", "test", "optimizer", "lr", "batch",
)  # fmt: skip
"""The options that must be the same when a run is resumed."""

EXAMPLES = """\
DATA is linear, spiral, doughnut, moons or xor, or a CSV file: one line per sample, names of the
columns in the first line, words or numbers in the cells. Numbers are scaled by the training rows;
a column of words becomes one number per word.

LAYERS is nodes:activation for each layer, as in 10:tanh,2:softmax; 2:tanhx5 means five such layers.
The last layer determines the task: N:softmax or N:linear for N classes, 1:sigmoid for two classes,
any other single node for a number. The default is 10:tanh and the last layer that the target needs.

The folder holds model.json, which autograd-mini predict applies to other rows.

for example: autograd-mini train iris.csv --target species --test-share 0.3
             autograd-mini train 家賃.csv --encoding cp932 --task regression --missing mean
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.epilog = tell(EXAMPLES)
    add = parser.add_argument
    add("data", metavar="DATA", help=tell("a generated set, or a CSV file"))
    add("--layers", default=None, help=tell("the network (default: 10:tanh, then N:softmax or 1:linear)"))
    add("--epochs", type=_count, default=400, help=tell("passes over the training data (default: 400)"))
    add("--out", type=Path, default=Path("run"), metavar="FOLDER", help=tell("folder for the results (default: run)"))
    add("--resume", action="store_true", help=tell("continue from the checkpoint in that folder"))
    add_sample_options(parser)
    add("--samples", type=_count, default=200, help=tell("generated sets: how many samples (default: 200)"))
    add("--noise", type=_at_least_0, default=0.02, help=tell("generated sets: deviation of the noise (default: 0.02)"))
    add("--seed", type=_whole, default=0, help=tell("seed of data, weights and batches (default: 0)"))
    add("--test-share", "--test", dest="test", type=_at_least_0, default=0.25, metavar="SHARE",
        help=tell("fraction of samples held out (default: 0.25)"))  # fmt: skip
    add("--optimizer", choices=tuple(OPTIMIZERS), default="adam", help=tell("(default: adam)"))
    add("--lr", type=_at_least_0, default=0.02, help=tell("learning rate (default: 0.02)"))
    add(
        "--figures",
        action=argparse.BooleanOptionalAction,
        default=True,
        help=tell("draw curves and film (default: yes)"),
    )
    add("--batch", type=_count, default=None, metavar="N", help=tell("samples per step (default: all)"))


def run(options: argparse.Namespace) -> None:
    """Train, print how well it went, and write model, checkpoint, history and figures."""
    from autograd_mini.checkpoint import CheckpointError
    from autograd_mini.cli.report import report
    from autograd_mini.predictor import Predictor
    from autograd_mini.training.trainer import DivergenceError

    samples = load(options, _task(options))
    if options.layers is None:
        classes = len(samples.target.classes)
        options.layers = f"10:tanh,{classes}:softmax" if classes else "10:tanh,1:linear"
    model, trainer = _prepare(options, samples)
    _keep_settings(options)
    path = options.out / "checkpoint.json"
    if options.resume:
        try:
            trainer.resume(path)
        except CheckpointError as error:
            raise Refused(str(error)) from None
        print(tell("resumed at epoch {epoch}", epoch=trainer.run.epoch))
    for note in samples.notes:
        print(note)
    plane = samples.X.shape[1] == 2 and len(samples.target.classes) == 2
    print(
        tell(
            "{data}: {count} samples to train on, {held} held out; {layers}, {parameters} parameters",
            data=brief(options.data),
            count=len(samples.y),
            held=len(samples.y_held),
            layers=options.layers,
            parameters=len(trainer.parameters),
        )
    )
    frames = _frame_epochs(options.epochs) if options.figures else ()
    held = samples.X_held, samples.y_held
    try:
        history = trainer.fit(
            samples.X, samples.y, options.epochs, options.batch, validation=held, checkpoint=path,
            measure_every=max(1, options.epochs // 100), frames=frames,
        )  # fmt: skip
    except DivergenceError as error:
        raise Refused(tell("{error}; a smaller --lr may help", error=error)) from None
    except OSError as error:
        raise Refused(
            tell("cannot write {path}: {why}", path=brief(str(path), 200), why=error.strerror or error)
        ) from None
    history.save(options.out / "history.csv")
    predictor = Predictor.of(model, samples.features, samples.target)
    written = [path, options.out / "history.csv", *predictor.export(options.out / "model.json")]
    print(
        tell(
            "epoch {epoch}: {training}; held out: {held}",
            epoch=trainer.run.epoch,
            training=_told(trainer, samples.X, samples.y),
            held=_told(trainer, *held),
        )
    )
    print("\n".join(["", *report(samples.target, samples.y_held, trainer.predict(samples.X_held)), ""]))
    if history.stopped == "interrupted":
        print(tell("stopped, and kept in {path}; the same command with --resume continues", path=path))
        raise KeyboardInterrupt
    if options.figures:
        written += _figures(options, model, trainer, samples, plane)
    print(tell("wrote {files}", files=", ".join(map(str, written))))


# ---------------------------------------------------------------- network


def _task(options: argparse.Namespace) -> str:
    """Return the task, from --task or the last layer."""
    from autograd_mini import nn

    if options.layers is None:
        return str(options.task)
    try:
        nodes, kind = nn.parse_layers(options.layers)[-1]
    except ValueError as error:
        raise Refused(str(error)) from None
    told = "classification" if nodes > 1 or kind in ("softmax", "sigmoid") else "regression"
    if options.task not in ("auto", told):
        last = options.layers.split(",")[-1]
        raise Refused(f"--task {options.task} does not suit the last layer {last!r}, which is for a {told}")
    return told


def _prepare(options: argparse.Namespace, samples: Samples) -> tuple[Sequential, Trainer]:
    """Return the network, and the trainer of its scores with the loss for its last layer."""
    from autograd_mini import losses, nn, optim
    from autograd_mini.training.trainer import Trainer

    layers = nn.parse_layers(options.layers)
    nodes, kind = layers[-1]
    classes = samples.target.classes
    model = nn.network(samples.X.shape[1], layers, rng=options.seed)
    # softmax and sigmoid are part of the loss, which neither overflows nor loses digits from scores
    scores = nn.Sequential(*list(model)[:-1]) if kind in ("softmax", "sigmoid") else model
    if not classes:
        loss: Any = losses.sum_squared_error
    elif kind == "sigmoid" and nodes == 1:
        if len(classes) != 2:
            raise Refused(
                f"1:sigmoid is for the classes 0 and 1, or two names; the data have {len(classes)}: use N:softmax"
            )
        loss = losses.binary_cross_entropy_with_logits
    else:
        if len(classes) > nodes:
            numbered = all(name.isdecimal() for name in classes)
            told = f"classes up to {classes[-1]}" if numbered else f"{len(classes)} classes ({', '.join(classes)})"
            last = options.layers.split(",")[-1]
            raise Refused(f"the data have {brief(told, 100)}, the last layer {last!r} is for {nodes} classes")
        loss = losses.cross_entropy
    try:
        optimizer = getattr(optim, OPTIMIZERS[options.optimizer])(model.parameters(), lr=options.lr)
    except ValueError as error:
        raise Refused(str(error)) from None
    if kind == "linear" and classes:
        model = nn.Sequential(*model, nn.Softmax())  # the model that is saved and drawn gives probabilities
    return model, Trainer(scores, loss, optimizer, seed=options.seed)


# ---------------------------------------------------------------- results


def _keep_settings(options: argparse.Namespace) -> None:
    """Write the options of the run; with --resume, raise Refused where they differ from those at its start."""
    path = options.out / "settings.json"
    now = {name: getattr(options, name) for name in KEPT}
    if options.resume:
        try:
            began = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise Refused(
                tell(
                    "nothing to resume in {folder}: {file} is missing or damaged",
                    folder=brief(str(options.out), 200),
                    file=path.name,
                )
            ) from None
        for name, value in now.items():
            if not isinstance(began, dict) or began.get(name) != value:
                before = began.get(name) if isinstance(began, dict) else None
                raise Refused(f"the run in {brief(str(options.out), 200)} began with {name} {before!r}, not {value!r}")
        return
    from autograd_mini.files import replace

    try:
        options.out.mkdir(parents=True, exist_ok=True)
        replace(path, json.dumps(now, indent=1) + "\n")
    except OSError as error:
        raise Refused(
            tell("cannot write into {path}: {why}", path=brief(str(options.out), 200), why=error.strerror or error)
        ) from None


def _told(trainer: Trainer, X: Any, y: Any) -> str:
    loss, accuracy = trainer.evaluate(X, y)
    return tell("loss {loss:.4g}", loss=loss) + (
        "" if math.isnan(accuracy) else ", " + tell("accuracy {accuracy:.1%}", accuracy=accuracy)
    )


def _frame_epochs(epochs: int) -> list[int]:
    pictures()
    from viz.plots.frames import frame_epochs

    return frame_epochs(epochs, 48)


def _figures(
    options: argparse.Namespace, model: Sequential, trainer: Trainer, samples: Samples, plane: bool
) -> list[Path]:
    """Write the film as a page, the curves and, for two classes of the plane, the film as a GIF; return the files."""
    from importlib.util import find_spec

    pictures()
    title = f"{Path(options.data).name} · {options.layers.replace(':', ' ').replace(',', ' → ')}"
    files = []
    from viz import film as page

    try:
        shown = page(
            trainer.history, title=title, classes=_used_classes(trainer, samples), inputs=samples.features.names
        )
        files.append(shown.save(options.out / "training.html"))
    except ValueError as error:
        print(tell("no training.html: {why}", why=error))
    if find_spec("matplotlib") is None:
        print(tell("no further figures without matplotlib: pip install 'autograd_mini[plots]'"))
        return files
    from viz import plots

    files += [plots.save(plots.history_chart(trainer.history, title=title), options.out / "history.png")]
    if plane:
        film = plots.TrainingFilm(model, trainer.parameters, trainer.history, samples.X, samples.y, title=title)
        files += [film.save(options.out / "boundary.png"), film.save(options.out / "training.gif")]
    return files


def _used_classes(trainer: Trainer, samples: Samples) -> tuple[str, ...]:
    """The name of every class that the last layer can tell; spare nodes are called by their number."""
    classes = samples.target.classes
    nodes = trainer.predict(samples.X[:1]).shape[-1]
    return (*classes, *(f"class {number}" for number in range(len(classes), nodes))) if classes else ()


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


def _at_least_0(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0.0 <= number < math.inf:
        raise argparse.ArgumentTypeError(f"{brief(text)!r} is not a finite number of at least 0")
    return number
