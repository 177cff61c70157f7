"""The table of models on the page is the catalog."""

from __future__ import annotations

from pisovereign.models.manifest import load_manifest
from tests.docs.blocks import read

LINES = read("docs/models.md").splitlines()


def test_each_model_is_described() -> None:
    rows = [line.split(" | ") for line in LINES if line.startswith("| `") and " GB" in line]
    models = load_manifest().of_kind("chat")
    assert [row[0].strip("|` ") for row in rows] == [model.id for model in models]
    for row, model in zip(rows, models, strict=True):
        assert row[1].removesuffix(" ¹") == f"{model.size / 1e9:.2f} GB"
        assert ("¹" in row[1]) is (not model.pinned)
        assert row[2] == f"{(model.memory or 0) / 1e9:.2f} GB"
        assert row[3] == f"{10e9 / (model.active_bytes or model.size):.0f}"
        assert row[5] == model.license
        assert row[6] == f"{model.audience} |"
