"""Networks: modules that hold parameters and map Values to Values."""

from typing import TYPE_CHECKING, Any

from autograd_mini.format import similar
from autograd_mini.nn import init
from autograd_mini.nn.activation import (
    ELU,
    GELU,
    Activation,
    Identity,
    LeakyReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Softplus,
    Step,
    Tanh,
)
from autograd_mini.nn.affine import Affine
from autograd_mini.nn.conv import Conv2d
from autograd_mini.nn.dropout import Dropout
from autograd_mini.nn.module import Module, Sequential
from autograd_mini.nn.neuron import MLP, Layer, Neuron
from autograd_mini.nn.normalize import LocalContrastNorm
from autograd_mini.nn.pool import AvgPool2d, MaxPool2d
from autograd_mini.nn.shape import Flatten, Reshape
from autograd_mini.nn.sizes import network, parse_layers
from autograd_mini.nn.softmax import HierarchicalSoftmax, LogSoftmax, Softmax

__all__ = [
    "ELU", "GELU", "MLP", "Activation", "Affine", "AvgPool2d", "Conv2d", "Dropout", "Flatten", "HierarchicalSoftmax",
    "Identity", "Layer", "LeakyReLU", "LocalContrastNorm", "LogSoftmax", "MaxPool2d", "Module", "Neuron", "ReLU",
    "Reshape", "Sequential", "SiLU", "Sigmoid", "Softmax", "Softplus", "Step", "Tanh", "init", "network",
    "parse_layers",
]  # fmt: skip

USUAL = {
    "linear": "Affine", "dense": "Affine", "fullyconnected": "Affine", "conv": "Conv2d", "maxpool": "MaxPool2d",
    "avgpool": "AvgPool2d", "maxpooling2d": "MaxPool2d", "averagepooling2d": "AvgPool2d", "swish": "SiLU",
    "model": "Module", "perceptron": "Neuron", "lcn": "LocalContrastNorm",
}  # fmt: skip
"""Names in other packages, in lower case → names here."""

if not TYPE_CHECKING:  # a type checker knows the names that are there

    def __getattr__(name: str) -> Any:
        raise AttributeError(f"nn has no {name!r}{similar(name, __all__, USUAL)}")
