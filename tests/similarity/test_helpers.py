"""What a helper compiles is loaded from the cache; where it cannot, the loop is compiled anyhow."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

RUN = """
import json, sys
import numpy as np
from dataprep.similarity import helpers, jit
helpers.LONG = ("kernels_lookup.invert",)
helpers.may_start = lambda: True
if sys.argv[1] == "broken":
    sys.executable = "/nowhere/python"

@jit.loop("i8(i8)")
def other(value):
    return value + 1

other.compile()  # is not in the cache, so the helper starts
from dataprep.similarity.kernels_lookup import invert
postings = np.zeros(3, np.uint32)
invert(np.array([0, 1, 0], np.uint32), np.array([0, 2, 3]), np.array([0, 2, 3, 3, 3]), 0, 4, postings)
print(json.dumps([postings.tolist(), sum(invert._dispatcher.stats.cache_hits.values())]))
"""


@pytest.mark.parametrize(("helper", "loaded"), [("works", 1), ("broken", 0)])
def test_the_long_loops_come_from_a_helper_where_there_is_one(helper: str, loaded: int, tmp_path: Path) -> None:
    """Either way the loop does its work."""
    script = tmp_path / "run.py"
    script.write_text(RUN)
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    command = [sys.executable, str(script), helper]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [[0, 1, 0], loaded]
