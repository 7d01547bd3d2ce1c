"""Sets of shingles come out sorted, whatever their hashes are."""

import numpy as np
import pytest

from dataprep.similarity.kernels_sets import sort_hashes


@pytest.mark.parametrize("below", [2, 1 << 20, 1 << 63])
@pytest.mark.parametrize("count", [0, 1, 23, 24, 401, 5_000])
def test_hashes_are_sorted_even_where_they_share_their_high_bits(count: int, below: int) -> None:
    values = np.random.default_rng(count).integers(0, below, count + 3).astype(np.uint64)
    rest = values[count:].copy()
    expected = np.sort(values[:count])
    sort_hashes(values, np.int64(count), np.empty(count, dtype=np.uint64))
    assert values[:count].tolist() == expected.tolist()
    assert values[count:].tolist() == rest.tolist()
