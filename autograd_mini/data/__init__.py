"""Data: generated sets, train/test splits, mini-batches, and readers for CSV tables and MNIST's IDX files."""

from typing import TYPE_CHECKING, Any

from autograd_mini.data.csv import read_csv
from autograd_mini.data.csv_blocks import CsvBlocks
from autograd_mini.data.error import DataError
from autograd_mini.data.features import Feature, Features
from autograd_mini.data.idx import read_idx
from autograd_mini.data.samples import batches, polar, shifted, split, standardise
from autograd_mini.data.sets import GATES, SETS, doughnut, gate, linear, moons, spiral, xor
from autograd_mini.data.table import Column, Table, read_table
from autograd_mini.data.target import Target
from autograd_mini.format import similar

__all__ = [
    "GATES", "SETS", "Column", "CsvBlocks", "DataError", "Feature", "Features", "Table", "Target", "batches",
    "doughnut", "gate", "linear", "moons", "polar", "read_csv", "read_idx", "read_table", "shifted", "spiral", "split",
    "standardise", "xor",
]  # fmt: skip

if not TYPE_CHECKING:  # a type checker knows the names that are there

    def __getattr__(name: str) -> Any:
        usual = {"normalize": "standardise", "standardize": "standardise", "train_test_split": "split",
                 "load_csv": "read_csv", "circles": "doughnut", "swiss_roll": "spiral"}  # fmt: skip
        raise AttributeError(f"data has no {name!r}{similar(name, __all__, usual)}")
