"""Marks: one file for each kind of thing that is drawn. A file put here is found; nothing else names it."""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
