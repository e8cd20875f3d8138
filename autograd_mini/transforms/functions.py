"""Functions of functions: gradients, Jacobians, Hessians, to any order.

Everything rests on one sweep, ``pull``: adjoints from outputs to inputs along the recorded
graph, either as floats (the partials of forward time) or as Values (the rules of the table
applied to Values), and then the result can be differentiated again.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.engine.backward import topological_order
from autograd_mini.engine.edges import Joint, OwnBackward, first_outputs, joint_of
from autograd_mini.engine.observer import observer
from autograd_mini.engine.value import Value, constant
from autograd_mini.primitives.row import NO_FLOW
from autograd_mini.primitives.table import identity
from autograd_mini.transforms.structure import Structure, array_of, flatten

__all__ = ["grad", "gradients", "hessian", "hvp", "jacobian", "jvp", "value_and_grad", "vjp"]

Function: TypeAlias = Callable[..., Any]


class _Nesting(threading.local):
    """How many transforms this thread is inside of; an inner one must return Values."""

    depth = 0


_nesting = _Nesting()


def gradients(output: Value, inputs: Sequence[Value], create_graph: bool = False) -> list[Any]:
    """Return [∂output/∂input for each input], leaving every ``.grad`` as it is.

    Floats; with ``create_graph`` Values, which can be differentiated again. An input may be
    any node of the graph; one that the output does not depend on has gradient 0.

    >>> x = Value(3.0)
    >>> (first,) = gradients(x**3, [x], create_graph=True)
    >>> first.data, gradients(first, [x])
    (27.0, [18.0])
    """
    if isinstance(inputs, Value) or not isinstance(inputs, Sequence):
        raise TypeError(f"gradients: inputs is a {type(inputs).__name__}; a list of Values is needed, as [x]")
    for item in (output, *inputs):
        if not isinstance(item, Value):
            raise TypeError(f"gradients: output and inputs are Values, got {type(item).__name__!r}")
    return pull([output], [1.0], inputs, create_graph)


def pull(outputs: Sequence[Value], seeds: Sequence[Any], inputs: Sequence[Value], create_graph: bool) -> list[Any]:
    """Return Σ seed · ∂output/∂input for each input: one reverse sweep, or vector–Jacobian product."""
    watching = observer()
    if watching is not None:
        return watching.pull(outputs, seeds, inputs, create_graph, _sweep)
    return _sweep(outputs, seeds, inputs, create_graph)


def _sweep(outputs: Sequence[Value], seeds: Sequence[Any], inputs: Sequence[Value], create_graph: bool) -> list[Any]:
    """Do the reverse sweep on the recorded graph."""
    order = topological_order(*outputs)
    needed = set(inputs)
    for node in order:
        if any(parent in needed for parent in node.parents):
            needed.add(node)
    adjoints: dict[Value, Any] = {}
    for output, seed in zip(outputs, seeds, strict=True):
        if not isinstance(seed, float) or seed != 0.0:  # an output not asked for: 0 times its slopes, inf or not, is 0
            adjoints[output] = adjoints[output] + seed if output in adjoints else seed
    first, collected = first_outputs(order), defaultdict[Joint, dict[int, Any]](dict)
    for node in reversed(order):
        if node.op is None or node not in needed:
            continue
        terms: Iterable[Any] = ()
        found_joint = joint_of(node)
        if found_joint is not None:  # all outputs of one application are pulled back together, at the last one met
            joint, index = found_joint
            if node in adjoints:
                collected[joint][index] = adjoints[node]
            if first[joint] is node and joint in collected:
                terms = _pull_joint(joint, collected[joint], _arguments(node) if create_graph else None)
        elif node in adjoints:
            terms = _terms(node, adjoints[node], create_graph)
        for parent, term in zip(node.parents, terms, strict=False):
            if term is not NO_FLOW and parent in needed:
                adjoints[parent] = adjoints[parent] + term if parent in adjoints else term
    found = [adjoints.get(each, 0.0) for each in inputs]
    return [each if isinstance(each, Value) else constant(each) for each in found] if create_graph else found


def _terms(node: Value, adjoint: Any, create_graph: bool) -> Iterator[Any]:
    """Yield adjoint·partial for each parent, NO_FLOW where nothing flows."""
    if isinstance(node.to_left, OwnBackward):
        raise TypeError(f"{node!r} was made by hand and has a _backward of its own; only backward() can follow it")
    one = isinstance(adjoint, float) and adjoint == 1.0
    for recorded, partial in zip(node.partials, _partials(node, create_graph), strict=True):
        if recorded is NO_FLOW or partial is NO_FLOW:
            yield NO_FLOW
        else:
            yield partial if one else adjoint * partial


def _partials(node: Value, create_graph: bool) -> tuple[Any, ...]:
    assert node.op is not None
    return node.op.derivatives(_arguments(node), node) if create_graph else node.partials


def _pull_joint(joint: Joint, adjoints: dict[int, Any], arguments: tuple[Any, ...] | None) -> tuple[Any, ...]:
    """Return the adjoint of each argument: in numbers of forward time, or with ``arguments`` as Values."""
    if arguments is None:
        return joint.pull(adjoints)
    outs = joint.primitive(arguments)
    return joint.primitive.pull(arguments, outs, [adjoints.get(i) for i in range(len(outs))])


def push(outputs: Sequence[Value], inputs: Sequence[Value], tangents: Sequence[Any], create_graph: bool) -> list[Any]:
    """Return Σ ∂output/∂input · tangent for each output: one forward sweep, or Jacobian–vector product."""
    moved: dict[Value, Any] = {
        each: tangent
        for each, tangent in zip(inputs, tangents, strict=True)
        if not isinstance(tangent, float) or tangent != 0.0  # does not move: 0 times a slope, inf or not, is 0
    }
    for node in topological_order(*outputs):
        if node.op is None or node in moved or not any(parent in moved for parent in node.parents):
            continue
        terms = [
            partial * moved[parent]
            for parent, recorded, partial in zip(
                node.parents, node.partials, _partials(node, create_graph), strict=True
            )
            if parent in moved and recorded is not NO_FLOW and partial is not NO_FLOW
        ]
        if terms:
            moved[node] = sum(terms[1:], start=terms[0])
    return [moved.get(output, 0.0) for output in outputs]


def _arguments(node: Value) -> tuple[Any, ...]:
    """The parents as a rule takes them: static ones as plain numbers."""
    assert node.op is not None
    return tuple(parent.data if i in node.op.static else parent for i, parent in enumerate(node.parents))


class _Call:
    """One call of a function on Values that stand for its arguments.

    Each differentiated scalar becomes a Value of its own: a leaf for a number, an identity
    node for a Value, so that a nested transform never confuses its input with the outer one.
    """

    def __init__(self, function: Function, args: Sequence[Any], kwargs: dict[str, Any], argnums: Sequence[int]) -> None:
        name = getattr(_checked(function, "a transform"), "__name__", "function")
        for i in argnums:
            if not -len(args) <= i < len(args):
                raise ValueError(f"argnums {i} asks for an argument that {name} was not given; it got {len(args)}")
        given = [flatten(args[i], f"argument {i} of {name}") for i in argnums]
        self.structures: list[Structure] = [structure for _, structure in given]
        self.inputs = [[_stand_in(leaf) for leaf in leaves] for leaves, _ in given]
        self.flat: list[Value] = [leaf for leaves in self.inputs for leaf in leaves]
        called = list(args)
        for i, structure, leaves in zip(argnums, self.structures, self.inputs, strict=True):
            called[i] = structure.unflatten(leaves)
        outer = _nesting.depth
        values = any(isinstance(leaf, Value) for leaves, _ in given for leaf in leaves)
        _nesting.depth = outer + 1
        try:
            self.result = function(*called, **kwargs)
            results, self.shape = flatten(self.result, f"the result of {name}")
        finally:
            _nesting.depth = outer
        self.results: list[Value] = [each if isinstance(each, Value) else constant(each) for each in results]  # type: ignore[misc]
        traced = any(type(each) is not Value for each in self.results)
        self.create_graph = bool(values or outer or traced)

    def value(self) -> Any:
        """Return the result as the caller gets it: Values inside another transform, else numbers."""
        return self.shape.unflatten(self.results if self.create_graph else [each.data for each in self.results])

    def scalar(self, transform: str) -> Value:
        """Return the one output, or raise TypeError where there are several."""
        if len(self.results) != 1 or self.shape.atoms[0].shape not in (None, ()) or not _is_atom(self.shape):
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


def _stand_in(leaf: Any) -> Value:
    return identity(leaf) if isinstance(leaf, Value) else Value(leaf)


def _is_atom(structure: Structure) -> bool:
    return bool(structure.atoms) and structure.tree is structure.atoms[0]


def _describe(result: Any) -> str:
    return f"an array of shape {result.shape}" if isinstance(result, np.ndarray) else f"a {type(result).__name__}"


def _numbers(argnums: int | Sequence[int]) -> Sequence[int]:
    """Return the argument numbers as a tuple; TypeError or ValueError for what is none."""
    numbers = (argnums,) if isinstance(argnums, int) else argnums
    if not isinstance(numbers, (tuple, list)) or not all(isinstance(i, int) for i in numbers):
        raise TypeError(f"argnums is {argnums!r}; the number of an argument, from 0, or a tuple of them is needed")
    if not numbers or len(set(numbers)) < len(numbers):
        raise ValueError(f"argnums is {argnums!r}; give at least one number, and each once")
    return tuple(numbers)


def _checked(function: Function, transform: str) -> Function:
    """Return the function; TypeError for what cannot be called."""
    if not callable(function):
        raise TypeError(
            f"{transform} takes a function, got {function!r}, a {type(function).__name__}; write {transform}(f), as in "
            "grad(lambda x: x**2)(3.0)"
        )
    return function


def _named(transformed: Function, transform: str, function: Function) -> Function:
    _checked(function, transform)
    transformed.__name__ = transformed.__qualname__ = f"{transform}({getattr(function, '__name__', 'function')})"
    transformed.__doc__ = f"{transform} of {getattr(function, '__name__', 'function')}.\n\n{function.__doc__ or ''}"
    transformed.__wrapped__ = function  # type: ignore[attr-defined]  # inspect.signature finds the parameters
    return transformed


def value_and_grad(function: Function, argnums: int | Sequence[int] = 0) -> Function:
    """Return a function that gives (f(...), gradient); see ``grad``."""

    numbers = _numbers(argnums)

    def transformed(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        call = _Call(function, args, kwargs, numbers)
        call.scalar("grad")
        found = call.structured(call.pull([1.0]))
        return call.value(), found[0] if isinstance(argnums, int) else tuple(found)

    return _named(transformed, "value_and_grad", function)


def grad(function: Function, argnums: int | Sequence[int] = 0) -> Function:
    """Return the gradient of a scalar function with respect to argument ``argnums``.

    The arguments may be numbers, nested lists, tuples and dicts, or arrays, which the function
    receives with Values in place of numbers; the gradient has the structure of the argument.
    ``argnums=(0, 1)`` gives a tuple. Called on Values, or inside another transform, it returns
    Values, so that it nests to any order. Raises TypeError where the result is no scalar.

    >>> grad(grad(lambda x: x**3))(2.0)
    12.0
    """
    both = value_and_grad(function, argnums)

    def transformed(*args: Any, **kwargs: Any) -> Any:
        return both(*args, **kwargs)[1]

    return _named(transformed, "grad", function)


def vjp(function: Function, *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """Return (f(*primals), pullback): pullback(cotangent) is a tuple, one adjoint per primal.

    The cotangent has the structure of the result.
    """
    call = _Call(function, primals, {}, range(len(primals)))

    def pullback(cotangent: Any) -> tuple[Any, ...]:
        seeds, shape = flatten(cotangent, "the cotangent")
        if shape.sizes != call.shape.sizes:
            raise ValueError(f"the cotangent has {len(seeds)} numbers, the result {len(call.results)}; give as many")
        return tuple(call.structured(call.pull(seeds)))

    return call.value(), pullback


def jvp(function: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """Return (f(*primals), ∂f · tangents), the derivative along a direction.

    ``primals`` and ``tangents`` are sequences of arguments with the same structures.
    """
    primals, tangents = _as_arguments(primals), _as_arguments(tangents)
    call = _Call(function, primals, {}, range(len(primals)))
    moves = [flatten(tangent, f"tangent {i}")[0] for i, tangent in enumerate(tangents)]
    if [len(move) for move in moves] != [len(leaves) for leaves in call.inputs]:
        raise ValueError("jvp: primals and tangents differ in structure; give one tangent for each primal number")
    flat = [each for move in moves for each in move]
    symbolic = call.create_graph or any(isinstance(each, Value) for each in flat)
    if any(type(each) is not Value for each in call.results):
        return call.value(), call.shape.unflatten(_transpose_twice(call, flat))
    moved = push(call.results, call.flat, flat, symbolic)
    return call.value(), call.shape.unflatten(
        [each if isinstance(each, Value) else constant(each) for each in moved] if symbolic else moved
    )


def _transpose_twice(call: _Call, tangents: list[Any]) -> list[Any]:
    """∂f · tangents by two reverse sweeps, for recorded values, whose sweep belongs to the recorder."""
    dummies = [identity(result) for result in call.results]
    adjoints = pull(call.results, dummies, call.flat, True)
    return pull(adjoints, tangents, dummies, True)


def _as_arguments(given: Any) -> Sequence[Any]:
    return given if isinstance(given, tuple | list) else (given,)


def jacobian(function: Function, argnums: int | Sequence[int] = 0) -> Function:
    """Return the matrix of derivatives of every result by every input, one sweep per result.

    The structure is that of the result, with that of the argument inside: for arrays an array
    of shape result.shape + argument.shape.
    """

    def transformed(*args: Any, **kwargs: Any) -> Any:
        call = _Call(function, args, kwargs, _numbers(argnums))
        one = len(call.results)
        rows = [call.pull([float(i == j) for j in range(one)]) for i in range(one)]
        blocks = [_blocks(call, rows, k) for k in range(len(call.inputs))]
        return blocks[0] if isinstance(argnums, int) else _regroup(call, blocks)

    return _named(transformed, "jacobian", function)


def _blocks(call: _Call, rows: list[list[list[Any]]], k: int) -> Any:
    """The Jacobian by argument ``k``: the result's structure with the argument's inside."""
    structure, outer = call.structures[k], []
    for atom, part in zip(call.shape.atoms, call.shape.split(rows), strict=True):
        columns = [structure.split(row[k]) for row in part]  # [result element][argument atom][element]
        inner = []
        for position, column in enumerate(structure.atoms):
            leaves = [each for row in columns for each in row[position]]
            shape = (atom.shape or ()) + (column.shape or ())
            single = atom.shape is None and column.shape is None
            inner.append(leaves[0] if single else array_of(leaves, shape))
        outer.append(structure.fill(inner))
    return call.shape.fill(outer)


def _regroup(call: _Call, blocks: list[Any]) -> Any:
    """Several arguments: a tuple at each place of the result's structure, as JAX returns it."""
    if _is_atom(call.shape):
        return tuple(blocks)
    parts = [_contents(call.shape.tree, block) for block in blocks]
    return call.shape.fill([tuple(each) for each in zip(*parts, strict=True)])


