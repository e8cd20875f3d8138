"""A scalar automatic differentiation engine with a picture of every gradient."""

from autograd_mini.primitive import PRIMITIVES, Primitive, primitive
from autograd_mini.primitives import (
    exp, tanh, where, relu
)
from autograd_mini.value import Value, parameter
