"""A training run on devices, as a script: ``together.py FOLDER EPOCHS [DIE_AT]``, which writes what it found.

Each process reads its own rows of the memory-mapped arrays X.npy and y.npy. With DIE_AT the last process
kills itself after so many epochs.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import numpy as np

from autograd_mini import losses, nn, optim
from autograd_mini.launch import COUNT, NUMBER
from autograd_mini.training import Trainer


def main(folder: Path, epochs: int, die_at: int) -> None:
    count, number = int(os.environ.get(COUNT, "1")), int(os.environ.get(NUMBER, "0"))
    X, y = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in "Xy")
    own = slice(len(X) * number // count, len(X) * (number + 1) // count)
    model = nn.network(4, "6:tanh, 3:linear", rng=0)
    trainer = Trainer(
        model, losses.cross_entropy, optim.Adam(model.parameters(), lr=0.05), engine="jax",
        penalty=lambda ps: losses.l2(ps, 1e-3), seed=3,
    )  # fmt: skip
    if (folder / "run.json").exists():
        trainer.resume(folder / "run.json")
    steps: list[float] = []
    advance = trainer._advance

    def watched(*args: object) -> tuple[float, float]:
        found = advance(*args)  # type: ignore[arg-type]
        steps.append(found[0])
        return found

    trainer._advance = watched  # type: ignore[method-assign, assignment]

    def die(trainer: Trainer) -> None:
        if die_at and trainer.run.epoch == die_at and number == count - 1:
            os.kill(os.getpid(), signal.SIGKILL)

    trainer.fit(
        X[own], y[own], epochs, batch_size=16, callbacks=die, checkpoint=folder / "run.json", checkpoint_every=1
    )
    import jax

    assert jax.process_count() == count
    found = {
        "steps": steps, "devices": jax.device_count(), "loss": trainer.history["loss"],
        "accuracy": trainer.history["accuracy"], "theta": [p.data for p in model.parameters()],
    }  # fmt: skip
    (folder / f"found{number}.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 0)
