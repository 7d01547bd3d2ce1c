"""Settings and fixtures every test shares."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parent.parent

if "PYTEST_XDIST_WORKER" in os.environ:
    # Each worker has a core of its own; threads of several would wait for each other.
    os.environ.setdefault("OMP_NUM_THREADS", "1")

settings.register_profile(
    "repo", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=50
)
settings.load_profile("repo")


@pytest.fixture(scope="session")
def sample() -> Path:
    """The sample data that ships with the project."""
    return ROOT / "sample_data"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real data with ground truth that lies beside the project, where there is some."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the shared ground-truth data is not beside the project (../shared/data)")
    return folder
