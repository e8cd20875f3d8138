"""``autograd-mini train``: train a network on a generated set or the user's table, and write a folder of results."""

from __future__ import annotations

import argparse
import json
import math
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd_mini.cli.figures import figures, frame_epochs
from autograd_mini.cli.numbers import at_least_0, count, whole
from autograd_mini.cli.samples import Samples, add_sample_options, load
from autograd_mini.cli.terminal import Refused
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

MOST_PARAMETERS = 200_000

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
    add("--epochs", type=count, default=400, help=tell("passes over the training data (default: 400)"))
    add("--out", type=Path, default=Path("run"), metavar="FOLDER", help=tell("folder for the results (default: run)"))
    add("--resume", action="store_true", help=tell("continue from the checkpoint in that folder"))
    add_sample_options(parser)
    add("--samples", type=count, default=200, help=tell("generated sets: how many samples (default: 200)"))
    add("--noise", type=at_least_0, default=0.02, help=tell("generated sets: deviation of the noise (default: 0.02)"))
    add("--seed", type=whole, default=0, help=tell("seed of data, weights and batches (default: 0)"))
    add("--test-share", "--test", dest="test", type=at_least_0, default=0.25, metavar="SHARE",
        help=tell("fraction of samples held out (default: 0.25)"))  # fmt: skip
    add("--optimizer", choices=tuple(OPTIMIZERS), default="adam", help=tell("(default: adam)"))
    add("--lr", type=at_least_0, default=0.02, help=tell("learning rate (default: 0.02)"))
    add(
        "--figures",
        action=argparse.BooleanOptionalAction,
        default=True,
        help=tell("draw curves and film (default: yes)"),
    )
    add("--batch", type=count, default=None, metavar="N", help=tell("samples per step (default: all)"))


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
    frames = frame_epochs(options.epochs) if options.figures else ()
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
        written += figures(options, model, trainer, samples, plane)
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
        raise Refused(
            tell(
                "--task {task} does not suit the last layer {last}, which is for a {told}",
                task=options.task,
                last=repr(last),
                told=told,
            )
        )
    return told


def _prepare(options: argparse.Namespace, samples: Samples) -> tuple[Sequential, Trainer]:
    """Return the network, and the trainer of its scores with the loss for its last layer."""
    from autograd_mini import losses, nn, optim
    from autograd_mini.training.trainer import Trainer

    layers = nn.parse_layers(options.layers)
    nodes, kind = layers[-1]
    classes = samples.target.classes
    widths = [samples.X.shape[1], *(nodes for nodes, _ in layers)]
    parameters = sum((before + 1) * after for before, after in pairwise(widths))
    if parameters > MOST_PARAMETERS:
        raise Refused(
            tell(
                "{layers} on {count} features has {parameters:,} parameters; up to {most:,} are supported: choose "
                "fewer features with --features, or smaller --layers",
                layers=options.layers,
                count=widths[0],
                parameters=parameters,
                most=MOST_PARAMETERS,
            )
        )
    model = nn.network(samples.X.shape[1], layers, rng=options.seed)
    # softmax and sigmoid are part of the loss, which neither overflows nor loses digits from scores
    scores = nn.Sequential(*list(model)[:-1]) if kind in ("softmax", "sigmoid") else model
    if not classes:
        loss: Any = losses.sum_squared_error
    elif kind == "sigmoid" and nodes == 1:
        if len(classes) != 2:
            raise Refused(
                tell(
                    "1:sigmoid is for the classes 0 and 1, or two names; the data have {count}: use N:softmax",
                    count=len(classes),
                )
            )
        loss = losses.binary_cross_entropy_with_logits
    else:
        if len(classes) > nodes:
            numbered = all(name.isdecimal() for name in classes)
            told = (
                tell("classes up to {last}", last=classes[-1])
                if numbered
                else tell("{count} classes ({names})", count=len(classes), names=", ".join(classes))
            )
            last = options.layers.split(",")[-1]
            raise Refused(
                tell(
                    "the data have {told}, the last layer {last} is for {nodes} classes",
                    told=brief(told, 100),
                    last=repr(last),
                    nodes=nodes,
                )
            )
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
                raise Refused(
                    tell(
                        "the run in {out} began with {name} {before}, not {value}",
                        out=brief(str(options.out), 200),
                        name=name,
                        before=repr(before),
                        value=repr(value),
                    )
                )
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
