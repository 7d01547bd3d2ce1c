"""What a command sets for its process leaves everything else usable."""

import subprocess
import sys

RUN = """
import sys
from dataprep import command
command.begin()
from dataprep.similarity import SimilarityParams, self_pairs
pairs = self_pairs(["the very same question", "the very same question!", "another"], SimilarityParams())
print(len(pairs), "scipy.linalg" in sys.modules)
import scipy.linalg.cython_blas
print(scipy.linalg.cython_blas.__name__)
"""


def test_scipys_blas_is_not_loaded_but_can_be() -> None:
    """Where embeddings are asked for, other libraries want it."""
    done = subprocess.run([sys.executable, "-c", RUN], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["1 False", "scipy.linalg.cython_blas"]
