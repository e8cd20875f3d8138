"""Export: a model as a standalone file in Python, NumPy, JavaScript, C or JSON, which does not need this package."""

from autograd_mini.export.endings import ENDINGS, export, write
from autograd_mini.export.interface import Interface
from autograd_mini.export.programs import standalone

__all__ = ["ENDINGS", "Interface", "export", "standalone", "write"]