def _contents(tree: Any, block: Any) -> list[Any]:
    if isinstance(tree, dict):
        return [each for key, item in tree.items() for each in _contents(item, block[key])]
    if isinstance(tree, list | tuple):
        return [each for item, inner in zip(tree, block, strict=True) for each in _contents(item, inner)]
    return [block]


def hessian(function: Function, argnums: int | Sequence[int] = 0) -> Function:
    """Return the matrix of second derivatives of a scalar function: jacobian(grad(f)).

    For an array argument an array of shape argument.shape + argument.shape.
    """
    return _named(jacobian(grad(function, argnums), argnums), "hessian", function)


def hvp(function: Function, primals: Any, tangents: Any) -> Any:
    """Return the Hessian of a scalar function times a vector, without forming the Hessian.

    ``primals`` and ``tangents`` as in ``jvp``: sequences of arguments, or one argument.
    """
    primals = _as_single(primals)
    tangents = _as_single(tangents)
    argnums: int | tuple[int, ...] = 0 if len(primals) == 1 else tuple(range(len(primals)))
    return jvp(grad(function, argnums), primals, tangents)[1]


def _as_single(given: Any) -> Sequence[Any]:
    """A tuple is a sequence of arguments; anything else is the one argument."""
    return given if isinstance(given, tuple) else (given,)
