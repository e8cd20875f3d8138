"""Functions of functions: gradients, Jacobians and Hessians, to any order."""

from autograd_mini.transforms.functions import grad, gradients, hessian, hvp, jacobian, jvp, value_and_grad, vjp

__all__ = ["grad", "gradients", "hessian", "hvp", "jacobian", "jvp", "value_and_grad", "vjp"]
