"""Arrays: block programs as pure functions in the vocabulary of JAX, one operation on arrays for each block.

The files here are given JAX's modules; the target ``jax`` alone imports them.
"""
