"""Where a run finds its base model again."""

from __future__ import annotations

from pathlib import Path

from trainer.places import seen_from


def test_a_model_that_is_a_link_keeps_its_name(tmp_path: Path) -> None:
    blob = tmp_path / "blobs" / "abc123"
    blob.parent.mkdir()
    blob.write_bytes(b"weights")
    model = tmp_path / "snapshot" / "model.gguf"
    model.parent.mkdir()
    model.symlink_to(blob)
    assert seen_from(tmp_path / "runs" / "one", model) == "../../snapshot/model.gguf"
