"""Copying and pickling graphs of any depth, as flat records instead of nested objects.

A copy of a leaf is a new leaf; a copy of any other node is the node itself, because a new node
would not be part of the graph and would cut the gradient. A pickle contains the whole graph that a
Value depends on. Leaves are pickled as separate objects, so that graphs pickled together still
share them.
"""

from __future__ import annotations

import copyreg
from typing import Any

from autograd_mini.engine.backward import topological_order
from autograd_mini.engine.edges import Joint, OwnBackward, joint_of, outputs
from autograd_mini.engine.node import node
from autograd_mini.engine.value import CONSTANT, PARAMETER, Value, install
from autograd_mini.primitives.registry import PRIMITIVES
from autograd_mini.primitives.row import Primitive


def _copy(value: Value, memo: dict[int, Any] | None = None) -> Value:
    """Return a copy of a leaf; return any other node itself."""
    return _leaf(*_leaf_record(value)) if value.is_leaf and type(value) is Value else value


install({"__copy__": _copy, "__deepcopy__": _copy})


def reduced(output: Value) -> tuple[Any, ...]:
    """Return, for pickle, a function that rebuilds the Value, and its arguments."""
    if output.is_leaf:
        return _leaf, _leaf_record(output)
    order = topological_order(output)
    place = {each: i for i, each in enumerate(order)}
    joints: dict[Joint, int] = {}
    records: list[Any] = []
    for each in order:
        if each.is_leaf:
            records.append(each)
            continue
        joint = joint_of(each)
        if isinstance(each.to_left, OwnBackward):
            raise TypeError(
                "a node with a _backward of its own cannot be pickled; define its operation with primitive(...)"
            )
        edges: Any = each.partials if joint is None else (joints.setdefault(joint[0], len(joints)), joint[1])
        parents = tuple(place[parent] for parent in each.parents)
        records.append(
            (*_leaf_record(each), parents, edges, None if each.op is None else (each.op.name, each.op.index))
        )
    return _graph, (records, [(joint.values, joint.outs) for joint in joints])


def _leaf_record(value: Value) -> tuple[Any, ...]:
    return (*_data_and_grad(value), value.label, value.tag)


def _data_and_grad(node: Value) -> tuple[float, float | None]:
    return node.data, node.grad if node.has_grad else None


def _leaf(data: float, grad: float | None, label: str, tag: object) -> Value:
    return _with_slots(Value(data), grad, label, tag)


def _with_slots(value: Value, grad: float | None, label: str, tag: object) -> Value:
    value._grad = grad
    if label:
        value.label = label
    if tag is not None:  # roles are compared by identity
        value.tag = next((role for role in (CONSTANT, PARAMETER) if role == tag), tag)
    return value


def _graph(records: list[Any], joints: list[tuple[tuple[float, ...], tuple[float, ...]]]) -> Value:
    made: list[Value] = []
    families: dict[int, list[Value]] = {}
    for record in records:
        if isinstance(record, Value):
            made.append(record)
            continue
        data, grad, label, tag, places, edges, (name, index) = record
        if name not in PRIMITIVES:
            raise ValueError(f"this graph uses the primitive {name!r}, which is not defined here; define it first")
        row: Primitive = PRIMITIVES[name]
        parents = tuple(made[i] for i in places)
        if index is None:
            each = node(row, data, parents, edges)
        else:  # one of several outputs: those in the graph share one joint, as before
            number, index = edges
            if number not in families:
                families[number] = outputs(Joint(row, *joints[number]), parents)
            each = families[number][index]
        made.append(_with_slots(each, grad, label, tag))
    return made[-1]


copyreg.pickle(Value, reduced)
