"""Native code: LLVM's intermediate language as text, compiled by llvmlite."""

from autograd_mini.program.targets.llvm.compile import emit_llvm

__all__ = ["emit_llvm"]
