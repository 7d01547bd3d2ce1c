"""Loops that come from numba's cache work without what numba needs to compile one, and beside loops that do not."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LOOPS = """
import math
import numpy as np
from dataprep.similarity.jit import HASHES, loop

@loop(f"u8[::1]({HASHES})")
def doubled(values):
    out = np.empty_like(values)
    for i in range(values.size):
        out[i] = 2 * values[i]
    return out

@loop(f"f8({HASHES})")
def logarithms(values):
    return np.array([math.log(value) for value in np.sort(values)]).sum()
"""

CALLS = """
import sys
import numpy as np
import loops
from dataprep.similarity import helpers
helpers.allowed = False
values = np.arange(1, 4, dtype=np.uint64)
values.flags.writeable = False
for name in sys.argv[1:]:
    print(getattr(loops, name)(values), "numba.np.arraymath" in sys.modules)
"""


def called(folder: Path, *names: str) -> list[str]:
    result = subprocess.run(
        [sys.executable, "-c", CALLS, *names],
        cwd=folder,
        env={**os.environ, "NUMBA_CACHE_DIR": str(folder / "cache")},
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout.splitlines()


def test_a_loaded_loop_spares_what_compiling_needs_and_another_still_finds_it(tmp_path: Path) -> None:
    (tmp_path / "loops.py").write_text(LOOPS)
    assert called(tmp_path, "doubled") == ["[2 4 6] True"]
    loaded, compiled = called(tmp_path, "doubled", "logarithms")
    assert loaded == "[2 4 6] False"
    assert compiled.startswith("1.79")
