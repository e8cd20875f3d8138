"""Random generators, and their state in a form that compares."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

__all__ = ["GENERATORS", "legacy_state", "state"]

GENERATORS = (
    random.Random, np.random.Generator, np.random.RandomState, np.random.BitGenerator, np.random.SeedSequence,
)  # fmt: skip


def state(generator: Any) -> str:
    """Return the state of a random generator."""
    if isinstance(generator, random.Random):
        return repr(generator.getstate()) if type(generator) is not random.SystemRandom else ""
    if isinstance(generator, np.random.RandomState):
        return repr([x.tobytes() if isinstance(x, np.ndarray) else x for x in generator.get_state(legacy=True)])
    bits = generator.bit_generator if isinstance(generator, np.random.Generator) else generator
    seeds = bits if isinstance(bits, np.random.SeedSequence) else bits.seed_seq
    with np.printoptions(threshold=10**6):
        return repr((getattr(bits, "state", None), getattr(seeds, "n_children_spawned", 0)))


def legacy_state() -> object:
    """Return the state of NumPy's shared generator."""
    kind, key, *rest = np.random.get_state(legacy=True)
    return kind, key.tobytes() if isinstance(key, np.ndarray) else key, *rest
