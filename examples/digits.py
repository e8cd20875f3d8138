"""Handwritten digits (rows E4, E8).

Two networks learn scikit-learn's 8 × 8 digits, a quarter held out: 64 → 64 relu → 10, and one with
a convolution and max pooling. Both train on the images and on copies moved by a pixel; both pass
97 % on held-out digits in seconds, compiled.
digits.png    loss and accuracy of both
mistakes.png  every held-out digit the convolutional network takes for another
filters.png   its first layer: eight 3 × 3 kernels (blue weights are positive, orange negative)

With --mnist FOLDER the first network learns MNIST from its four IDX files, plain or gzip
(train-images-idx3-ubyte…), averaged down from 28 × 28 to 14 × 14.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from example_options import parser

from autograd_mini import data, losses, nn, optim, schedules
from autograd_mini.data import DataError
from autograd_mini.training.trainer import Trainer
from viz import plots


def scikit_learn() -> tuple[np.ndarray, np.ndarray]:
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        sys.exit(
            "this example needs scikit-learn's digits: pip install autograd_mini[examples], or give --mnist FOLDER"
        )
    found = load_digits()
    return found.data / 16.0, found.target


def convolutional(channels: int, rng: random.Random) -> nn.Sequential:
    return nn.Sequential(
        nn.Reshape(1, 8, 8), nn.Conv2d(1, channels, 3, padding=1, rng=rng), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Affine(16 * channels, 10, rng=rng),
    )  # fmt: skip


def train(name: str, model: nn.Sequential, sets: tuple[np.ndarray, ...], epochs: int) -> Trainer:
    X_train, y_train, X_test, y_test = sets
    optimizer = optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.05)
    trainer = Trainer(model, losses.cross_entropy, optimizer)
    started = time.perf_counter()
    history = trainer.fit(
        X_train, y_train, epochs, 64, validation=(X_test, y_test), schedule=schedules.cosine(epochs)
    )  # fmt: skip
    print(
        f"{name}: {len(model.parameters())} parameters, {history['validation_accuracy'][-1]:.2%} of {len(y_test)} "
        f"held-out digits right after {epochs} epochs, {time.perf_counter() - started:.1f} s with compilation"
    )
    return trainer


def mnist_file(folder: Path, name: str) -> np.ndarray:
    for found in (folder / name, folder / f"{name}.gz"):
        if found.exists():
            return data.read_idx(found)
    raise DataError(f"{folder / name}: no such file, with or without .gz")


def mnist(folder: Path, fast: bool) -> None:
    hidden, epochs = (8, 1) if fast else (32, 5)
    sets: list[np.ndarray] = []
    for part in ("train", "t10k"):
        pixels = mnist_file(folder, f"{part}-images-idx3-ubyte")
        labels = mnist_file(folder, f"{part}-labels-idx1-ubyte")
        if pixels.ndim != 3 or pixels.shape[1:] != (28, 28) or labels.shape != pixels.shape[:1]:
            raise DataError(f"{folder}: images {pixels.shape} and labels {labels.shape} are not MNIST's")
        images = pixels.reshape(len(pixels), 14, 2, 14, 2).mean(axis=(2, 4)) / 255.0
        sets += [images.reshape(len(pixels), 196), labels.astype(int)]
    train(f"MNIST, 196 → {hidden} relu → 10", nn.network(196, f"{hidden}:relu,10:linear", rng=1), tuple(sets), epochs)


def mistakes(trainer: Trainer, X: np.ndarray, y: np.ndarray, path: Path) -> Path:
    guess = trainer.predict(X).argmax(axis=1)
    wrong = np.flatnonzero(guess != y)[:12]
    with plots.dressed() as palette:
        chart, axes = plots.figure(2, 6, (9.0, 3.6))
        for ax in axes.flat:
            ax.set_axis_off()
        for ax, i in zip(axes.flat, wrong.tolist(), strict=False):
            ax.set_axis_on()
            ax.imshow(X[i].reshape(8, 8), cmap="gray_r")
            ax.set_title(f"{y[i]}, taken for {guess[i]}", fontsize=9)
            plots.box(ax, palette)
        return plots.save(chart, path)


def filters(model: nn.Sequential, path: Path) -> Path:
    kernels = np.array([[[w.data for w in row] for row in kernel[0]] for kernel in model[1].w])  # type: ignore[attr-defined]
    most = abs(kernels).max()
    with plots.dressed() as palette:
        chart, axes = plots.figure(1, len(kernels), (9.0, 9.6 / len(kernels)))
        for ax, kernel in zip(axes, kernels, strict=True):
            plots.plane(ax, 0.5 + 0.5 * kernel[::-1] / most, (-1.5, 1.5), palette, smooth=False)
        return plots.save(chart, path)


def main(arguments: Sequence[str] | None = None) -> None:
    made = parser(__doc__)
    made.add_argument("--mnist", type=Path, metavar="FOLDER", help="train on the MNIST files in this folder")
    chosen = made.parse_args(arguments)
    if chosen.mnist is not None:
        try:
            return mnist(chosen.mnist, chosen.fast)
        except DataError as error:
            sys.exit(f"digits: {error}")
    X_train, y_train, X_test, y_test = data.split(*scikit_learn(), 0.25, seed=1)
    moved = data.shifted(X_train, y_train, 8, 8)
    if chosen.fast:
        moved = moved[0][:600], moved[1][:600]
    sets = (*moved, X_test, y_test)
    hidden, channels = (16, 2) if chosen.fast else (64, 8)
    plain, net = nn.network(64, f"{hidden}:relu,10:linear", rng=1), convolutional(channels, random.Random(1))
    dense = train(f"64 → {hidden} relu → 10", plain, sets, 2 if chosen.fast else 30)
    conv = train("3 × 3 convolution, max pooling", net, sets, 2 if chosen.fast else 20)
    histories: dict[str, Any] = {"dense": dense.history, "convolutional": conv.history}
    with plots.dressed():
        chart, axes = plots.figure(1, 2, (10.0, 3.8))
        for name, history in histories.items():
            (line,) = axes[0].plot(history["epoch"], history["loss"], label=f"{name}, training")
            axes[0].plot(history["epoch"], history["validation_loss"], "--", color=line.get_color(), label="held out")
            axes[1].plot(history["epoch"], history["validation_accuracy"], label=f"{name}, held out")
        axes[0].set(title="loss", xlabel="epoch", yscale="log")
        plots.plain_numbers(axes[0])
        axes[1].set(title="accuracy", xlabel="epoch")
        axes[1].axhline(0.97, color="gray", linewidth=1.0, linestyle=":")
        for ax in axes:
            ax.legend()
        print("wrote", plots.save(chart, chosen.out / "digits.png"))
    print("wrote", mistakes(conv, X_test, y_test, chosen.out / "mistakes.png"))
    print("wrote", filters(net, chosen.out / "filters.png"))
    return None


if __name__ == "__main__":
    main()
