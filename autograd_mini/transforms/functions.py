"""Functions of functions: gradients, Jacobians, Hessians, to any order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from autograd_mini.engine.value import Value, constant
from autograd_mini.primitives.table import identity
from autograd_mini.transforms.call import Call, checked, is_atom
from autograd_mini.transforms.structure import array_of, flatten
from autograd_mini.transforms.sweep import gradients, pull, push

__all__ = ["grad", "gradients", "hessian", "hvp", "jacobian", "jvp", "value_and_grad", "vjp"]

Function: TypeAlias = Callable[..., Any]


def _numbers(argnums: int | Sequence[int]) -> Sequence[int]:
    """Return the argument numbers as a tuple; TypeError or ValueError for what is none."""
    numbers = (argnums,) if isinstance(argnums, int) else argnums
    if not isinstance(numbers, (tuple, list)) or not all(isinstance(i, int) for i in numbers):
        raise TypeError(f"argnums is {argnums!r}; the number of an argument, from 0, or a tuple of them is needed")
    if not numbers or len(set(numbers)) < len(numbers):
        raise ValueError(f"argnums is {argnums!r}; give at least one number, and each once")
    return tuple(numbers)


def _named(transformed: Function, transform: str, function: Function) -> Function:
    checked(function, transform)
    transformed.__name__ = transformed.__qualname__ = f"{transform}({getattr(function, '__name__', 'function')})"
    transformed.__doc__ = f"{transform} of {getattr(function, '__name__', 'function')}.\n\n{function.__doc__ or ''}"
    transformed.__wrapped__ = function  # type: ignore[attr-defined]  # inspect.signature finds the parameters
    return transformed


def value_and_grad(
    function: Function, argnums: int | Sequence[int] = 0, *, wrt: Any = None, has_aux: bool = False
) -> Function:
    """Return a function that gives (f(...), gradient); see ``grad``. With ``has_aux`` ((f(...), aux), gradient)."""

    numbers = _numbers(argnums)

    def transformed(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        call = Call(function, args, kwargs, numbers, wrt, has_aux)
        call.scalar("grad")
        found = call.structured(call.pull([1.0]))
        gradient = found[0] if wrt is not None or isinstance(argnums, int) else tuple(found)
        return ((call.value(), call.given_aux()) if has_aux else call.value()), gradient

    return _named(transformed, "value_and_grad", function)


def grad(function: Function, argnums: int | Sequence[int] = 0, *, wrt: Any = None, has_aux: bool = False) -> Function:
    """Return the gradient of a scalar function with respect to argument ``argnums``.

    The arguments may be numbers, nested lists, tuples, dicts and dataclasses, or arrays, which
    the function receives with Values in place of numbers; the gradient has the structure of the
    argument. ``argnums=(0, 1)`` gives a tuple. ``wrt`` differentiates by Values the function
    captures instead (``wrt=model.parameters()``), in their structure. With ``has_aux`` the
    function returns a pair and the result is (gradient, aux).

    Called on Values, inside another transform, or where a Value from outside is reachable, it
    returns Values, so that it nests to any order and cuts no gradient. Raises TypeError where
    the result is no scalar, TraceError where the function reads ``.data`` of what depends on
    its argument.

    >>> grad(grad(lambda x: x**3))(2.0)
    12.0
    """
    both = value_and_grad(function, argnums, wrt=wrt, has_aux=has_aux)

    def transformed(*args: Any, **kwargs: Any) -> Any:
        value, gradient = both(*args, **kwargs)
        return (gradient, value[1]) if has_aux else gradient

    return _named(transformed, "grad", function)


def vjp(function: Function, *primals: Any, wrt: Any = None) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """Return (f(*primals), pullback): pullback(cotangent) is a tuple, one adjoint per primal.

    The cotangent has the structure of the result. With ``wrt`` (see ``grad``) the tuple holds
    one item, in the structure of ``wrt``.
    """
    call = Call(function, primals, {}, range(len(primals)), wrt)

    def pullback(cotangent: Any) -> tuple[Any, ...]:
        seeds, shape = flatten(cotangent, "the cotangent")
        if shape.sizes != call.shape.sizes:
            raise ValueError(f"the cotangent has {len(seeds)} numbers, the result {len(call.results)}; give as many")
        return tuple(call.structured(call.pull(seeds)))

    return call.value(), pullback


def jvp(function: Function, primals: Sequence[Any], tangents: Sequence[Any], *, wrt: Any = None) -> tuple[Any, Any]:
    """Return (f(*primals), ∂f · tangents), the derivative along a direction.

    ``primals`` and ``tangents`` are sequences of arguments with the same structures; with
    ``wrt`` (see ``grad``) the tangents are those of ``wrt``, in its structure.
    """
    primals = _as_arguments(primals)
    tangents = _as_arguments(tangents) if wrt is None else (tangents,)
    call = Call(function, primals, {}, range(len(primals)), wrt)
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


def _transpose_twice(call: Call, tangents: list[Any]) -> list[Any]:
    """∂f · tangents by two reverse sweeps, for recorded values, whose sweep belongs to the recorder."""
    dummies = [identity(result) for result in call.results]
    adjoints = pull(call.results, dummies, call.flat, True)
    return pull(adjoints, tangents, dummies, True)


def _as_arguments(given: Any) -> Sequence[Any]:
    return given if isinstance(given, tuple | list) else (given,)


def jacobian(function: Function, argnums: int | Sequence[int] = 0, *, wrt: Any = None) -> Function:
    """Return the matrix of derivatives of every result by every input, one sweep per result.

    The structure is that of the result, with that of the argument inside: for arrays an array
    of shape result.shape + argument.shape.
    """

    def transformed(*args: Any, **kwargs: Any) -> Any:
        call = Call(function, args, kwargs, _numbers(argnums), wrt)
        one = len(call.results)
        rows = [call.pull([float(i == j) for j in range(one)]) for i in range(one)]
        blocks = [_blocks(call, rows, k) for k in range(len(call.inputs))]
        return blocks[0] if wrt is not None or isinstance(argnums, int) else _regroup(call, blocks)

    return _named(transformed, "jacobian", function)


def _blocks(call: Call, rows: list[list[list[Any]]], k: int) -> Any:
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


def _regroup(call: Call, blocks: list[Any]) -> Any:
    """Several arguments: a tuple at each place of the result's structure, as JAX returns it."""
    if is_atom(call.shape):
        return tuple(blocks)
    parts = [_contents(call.shape.tree, block) for block in blocks]
    return call.shape.fill([tuple(each) for each in zip(*parts, strict=True)])


