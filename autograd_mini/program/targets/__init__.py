"""The targets, one module each; whatever lies in this folder is one."""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")  # it adds itself to TARGETS
