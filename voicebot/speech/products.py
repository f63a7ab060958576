"""Products of matrices that stay in the calling thread.

OpenBLAS, numpy's usual library for them, wakes one thread for each core for a large product. On a machine that is busy
with calls they wait for each other, and spin while they do: seven times the processor time. So a large product is made
of small ones.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

ALONE: Final = 1 << 18
"""Multiplications that OpenBLAS does without waking anybody."""

Array = npt.NDArray[np.float32]


def product(rows: Array, matrix: Array) -> Array:
    """`rows @ matrix`, for two matrices."""
    together = max(1, ALONE // matrix.size)
    whole = len(rows) // together * together
    result = np.empty((len(rows), matrix.shape[1]), np.float32)
    np.matmul(
        rows[:whole].reshape(-1, together, rows.shape[1]),
        matrix,
        out=result[:whole].reshape(-1, together, matrix.shape[1]),
    )
    np.matmul(rows[whole:], matrix, out=result[whole:])
    return result
