"""The ways through a jitted function: one program for each, for each shape of its arguments."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

from autograd_mini.program.ir import Program
from autograd_mini.program.jit.arguments import Shape, names_of
from autograd_mini.program.jit.compiled import Compiled
from autograd_mini.program.jit.entry import Way
from autograd_mini.program.passes.simplify import simplify
from autograd_mini.program.run import PLAIN
from autograd_mini.program.source import prepared
from autograd_mini.transforms.structure import Structure

__all__ = ["Path", "Version"]


class Path:
    """One recorded way through a function."""

    def __init__(self, program: Program, result: Structure, engine: str, name: str, lock: threading.RLock) -> None:
        self.program, self.result = program, result
        body = simplify(replace(program, guards=())) if program.guards else program
        self.body = Compiled(body, engine, name, lock)
        matching = program.matching
        self.match = Compiled(simplify(matching), engine, f"guards of {name}", lock) if program.guards else None
        both = replace(matching, outputs=(*program.outputs, *matching.outputs)) if program.guards else program
        # the outputs, and whether the guards hold
        self.whole = Compiled(simplify(both), engine, name, lock) if program.guards else self.body

    def way(self, warm: Callable[[], None]) -> Way:
        """Return what the entry needs: Python text to be, or the function that runs in its place."""
        if self.whole.is_native:
            return Way(self.program, self.result, self.whole.native())
        return Way(prepared(self.program, PLAIN), self.result, None, warm if self.whole.can_warm else None)


class Version:
    """What a function is for one shape of arguments."""

    def __init__(self, shapes: Shape, named: Sequence[tuple[str, Shape]]) -> None:
        self.shapes = shapes
        self.names = [name for top, shape in named for name in names_of(shape, top)]
        self.paths: list[Path] = []