def _contents(tree: Any, block: Any) -> list[Any]:
    if isinstance(tree, dict):
        return [each for key, item in tree.items() for each in _contents(item, block[key])]
    if isinstance(tree, list | tuple):
        return [each for item, inner in zip(tree, block, strict=True) for each in _contents(item, inner)]
    return [block]


def hessian(function: Function, argnums: int | Sequence[int] = 0, *, wrt: Any = None) -> Function:
    """Return the matrix of second derivatives of a scalar function: jacobian(grad(f)).

    For an array argument an array of shape argument.shape + argument.shape.
    """
    return _named(jacobian(grad(function, argnums, wrt=wrt), argnums, wrt=wrt), "hessian", function)


def hvp(function: Function, primals: Any, tangents: Any, *, wrt: Any = None) -> Any:
    """Return the Hessian of a scalar function times a vector, without forming the Hessian.

    ``primals`` and ``tangents`` as in ``jvp``: sequences of arguments, or one argument; ``wrt`` too.
    """
    primals = _as_single(primals)
    if wrt is not None:
        return jvp(grad(function, wrt=wrt), primals, tangents, wrt=wrt)[1]
    tangents = _as_single(tangents)
    argnums: int | tuple[int, ...] = 0 if len(primals) == 1 else tuple(range(len(primals)))
    return jvp(grad(function, argnums), primals, tangents)[1]


def _as_single(given: Any) -> Sequence[Any]:
    """A tuple is a sequence of arguments; anything else is the one argument."""
    return given if isinstance(given, tuple) else (given,)
