"""The targets, one module each; every module in this folder is imported as a target."""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")  # the module adds its target to TARGETS
