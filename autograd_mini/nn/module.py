"""Module: a callable with parameters; Sequential: modules applied one after another.

A module keeps its parameters and its parts in ordinary attributes (also in lists, tuples and
dicts of them); the base class finds them, in the order in which they were assigned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, Self, TypeAlias, TypeVar

import numpy as np

from autograd_mini.engine.value import Value
from autograd_mini.export.endings import export
from autograd_mini.format import described
from autograd_mini.program.watch.stamp import Parts, Stamped

__all__ = ["Image", "Module", "Scalar", "Sequential", "Vector", "count"]

Scalar: TypeAlias = Value | float
Vector: TypeAlias = Sequence[Scalar] | np.ndarray[Any, Any]
Image: TypeAlias = Sequence[Sequence[Sequence[Scalar]]] | np.ndarray[Any, Any]
"""channels × height × width, as nested lists or an array."""
P = ParamSpec("P")
R = TypeVar("R", covariant=True)


def count(x: Any, owner: object) -> int:
    """Return how many numbers a sample has; TypeError where it is not a list of numbers."""
    if isinstance(x, (str, bytes)) or not hasattr(x, "__len__") or (isinstance(x, np.ndarray) and not x.ndim):
        raise TypeError(f"{owner!r} takes a list of numbers or Values, got {described(x)}; one number is written [x]")
    return len(x)


class Forward(Protocol[P, R]):
    """What has a ``forward``."""

    def forward(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Return the output for one sample."""


