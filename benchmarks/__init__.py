"""Measurements of this project beside its peers, each from one process run."""

import os

# One core for everyone, said before NumPy is loaded: its library reads these as it starts.
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_variable] = "1"
