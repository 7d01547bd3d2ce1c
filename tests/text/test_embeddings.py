"""Embedding models: what is read, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dataprep import api
from dataprep.config import SplitConfig
from dataprep.errors import InputError
from dataprep.text.embeddings import embed
from tests.helpers import chat, static_model, write_rows


def test_static_embeddings_are_unit_means_and_unknown_words_count_nothing(tmp_path: Path) -> None:
    model = static_model(tmp_path / "model", [["money", "refund"], ["shoes"]])
    vectors = embed(str(model), ["Money", "refund refund", "shoes money", "nothing known", "Money"])
    assert vectors.shape == (5, 2)
    assert vectors[[0, 1, 4]].tolist() == [[1, 0]] * 3
    assert np.allclose(vectors[2], 0.5**0.5)
    assert vectors[3].tolist() == [0, 0]


def test_weights_that_could_run_code_are_refused(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(InputError, match="can run code when they are read"):
        embed(str(tmp_path), ["text"])


@pytest.mark.parametrize("option", ["semantic", "nli"])
def test_a_model_that_cannot_be_used_stops_the_audit(option: str, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    data = write_rows(tmp_path / "d.jsonl", [chat("a question", "an answer")])
    for run in (api.audit, api.clean):
        with pytest.raises(InputError, match="Save the model as safetensors"):
            run([data], config=SplitConfig(**{option: str(tmp_path / "model")}))
