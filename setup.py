"""The optional parts in C. All other settings of the package are in setup.cfg.

Without a compiler the extensions are left out, and the package works in pure Python.
"""

import runpy
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

PACKAGE = Path("autograd_mini")


class BuildNode(build_ext):
    """Writes rules.h from the table of primitives before it compiles."""

    def build_extension(self, ext: Extension) -> None:
        """Compile the node with the current rules of the table."""
        tools = runpy.run_path(str(PACKAGE / "engine/rules.py"))
        folder = Path(self.build_temp)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "rules.h").write_text(tools["header"](PACKAGE), encoding="utf-8")
        ext.include_dirs.append(str(folder))
        super().build_extension(ext)


setup(
    cmdclass={"build_ext": BuildNode},
    ext_modules=[
        Extension(
            "autograd_mini.engine._node",
            ["autograd_mini/engine/_node.c"],
            optional=True,
            py_limited_api=True,
            depends=[f"autograd_mini/{name}" for name in ("primitives/table.py", "engine/rules.py", "engine/_sweep.h")],
            # round products and sums separately, as Python does
            extra_compile_args=[] if sys.platform == "win32" else ["-ffp-contract=off"],
        ),
        Extension(
            "autograd_mini.program.watch._identical",
            ["autograd_mini/program/watch/_identical.c"],
            optional=True,  # for this version of Python; others use the function in Python
        ),
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
