"""Marks: one file for each kind of node. Files in this folder are found automatically."""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
