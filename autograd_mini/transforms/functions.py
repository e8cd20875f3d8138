"""Functions of functions: Jacobians and Hessians, products with either, to any order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Concatenate, Literal, TypeAlias, overload

from autograd_mini.engine.node import constant
from autograd_mini.engine.value import Value
from autograd_mini.primitives.table import identity
from autograd_mini.transforms.call import Call, is_atom
from autograd_mini.transforms.gradient import argument_numbers, grad, named, value_and_grad
from autograd_mini.transforms.signatures import A, Array, P, Transformed
from autograd_mini.transforms.structure import array_of, flatten
from autograd_mini.transforms.sweep import gradients, pull, push

__all__ = ["grad", "gradients", "hessian", "hvp", "jacobian", "jvp", "value_and_grad", "vjp"]

Function: TypeAlias = Callable[..., Any]


def vjp(function: Function, *primals: Any, wrt: Any = None) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """Return (f(*primals), pullback): the vector–Jacobian product, pullback(v) = vᵀ ∂f/∂primals.

    The cotangent v has the structure of the result; the pullback returns a tuple with one adjoint
    per primal, in its structure. With ``wrt`` (see ``grad``) the tuple holds one item, in the
    structure of ``wrt``. Raises ValueError for a cotangent of another structure.

    >>> value, pullback = vjp(lambda x, y: x * y, 2.0, 3.0)
    >>> value, pullback(1.0)
    (6.0, (3.0, 2.0))
    """
    call = Call(function, primals, {}, range(len(primals)), wrt)

    def pullback(cotangent: Any) -> tuple[Any, ...]:
        seeds, shape = flatten(cotangent, "the cotangent")
        if shape.sizes != call.shape.sizes:
            raise ValueError(
                f"the cotangent has {len(seeds)} numbers, the result {len(call.results)}; give the same number"
            )
        return tuple(call.structured(call.pull(seeds)))

    return call.value(), pullback


def jvp(function: Function, primals: Sequence[Any], tangents: Sequence[Any], *, wrt: Any = None) -> tuple[Any, Any]:
    """Return (f(*primals), ∂f · tangents): the Jacobian–vector product, by forward mode.

    ``primals`` and ``tangents`` are sequences of arguments with the same structures; with ``wrt``
    (see ``grad``) the tangents are those of ``wrt``, in its structure. The product has the
    structure of the result. Raises ValueError where primals and tangents differ in structure.

    >>> jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 0.0))
    (6.0, 3.0)
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
    """Return ∂f · tangents by two reverse sweeps, for recorded values, whose sweeps the recorder does."""
    dummies = [identity(result) for result in call.results]
    adjoints = pull(call.results, dummies, call.flat, True)
    return pull(adjoints, tangents, dummies, True)


def _as_arguments(given: Any) -> Sequence[Any]:
    return given if isinstance(given, tuple | list) else (given,)


@overload
def jacobian(
    function: Callable[Concatenate[Array, P], Any], argnums: Literal[0] = 0
) -> Callable[Concatenate[Array, P], Array]: ...
@overload
def jacobian(function: Callable[Concatenate[A, P], Any], argnums: int = 0) -> Transformed[A, P, float, Value, Any]: ...
@overload
def jacobian(
    function: Callable[P, Any], argnums: int | Sequence[int] = 0, *, wrt: object = None
) -> Callable[P, Any]: ...
def jacobian(function: Function, argnums: int | Sequence[int] = 0, *, wrt: Any = None) -> Function:
    """Return the function that computes ∂resultᵢ/∂inputⱼ for every result and input, one reverse sweep per result.

    The Jacobian has the structure of the result, with the structure of the argument inside: for
    arrays it is an array of shape result.shape + argument.shape. ``argnums`` and ``wrt`` as in
    ``grad``.

    >>> jacobian(lambda x: [x * x, 3.0 * x])(2.0)
    [4.0, 3.0]
    """

    def transformed(*args: Any, **kwargs: Any) -> Any:
        call = Call(function, args, kwargs, argument_numbers(argnums), wrt)
        one = len(call.results)
        rows = [call.pull([float(i == j) for j in range(one)]) for i in range(one)]
        blocks = [_blocks(call, rows, k) for k in range(len(call.inputs))]
        return blocks[0] if wrt is not None or isinstance(argnums, int) else _regroup(call, blocks)

    return named(transformed, "jacobian", function)


def _blocks(call: Call, rows: list[list[list[Any]]], k: int) -> Any:
    """The Jacobian with respect to argument ``k``: the result's structure with the argument's inside."""
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
    """For several arguments: a tuple at each leaf of the result's structure, as JAX returns it."""
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


@overload
def hessian(
    function: Callable[Concatenate[Array, P], Value | float], argnums: Literal[0] = 0
) -> Callable[Concatenate[Array, P], Array]: ...
@overload
def hessian(
    function: Callable[Concatenate[A, P], Value | float], argnums: int = 0
) -> Transformed[A, P, float, Value, Any]: ...
@overload
def hessian(
    function: Callable[P, Any], argnums: int | Sequence[int] = 0, *, wrt: object = None
) -> Callable[P, Any]: ...
def hessian(function: Function, argnums: int | Sequence[int] = 0, *, wrt: Any = None) -> Function:
    """Return the function that computes ∂²f/∂xᵢ∂xⱼ of a scalar function: jacobian(grad(f)).

    For an array argument it is an array of shape argument.shape + argument.shape. ``argnums`` and
    ``wrt`` as in ``grad``. n numbers take n + 1 sweeps.

    >>> hessian(lambda x: x**3)(2.0)
    12.0
    """
    return named(jacobian(grad(function, argnums, wrt=wrt), argnums, wrt=wrt), "hessian", function)


@overload
def hvp(function: Callable[[A], Any], primals: A, tangents: A) -> A: ...
@overload
def hvp(function: Callable[..., Any], primals: Any, tangents: Any, *, wrt: object = None) -> Any: ...
def hvp(function: Function, primals: Any, tangents: Any, *, wrt: Any = None) -> Any:
    """Return H·v, the Hessian of a scalar function at ``primals`` times ``tangents``, without computing H.

    Computed as jvp(grad(f)). ``primals`` and ``tangents`` are tuples of arguments, or one argument;
    ``wrt`` as in ``jvp``. The product has the structure of the tangents.

    >>> hvp(lambda x: x**3, 2.0, 1.0)
    12.0
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