class Module(Stamped):
    """Base class of every module in ``nn``: a subclass defines ``forward``, users call the module.

    Values that are leaves, and modules, in its attributes (or in lists, tuples and dicts there) are
    its parameters and parts.

    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope, self.offset = Value(2.0), Value(1.0)
    ...     def forward(self, x):
    ...         return self.slope * x + self.offset
    >>> line = Line()
    >>> line(3.0).data, sorted(line.state_dict())
    (7.0, ['offset', 'slope'])
    """

    def forward(self, inputs: Any, /) -> Any:
        """Return the output for one sample; a subclass names and types its arguments as it likes."""
        raise NotImplementedError(f"{type(self).__name__} has no forward; define forward(self, inputs)")

    if TYPE_CHECKING:  # a call has the signature of the subclass's forward

        def __call__(self: Forward[P, R], *args: P.args, **kwargs: P.kwargs) -> R: ...  # noqa: D102

    else:

        def __call__(self, inputs: Any) -> Any:
            """Return ``forward(inputs)``."""
            return self.forward(inputs)

    def __setattr__(self, name: str, item: Any) -> None:
        """Assign; the parameters of a module bear the name of the attribute: ``encoder.w₁``."""
        super().__setattr__(name, item)
        if isinstance(item, Module):
            for _, parameter in item.named_parameters():
                if parameter.label and not parameter.label.startswith(f"{name}."):
                    parameter.label = f"{name}.{parameter.label}"

    def children(self) -> Iterator[tuple[str, Module]]:
        """Yield (dotted name, module) for the modules directly inside this one."""
        for name, item in _walk("", vars(self)):
            if isinstance(item, Module):
                yield name, item

    def named_parameters(self, prefix: str = "") -> Iterator[tuple[str, Value]]:
        """Yield (dotted name, parameter); a parameter that two parts share is yielded once."""
        seen: set[int] = set()
        for name, value in self._named(prefix):
            if id(value) not in seen:
                seen.add(id(value))
                yield name, value

    def _named(self, prefix: str) -> Iterator[tuple[str, Value]]:
        for name, item in _walk(prefix, vars(self)):
            if isinstance(item, Module):
                yield from item._named(f"{name}.")
            else:
                yield name, item

    def parameters(self) -> list[Value]:
        """Return every parameter, once each, in the order of the names."""
        return [value for _, value in self.named_parameters()]

    def train(self, mode: bool = True) -> Self:
        """Set every part to train mode, in which Dropout sets numbers to 0; return the module."""
        if hasattr(self, "training"):
            self.training = mode
        for _, child in self.children():
            child.train(mode)
        return self

    def eval(self) -> Self:
        """Set every part to predict mode, the default; return the module."""
        return self.train(False)

    def zero_grad(self) -> None:
        """Reset the gradient of every parameter to 0."""
        for value in self.parameters():
            value.zero_grad()

    def state_dict(self) -> dict[str, float]:
        """Return the dict name → number of every parameter."""
        return {name: value.data for name, value in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Set every parameter from ``state``, a dict name → number; an error leaves all as they were.

        Raises KeyError for a missing or an unknown name, TypeError for a value that is not a number.
        """
        if not isinstance(state, Mapping):
            raise TypeError(f"load_state_dict takes a dict from names to numbers, got {described(state)}")
        own = dict(self.named_parameters())
        missing, unknown = [n for n in own if n not in state], [n for n in state if n not in own]
        if missing or unknown:
            shown = "; ".join(
                f"{what} {', '.join(names[:3])}{', …' * (len(names) > 3)}"
                for what, names in (("missing", missing), ("unknown", unknown))
                if names
            )
            raise KeyError(f"the state does not fit this {type(self).__name__} of {len(own)} parameters: {shown}")
        numbers = {name: Value(state[name]).data for name in own}  # all are checked before the first is set
        for name, value in own.items():
            value.data = numbers[name]

    def export(
        self, path: str | Path, *, inputs: int | Sequence[str] | None = None, classes: Sequence[str] = ()
    ) -> list[Path]:
        """Write the model as a file that does not need this package; return the paths of the files written.

        ``path``     its ending chooses the language: .py, .npz (with a .py beside it), .js, .c or .json
        ``inputs``   how many numbers one sample has, or their names; needed where no layer determines it
        ``classes``  a name for each output, where outputs are the scores of classes

        Raises ValueError for another ending, a model that branches with ``if``, and names that do not fit.
        """
        count = self.width if inputs is None else inputs
        if count is None:
            raise ValueError(f"{self!r} does not tell how many numbers it takes; give inputs, as in inputs=2")
        return export(self, path, count, classes)

    @property
    def width(self) -> int | None:
        """How many numbers a sample has, from the first part; None where that does not determine it."""
        return next((child.width for _, child in self.children()), None)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(repr(child) for _, child in self.children())})"


def _walk(prefix: str, items: Mapping[str, object]) -> Iterator[tuple[str, Value | Module]]:
    """Yield the leaf Values and Modules of attributes and of the containers among them."""
    for key, item in items.items():
        name = f"{prefix}{key}"
        if isinstance(item, Module):
            yield name, item
        elif isinstance(item, Value):
            if item.is_leaf and not item.is_constant:
                yield name, item
        elif isinstance(item, Mapping):
            yield from _walk(f"{name}.", {str(k): v for k, v in item.items()})
        elif isinstance(item, (list, tuple)) or (isinstance(item, np.ndarray) and item.dtype == object):
            yield from _walk(f"{name}.", {str(i): v for i, v in enumerate(item)})


def _label(modules: Sequence[object]) -> None:
    """Prefix the label of every parameter with its layer; one that bears a layer already keeps it."""
    layers = [each for each in modules if isinstance(each, Module) and next(each.named_parameters(), None) is not None]
    for place, layer in enumerate(layers, 1):
        prefix = f"layer{place}."
        nested = isinstance(layer, Sequential)  # its layers are numbered inside this one
        for _, parameter in layer.named_parameters():
            bears = f"{prefix}layer" if nested else "layer"
            if parameter.label and not parameter.label.startswith(bears):
                parameter.label = prefix + parameter.label


class Sequential(Module):
    """Modules applied one after another: the output of each is the input of the next.

    Parameters are named by the index of their module: ``0.w.1.0``; their labels begin with their layer,
    as ``layer1.w₁``, where only modules with parameters count. Raises TypeError for a part that cannot
    be called.

    >>> from autograd_mini.nn import Affine, Tanh
    >>> net = Sequential(Affine(2, 3), Tanh(), Affine(3, 1))
    >>> len(net.parameters())
    13
    """

    def __init__(self, *modules: Module) -> None:
        for i, module in enumerate(modules):
            if isinstance(module, type):
                raise TypeError(
                    f"Sequential: part {i} is {described(module)}; give an instance, as {module.__name__}()"
                )
            if not callable(module):
                raise TypeError(
                    f"Sequential: part {i} is a {type(module).__name__}, which cannot be called; give modules"
                )
        self.modules = Parts(modules)
        _label(modules)

    def forward(self, inputs: Vector | Image) -> list[Value]:
        """Return the last module's output: for a network, a list of Values."""
        signal: Any = inputs
        for module in self.modules:
            signal = module(signal)
        return signal  # type: ignore[no-any-return]

    def each(self, inputs: Vector | Image) -> list[Any]:
        """Return every module's output, in order."""
        outputs: list[Any] = []
        signal: Any = inputs
        for module in self.modules:
            signal = module(signal)
            outputs.append(signal)
        return outputs

    def _named(self, prefix: str) -> Iterator[tuple[str, Value]]:
        for name, value in super()._named(prefix):
            yield prefix + name[len(prefix) :].removeprefix("modules."), value

    def __len__(self) -> int:
        return len(self.modules)

    def __getitem__(self, index: int) -> Module:
        if not isinstance(index, int):
            raise TypeError(f"Sequential: index {index!r}; the number of a part is needed, from 0")
        if not -len(self.modules) <= index < len(self.modules):
            raise IndexError(f"Sequential: there is no part {index}; it has {len(self.modules)}")
        return self.modules[index]

    def __iter__(self) -> Iterator[Module]:
        return iter(self.modules)
