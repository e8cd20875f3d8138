"""Data: made sets, a part held out, mini-batches, and readers for tables and for MNIST's files."""

from autograd_mini.data.csv import read_csv
from autograd_mini.data.error import DataError
from autograd_mini.data.idx import read_idx
from autograd_mini.data.samples import batches, polar, shifted, split, standardise
from autograd_mini.data.sets import GATES, SETS, doughnut, gate, linear, moons, spiral, xor

__all__ = [
    "GATES", "SETS", "DataError", "batches", "doughnut", "gate", "linear", "moons", "polar", "read_csv", "read_idx",
    "shifted", "spiral", "split", "standardise", "xor",
]  # fmt: skip
