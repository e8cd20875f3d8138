"""Copying and pickling graphs of any depth, as flat records instead of nested objects.

A copy or a pickle takes the whole graph below a Value along. Leaves stay objects of their
own, so that graphs saved or copied together go on sharing their parameters.
"""

from __future__ import annotations

import copyreg
from typing import Any

from autograd_mini.engine.backward import topological_order
from autograd_mini.engine.value import CONSTANT, PARAMETER, UNSET, Value
from autograd_mini.primitives.row import NO_FLOW, PRIMITIVES


def _reduce(output: Value) -> tuple[Any, ...]:
    if output.is_leaf:
        return _leaf, (*_numbers(output), output.label, getattr(output, "tag", None))
    order = topological_order(output)
    place = {node: i for i, node in enumerate(order)}
    records = [
        node
        if node.is_leaf
        else (
            *_numbers(node),
            node.label,
            getattr(node, "tag", None),
            tuple(place[parent] for parent in node.parents),
            tuple(None if partial is NO_FLOW else partial for partial in node.partials),
            None if node.op is None else (node.op.name, node.op.index),
        )
        for node in order
    ]
    return _graph, (records,)


def _numbers(node: Value) -> tuple[float, float | None]:
    return node.data, node.grad if node.has_grad else None


def _leaf(data: float, grad: float | None, label: str, tag: object) -> Value:
    leaf = Value(data, label)
    leaf.grad = UNSET if grad is None else grad
    if tag is not None:  # roles are known by identity
        leaf.tag = next((role for role in (CONSTANT, PARAMETER) if role == tag), tag)
    return leaf


def _graph(records: list[Any]) -> Value:
    made: list[Value] = []
    for record in records:
        if isinstance(record, Value):
            made.append(record)
            continue
        data, grad, label, tag, parents, partials, (name, index) = record
        if name not in PRIMITIVES:
            raise ValueError(f"this graph uses the primitive {name!r}, which is not defined here; define it first")
        node = _leaf(data, grad, label, tag)
        node.op = PRIMITIVES[name] if index is None else PRIMITIVES[name].component(index)
        node.parents = tuple(made[i] for i in parents)
        node.partials = tuple(NO_FLOW if partial is None else partial for partial in partials)
        made.append(node)
    return made[-1]


copyreg.pickle(Value, _reduce)
