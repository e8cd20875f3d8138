"""Arrays: block programs as pure functions of JAX arrays, one array operation for each block.

The files here get JAX's modules as arguments; only the target ``jax`` imports JAX.
"""
