"""One call of a function that is being differentiated: Values take the place of its arguments."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from types import CellType, CodeType, FunctionType
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

import numpy as np

from autograd_mini.engine.edges import joint_of
from autograd_mini.engine.hidden import TraceError, hidden_numbers, names_numbers
from autograd_mini.engine.node import constant
from autograd_mini.engine.observer import Observer, observed_by, observer
from autograd_mini.engine.own import is_own_code
from autograd_mini.engine.value import Value
from autograd_mini.engine.value_array import value_array
from autograd_mini.primitives.table import identity
from autograd_mini.transforms.structure import Structure, fields_of, flatten
from autograd_mini.transforms.sweep import StandIns, pull

__all__ = ["Call", "checked", "is_atom"]

Function: TypeAlias = Callable[..., Any]


NUMBER = "number"
"""The role of a leaf that stands for a number: after the call nothing else differentiates with respect to it."""


class _Nesting(threading.local):
    """The number of transforms that this thread is inside of; an inner transform must return Values."""

    depth = 0


_nesting = _Nesting()


class Call:
    """One call of a function on Values that take the place of its arguments.

    Each differentiated scalar becomes a new Value: a leaf for a number, an identity node for a
    Value, so that a nested transform never confuses its input with the outer one. With ``wrt`` the
    function is differentiated with respect to these captured Values, and its arguments are passed
    unchanged. With ``has_aux`` it returns a pair, whose second part is not differentiated.

    ``create_graph``  whether the results are Values: where an argument is a Value, inside another
                      transform, and where the function captures a Value, whose gradient a number
                      would cut
    """

    def __init__(
        self,
        function: Function,
        args: Sequence[Any],
        kwargs: dict[str, Any],
        argnums: Sequence[int],
        wrt: Any = None,
        has_aux: bool = False,
    ) -> None:
        name = getattr(checked(function, "a transform"), "__name__", "function")
        for i in argnums if wrt is None else ():
            if not -len(args) <= i < len(args):
                raise ValueError(
                    f"argnums {i}: {name} got {len(args)} arguments by position; argnums counts them from 0, and an "
                    "argument given by its name is not differentiated"
                )
        called = list(args)
        if wrt is None:
            given = [flatten(args[i], f"argument {i} of {name}") for i in argnums]
            self.inputs = [[_stand_in(leaf) for leaf in leaves] for leaves, _ in given]
        else:
            given = [_captured(wrt)]
            self.inputs = [list(given[0][0])]
        self.structures: list[Structure] = [structure for _, structure in given]
        flat = (leaf for leaves in self.inputs for leaf in leaves)
        self.flat: list[Value] = StandIns(flat) if wrt is None else list(flat)
        for i, structure, leaves in zip(argnums, self.structures, self.inputs, strict=True) if wrt is None else ():
            called[i] = structure.unflatten(leaves, value_array)
        outer = _nesting.depth
        values = wrt is None and any(isinstance(leaf, Value) for leaves, _ in given for leaf in leaves)
        _nesting.depth = outer + 1
        try:
            self.result = _run(function, called, kwargs, self.flat if wrt is None else ())
        finally:
            _nesting.depth = outer
        self.aux: Any = None
        if has_aux:
            if not isinstance(self.result, tuple) or len(self.result) != 2:
                raise TypeError(f"has_aux: {name} returns a pair (value, aux), this one returned {self.result!r}")
            self.result, self.aux = self.result
        results, self.shape = flatten(self.result, f"the result of {name}")
        self.results: list[Value] = [each if isinstance(each, Value) else constant(each) for each in results]  # type: ignore[misc]
        traced = any(type(each) is not Value for each in self.results)
        self.create_graph = bool(values or outer or traced) or _reaches_others(self.results, self.flat)

    def value(self) -> Any:
        """Return the result for the caller: Values where the graph is kept, else numbers."""
        return self.shape.unflatten(self.results if self.create_graph else [each.data for each in self.results])

    def given_aux(self) -> Any:
        """Return the auxiliary part of the result, as numbers where the results are numbers."""
        return self.aux if self.create_graph else _without_values(self.aux)

    def scalar(self, transform: str) -> Value:
        """Return the only output; raise TypeError where there are several."""
        if len(self.results) != 1 or self.shape.atoms[0].shape not in (None, ()) or not is_atom(self.shape):
            raise TypeError(
                f"{transform} needs a function with one scalar result, got {_describe(self.result)}; "
                "use jacobian for several results"
            )
        return self.results[0]

    def pull(self, seeds: Sequence[Any]) -> list[list[Any]]:
        """Return the adjoints of each differentiated argument for one cotangent of the results."""
        found = iter(pull(self.results, seeds, self.flat, self.create_graph))
        return [[next(found) for _ in leaves] for leaves in self.inputs]

    def structured(self, adjoints: list[list[Any]]) -> list[Any]:
        """Return the adjoints in the structure of each argument."""
        return [structure.unflatten(part) for structure, part in zip(self.structures, adjoints, strict=True)]


def checked(function: Function, transform: str) -> Function:
    """Return the function; TypeError for what cannot be called."""
    if not callable(function):
        raise TypeError(
            f"{transform} takes a function, got {function!r} of type {type(function).__name__}; write {transform}(f), "
            "as in grad(lambda x: x**2)(3.0)"
        )
    return function


def _stand_in(leaf: Any) -> Value:
    if isinstance(leaf, Value):
        made: Value = identity(leaf)
    else:
        made = Value(leaf)
        made.tag = NUMBER
    return made


def _captured(wrt: Any) -> tuple[list[Any], Structure]:
    leaves, structure = flatten(wrt, "wrt")
    for each in leaves:
        if not isinstance(each, Value):
            raise TypeError(
                f"wrt: {each!r} is a number; Values that the function captures are needed, as in "
                "wrt=model.parameters(). For an argument of the function use argnums"
            )
    return leaves, structure


def is_atom(structure: Structure) -> bool:
    """Tell whether a structure is one scalar or one array."""
    return bool(structure.atoms) and structure.tree is structure.atoms[0]


def _describe(result: Any) -> str:
    return f"an array of shape {result.shape}" if isinstance(result, np.ndarray) else f"a {type(result).__name__}"


def _without_values(tree: Any) -> Any:
    """Return a tree with numbers in place of its Values; other objects are unchanged."""
    if isinstance(tree, Value):
        return tree.data
    if isinstance(tree, dict):
        return {key: _without_values(item) for key, item in tree.items()}
    if isinstance(tree, list | tuple) or fields_of(tree) is not None or isinstance(tree, np.ndarray):
        try:
            leaves, structure = flatten(tree, "aux")
        except TypeError:
            return type(tree)(map(_without_values, tree)) if type(tree) in (list, tuple) else tree
        return structure.unflatten([leaf.data if isinstance(leaf, Value) else leaf for leaf in leaves])
    return tree


def _reaches_others(results: Sequence[Value], inputs: Sequence[Value]) -> bool:
    """Tell whether the results depend on a leaf that is neither an input nor a constant."""
    known = {id(each) for each in inputs}
    stack, seen = [each for each in results if type(each) is Value], set()
    while stack:
        node = stack.pop()
        if id(node) in seen or id(node) in known:
            continue
        seen.add(id(node))
        if node.op is None:
            if not node.is_constant and node.tag is not NUMBER:
                return True
        else:
            stack += _parents_once(node, seen)
    return False


def _parents_once(node: Value, seen: set[int]) -> Sequence[Value]:
    """Return the parents; () where another output of the same application gave them before."""
    joint = joint_of(node)
    if joint is None:
        return node.parents
    if id(joint[0]) in seen:
        return ()
    seen.add(id(joint[0]))
    return node.parents


# ---------------------------------------------------------------- .data inside a differentiated function


class _Differentiating(Observer):
    """Refuses to read ``.data`` of a Value that depends on the inputs, which would cut the gradient."""

    def __init__(self, inputs: Sequence[Value], outer: Observer | None) -> None:
        self.outer = outer
        self._inputs = {id(each) for each in inputs}

    def hides(self, value: Value, does: str) -> None:
        """Raise TraceError where the Value depends on an input."""
        stack, seen = [value], set()
        while stack:
            node = stack.pop()
            if id(node) in self._inputs:
                raise TraceError(
                    f"the differentiated function {does} {value.label or 'a Value'} that depends on its "
                    "argument, which would cut the gradient in silence; compute with the Value itself, or say "
                    "stop_gradient(value)"
                )
            if id(node) not in seen:
                seen.add(id(node))
                stack += _parents_once(node, seen)


def _run(function: Function, args: Sequence[Any], kwargs: dict[str, Any], inputs: Sequence[Value]) -> Any:
    recorded = any(type(each) is not Value for each in inputs)  # a recorder has its own check
    if recorded or not inputs or not _names_numbers(function):
        return function(*args, **kwargs)
    with observed_by(_Differentiating(inputs, observer())), hidden_numbers():
        return function(*args, **kwargs)


_naming: WeakKeyDictionary[Any, tuple[CodeType, bool]] = WeakKeyDictionary()


def _names_numbers(function: Any) -> bool:
    """Tell whether a function of the user, or one that it calls, may read the number of a Value."""
    if not isinstance(function, FunctionType):
        function = getattr(function, "__func__", None) or vars(type(function)).get("__call__")
        if not isinstance(function, FunctionType):
            return False
    known = _naming.get(function)
    if known is None or known[0] is not function.__code__:
        named = any(
            names_numbers(each.__code__) and "Value" not in each.__code__.co_names  # that makes nodes by hand
            for each in _own_functions(function, set())
            if is_own_code(each.__code__)
        )
        known = _naming[function] = function.__code__, named
    return known[1]


def _own_functions(function: FunctionType, seen: set[int]) -> Iterator[FunctionType]:
    if id(function) in seen:
        return
    seen.add(id(function))
    yield function
    found: list[Any] = [getattr(function, "__wrapped__", None), *map(_content, function.__closure__ or ())]
    if is_own_code(function.__code__):
        found += [function.__globals__.get(name) for name in function.__code__.co_names]
    for each in found:
        if isinstance(each, FunctionType) and len(seen) < 100:
            yield from _own_functions(each, seen)


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not bound yet
        return None
