"""A loop of a block program: its blocks turn by turn, what is carried from turn to turn in registers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograd_mini.program.blocks.access import Codes, Mask
from autograd_mini.program.blocks.ir import BlockProgram
from autograd_mini.program.blocks.loop import carried
from autograd_mini.program.ir import Program
from autograd_mini.program.loops.elementwise import Lane, Run
from autograd_mini.program.loops.memory import Memory, Operand
from autograd_mini.program.loops.writer import Writer
from autograd_mini.program.targets.llvm.kernel import Kernel, emit_turn

__all__ = ["write_turns"]

REGISTERS = 4  # turns back, at most, of what is carried in registers


def write_turns(
    writer: Writer,
    memory: Memory,
    program: BlockProgram,
    loop: range,
    truths: Mask,
    prepared: Callable[[Program], Program],
) -> Kernel:
    """Write a loop; return what its body calls and declares.

    A result is stored where another part of the program reads it, or another turn that it is not carried to.
    ``truths`` says which variables are truth values.
    """
    blocks = program.blocks[loop.start : loop.stop]
    lane = Lane(Run(list(blocks)), program, truths)
    kept = [carried(table, blocks) for table in lane.tables]
    kept = [None if held is None or held.back > REGISTERS else held for held in kept]
    operands = [Operand(memory, table) for table in lane.tables]
    in_memory = [table for table, held in zip(lane.tables, kept, strict=True) if held is None]
    read = _read(program, loop, in_memory)
    stored = [bool(read[block.first : block.first + block.count].any()) for block in blocks]
    among = {held.place for held in kept if held is not None}
    asked = [is_stored or place in among for place, is_stored in enumerate(stored)]
    body = prepared(lane.program(asked))
    starts: list[str] = []  # of the registers: for each table carried from n turns back n of them
    for operand, held in zip(operands, kept, strict=True):
        if held is not None:
            starts += [operand.load(writer, turn) for turn in range(held.back)]
    called: list[Kernel] = []

    def turn(i: str, *registers: str) -> list[str]:
        waiting = iter(registers)
        queues = [[] if held is None else [next(waiting) for _ in range(held.back)] for held in kept]
        inputs = [
            queue[0] if queue else operand.load(writer, i) for queue, operand in zip(queues, operands, strict=True)
        ]
        lines, made, writer.fresh, kernel = emit_turn(body, inputs, writer.fresh)
        results = dict(zip(np.flatnonzero(asked).tolist(), made, strict=True))
        writer.lines += lines
        called.append(kernel)
        for place in np.flatnonzero(stored).tolist():
            writer.store(results[place], "%w", writer.add(i, blocks[place].first + memory.inputs))
        return [
            each
            for queue, held in zip(queues, kept, strict=True)
            if held is not None
            for each in (*queue[1:], results[held.place])
        ]

    writer.loop(0, blocks[0].count, turn, carry=starts)
    return called[0]


def _read(program: BlockProgram, loop: range, in_memory: list[Codes]) -> Mask:
    """Return which variables are read by other parts of the program, as an output, or by the loop from memory."""
    read = np.zeros(program.next_variable + 1, dtype=bool)  # the last element is for literals
    others = [block.operands for index, block in enumerate(program.blocks) if index not in loop]
    for table in [program.outputs, *in_memory, *(x.table for operands in others for x in operands)]:
        read[np.maximum(table.ravel(), -1)] = True
    return read
