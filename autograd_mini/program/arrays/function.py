"""Programs as functions for JAX's transformations: jit, vmap, grad, sharding.

The first derivative is given by this package's adjoint: no adjoint flows into the branch that ``where``
or ``maximum`` does not take, and kinks take the subgradient of least norm. From the second on, and of functions
with more than 64 outputs, JAX differentiates the operations itself;
``to_jax(grad(grad(f)))`` uses this package's rules at any order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from autograd_mini.engine.value import Value
from autograd_mini.primitives.table import affine
from autograd_mini.program.arrays.evaluate import Evaluation
from autograd_mini.program.arrays.reading import Array
from autograd_mini.program.blocks.adjoint import block_adjoint
from autograd_mini.program.blocks.ir import BlockProgram
from autograd_mini.program.blocks.recover import recover
from autograd_mini.program.ir import Instruction, Program
from autograd_mini.program.passes.simplify import simplify

__all__ = ["ArrayFunction"]

MOST = 64  # up to so many outputs the Jacobian is by our adjoint, one reverse sweep each


class ArrayFunction:
    """A program as a pure function of arrays; see ``targets.jax.to_jax``.

    ``captured``  the Values that the program reads besides its arguments
    ``numbers``   their numbers when the function was made (captured,): the default of ``parameters``
    """

    def __init__(self, program: Program, evaluate: Callable[[BlockProgram, str], Evaluation], dtype: str) -> None:
        self.program, self.evaluate, self.dtype = program, evaluate, dtype
        self.blocks = recover(program)
        self.plain = evaluate(self.blocks, dtype)
        self.jax = self.plain.jax
        self.count, self.outputs = len(program.arguments), len(program.outputs)
        self.captured: tuple[Value, ...] = program.captured
        self.numbers = np.array([value.data for value in program.captured], dtype=dtype)
        self.__name__ = self.__qualname__ = "program"

    def __repr__(self) -> str:
        return f"<function of {self.count} numbers in JAX: {len(self.blocks)} blocks, {self.dtype}>"

    def __call__(self, *arguments: Array, parameters: Array | None = None) -> Array:
        """Return the output, or a tuple of them, for a number or an array for each argument, which broadcast.

        Or give all the arguments as the last axis of one array: the outputs are then the last axis of the
        result, which one output does without. ``parameters`` (captured,) are the captured numbers.
        """
        jnp = self.jax.numpy
        arrays = [jnp.asarray(x, self.dtype) for x in arguments]
        if len(arrays) == 1 and self.count != 1 and arrays[0].ndim and arrays[0].shape[-1] == self.count:
            found = self.on_rows(arrays[0], parameters)
            return found[..., 0] if self.outputs == 1 else found
        if len(arrays) != self.count:
            raise TypeError(
                f"the function takes {self.count} numbers, or one array with so many on its last axis; got "
                f"{len(arrays)} arguments{''.join(f' of shape {x.shape}' for x in arrays[:1])}"
            )
        rows = jnp.stack(jnp.broadcast_arrays(*arrays), axis=-1) if arrays else jnp.zeros(0, self.dtype)
        found = self.on_rows(rows, parameters)
        return found[..., 0] if self.outputs == 1 else tuple(found[..., i] for i in range(self.outputs))

    def on_rows(self, rows: Array, parameters: Array | None = None) -> Array:
        """Return the outputs (…, outputs) for arguments (…, arguments)."""
        jnp = self.jax.numpy
        captured = jnp.asarray(self.numbers if parameters is None else parameters, self.dtype)
        if captured.shape != self.numbers.shape:
            raise ValueError(
                f"parameters has the shape {captured.shape}; one number for each of the {len(self.numbers)} captured "
                "Values is needed, in the order of .captured"
            )
        if rows.ndim == 1:
            return self._differentiable(rows, captured).astype(self.dtype)
        flat = rows.reshape(-1, self.count)
        found = self.jax.vmap(self._differentiable, in_axes=(0, None))(flat, captured)
        return found.reshape(*rows.shape[:-1], self.outputs).astype(self.dtype)

    @cached_property
    def _differentiable(self) -> Callable[[Array, Array], Array]:
        """(arguments, captured) → outputs, with our adjoint as its derivative."""
        if self.outputs > MOST:
            return self.plain
        function = self.jax.custom_jvp(lambda arguments, captured: self.plain(arguments, captured))
        slopes = self._one_output if self.outputs == 1 else self._several_outputs

        def rule(primals: Any, tangents: Any) -> tuple[Array, Array]:
            return slopes(primals, [self._known(tangent) for tangent in tangents])

        function.defjvp(rule, symbolic_zeros=True)
        made: Callable[[Array, Array], Array] = function
        return made

    def _known(self, tangent: Any) -> Array | None:
        """Return a tangent, None where JAX knows that it is 0, because 0 times an infinite slope is nan."""
        return None if isinstance(tangent, self.jax.custom_derivatives.SymbolicZero) else tangent

    def _one_output(self, primals: Any, tangents: Sequence[Array | None]) -> tuple[Array, Array]:
        """One output: the tangent is the gradient times the tangents."""
        found = self._gradient(*primals)
        ends = (slice(1, 1 + self.count), slice(1 + self.count, None))
        parts = [found[end] @ tangent for end, tangent in zip(ends, tangents, strict=True) if tangent is not None]
        return found[:1], sum(parts[1:], parts[0]).reshape(1)

    def _several_outputs(self, primals: Any, tangents: Sequence[Array | None]) -> tuple[Array, Array]:
        """Several: the tangents are the Jacobian times the tangents, a row of it for each output."""
        arguments, captured = primals
        jnp, count = self.jax.numpy, self.count

        def row(seeds: Array) -> Array:
            return self._pull_back(jnp.concatenate([arguments, seeds]), captured)[1:]

        rows = self.jax.vmap(row)(jnp.eye(self.outputs, dtype=self.dtype))
        ends = (slice(count), slice(count, None))
        parts = [rows[:, end] @ tangent for end, tangent in zip(ends, tangents, strict=True) if tangent is not None]
        return self.plain(arguments, captured), sum(parts[1:], parts[0])

    @cached_property
    def _gradient(self) -> Evaluation:
        return self.evaluate(block_adjoint(self.blocks, simplify=simplify), self.dtype)

    @cached_property
    def _pull_back(self) -> Evaluation:
        """(arguments and seeds, captured) → Σ seed·output, and its gradient by the arguments and the captured."""
        program, fresh = self.program, self.program.next_variable
        seeds = tuple(range(fresh, fresh + self.outputs))
        dot = Instruction(affine, (*seeds, *program.outputs, -0.0), (fresh + self.outputs,))
        captured = program.inputs[self.count :]
        seeded = replace(
            program,
            inputs=(*program.arguments, *seeds, *captured),
            instructions=(*program.instructions, dot),
            outputs=dot.results,
        )
        first = self.count + self.outputs
        wrt = [*range(self.count), *range(first, first + len(captured))]
        return self.evaluate(block_adjoint(recover(seeded), wrt, simplify=simplify), self.dtype)
