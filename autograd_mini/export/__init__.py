"""Export: a model as a file of its own, in Python, NumPy, JavaScript, C or JSON, that needs nothing of this package."""

from autograd_mini.export.endings import ENDINGS, export, write
from autograd_mini.export.interface import Interface
from autograd_mini.export.programs import standalone

__all__ = ["ENDINGS", "Interface", "export", "standalone", "write"]
