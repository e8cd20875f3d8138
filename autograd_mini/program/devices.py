"""Devices: sums over rows that are spread over the devices of a mesh, in one process or in several.

Rows are sharded along the first axis of the mesh, parameters are on every device. The sums are compiled by
``jit`` with ``NamedSharding``: the program is that of a single device, and XLA inserts the all-reduce after
sums over rows. (``shard_map`` with ``psum`` would need a second program.)

Several processes are those of ``jax.distributed.initialize``. Each passes its own rows, in any number;
each gets the sums over all rows.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from autograd_mini.program.arrays.rows import row_sums
from autograd_mini.program.blocks.adjoint import block_adjoint
from autograd_mini.program.blocks.ir import BlockProgram
from autograd_mini.program.blocks.recover import recover
from autograd_mini.program.ir import Program
from autograd_mini.program.passes.simplify import simplify
from autograd_mini.program.target import Floats, Sums
from autograd_mini.program.targets.jax import evaluation_of, library

__all__ = ["Devices", "with_gradient"]

SIZES = 4  # so many different numbers of rows are compiled exactly


class Devices:
    """The devices of ``mesh``, a jax.sharding.Mesh whose first axis divides the rows; by default all devices.

    With ``mean`` sums of several processes are divided by the rows of all of them.
    """

    def __init__(self, mesh: object = None, *, mean: bool = False) -> None:
        self.jax, self.mean = library(), mean
        self._sizes: set[int] = set()
        if mesh is None:
            mesh = self.jax.sharding.Mesh(np.array(self.jax.devices()), ("rows",))
        if not isinstance(mesh, self.jax.sharding.Mesh):
            raise TypeError(
                f"mesh is a {type(mesh).__name__}; a jax.sharding.Mesh is needed, as jax.make_mesh((4,), ('rows',))"
            )
        self.mesh = mesh
        self.processes = len({device.process_index for device in mesh.devices.flat})
        spec = self.jax.sharding.PartitionSpec
        self.by_rows = self.jax.sharding.NamedSharding(mesh, spec(mesh.axis_names[0]))
        self.everywhere = self.jax.sharding.NamedSharding(mesh, spec())
        self.parts: int = -(-mesh.shape[mesh.axis_names[0]] // self.processes)  # shards of rows of this process

    @property
    def number(self) -> int:
        """The number of this process among those of the mesh."""
        found: int = self.jax.process_index() if self.processes > 1 else 0
        return found

    def gather(self, array: Floats) -> Floats:
        """Return the arrays of all processes, with a first axis for them; every process must call it."""
        if self.processes == 1:
            return array[None]
        with self.jax.enable_x64(True):
            found: Floats = np.asarray(self.jax.experimental.multihost_utils.process_allgather(array))
        return found

    def room(self, counts: list[int]) -> int:
        """Return the number of rows of each process, including padding.

        All shards have equally many; after a few different numbers they are rounded up, because XLA
        compiles for each number.
        """
        most = max(*counts, 1)
        if most not in self._sizes and len(self._sizes) < SIZES:
            self._sizes.add(most)
        if most not in self._sizes:
            step = 1 << max(0, most.bit_length() - 3)
            most = -(-most // step) * step
        return -(-most // self.parts) * self.parts

    def sums(self, program: Program, slopes: int, once: Program | None = None, loose: bool = False) -> Sums:
        """Return ``program`` summed over the rows of all processes, and its gradient by the first ``slopes`` captured.

        The function takes rows (N, arguments), captured numbers and a divisor; ``once``, a program of the captured
        inputs alone, is added to the sums, undivided, likewise with its gradient.
        A ``loose`` gradient is right where it is finite.
        """
        jax = self.jax
        with jax.enable_x64(True):
            over_rows = row_sums(evaluation_of(with_gradient(program, slopes, loose)))
            extra = None if once is None else evaluation_of(with_gradient(once, slopes, loose))

            def both(rows: Any, captured: Any, mask: Any, divisor: Any) -> Any:
                found = over_rows(rows, captured, mask) / divisor
                return found if extra is None else found + extra(captured[:0], captured)

            run = jax.jit(
                both,
                in_shardings=(self.by_rows, self.everywhere, self.by_rows, self.everywhere),
                out_shardings=self.everywhere,
            )
            whole = jax.jit(
                lambda rows, captured, divisor: both(rows, captured, None, divisor),
                in_shardings=(self.by_rows, self.everywhere, self.everywhere),
                out_shardings=self.everywhere,
            )

        def sums(rows: Floats, theta: Floats, divisor: float) -> Floats:
            with jax.enable_x64(True):
                counts = self.gather(np.array(len(rows))).tolist()
                room = self.room(counts)
                scale = np.float64(sum(counts) if self.mean and self.processes > 1 else divisor)
                if counts == [room] * self.processes:
                    return np.array(whole(self._placed(rows, room), theta, scale))
                padded = np.zeros((room, rows.shape[1]))
                padded[: len(rows)] = rows
                mask = np.arange(room) < len(rows)
                return np.array(run(self._placed(padded, room), theta, self._placed(mask, room), scale))

        return sums

    def _placed(self, part: Any, room: int) -> Any:
        """Return this process's part of an array as an array over all devices."""
        if self.processes == 1:
            return part
        shape = (room * self.processes, *part.shape[1:])
        return self.jax.make_array_from_process_local_data(self.by_rows, part, shape)


def with_gradient(program: Program, slopes: int, loose: bool = False) -> BlockProgram:
    """Return a program's blocks, and with them those of its gradient by the first ``slopes`` captured inputs."""
    blocks = recover(replace(program, guards=()))
    if not slopes:
        return blocks
    first = len(program.arguments)
    return block_adjoint(blocks, range(first, first + slopes), simplify=simplify, loose=loose)
