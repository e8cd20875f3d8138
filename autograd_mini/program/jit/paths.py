"""Path and Version: one program for each path through a jitted function, for each shape of its arguments."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from autograd_mini.program.ir import Program
from autograd_mini.program.jit.arguments import Shape, names_of
from autograd_mini.program.jit.compiled import Compiled
from autograd_mini.program.passes.adjoint import pulled
from autograd_mini.program.passes.simplify import part, simplify
from autograd_mini.transforms.structure import Structure

__all__ = ["Path", "Version"]


class Path:
    """One recorded path through a function.

    ``given``    the recorded program, not simplified where it is long; its guards hold where the path is taken
    ``program``  the same without a ``pull``, simplified
    ``result``   the structure of the function's result
    ``body``     the outputs, compiled
    ``match``    the compiled guards, None where there are none
    ``whole``    outputs and guards in one compiled program
    """

    def __init__(self, program: Program, result: Structure, engine: str, name: str, lock: threading.RLock) -> None:
        self.given, self.result = program, result
        self.whole = self.body = Compiled(part(program), engine, name, lock)
        self.match: Compiled | None = None
        if program.guards:
            matching = program.matching
            both = replace(matching, outputs=(*program.outputs, *matching.outputs))
            both = simplify(both) if program.is_normal else both
            self.match = Compiled(part(both, both.outputs[-1:]), engine, f"guards of {name}", lock)
            self.whole = Compiled(both, engine, name, lock)

    @cached_property
    def program(self) -> Program:
        """The program with its guards."""
        return simplify(pulled(self.given))


class Version:
    """A function for one shape of arguments, with its paths.

    ``columns``     True where arrays are columns, one number per row
    ``is_whole``    True after the function used an array as a whole
    ``needs_ints``  True after it needed an int argument as an int
    ``is_warm``     True after it was called often
    """

    def __init__(self, shapes: Shape, named: Sequence[tuple[str, Shape]], columns: bool) -> None:
        self.shapes = shapes
        self.names = [name for top, shape in named for name in names_of(shape, top)]
        self.paths: list[Path] = []
        self.columns = columns
        self.is_whole = self.needs_ints = self.is_warm = False
