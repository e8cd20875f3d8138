"""Measurements of this project and of comparable packages, each in one process."""

import os

# One core for all packages; set before NumPy is imported, whose library reads these when it starts.
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_variable] = "1"
