"""What pages show for config.toml is understood."""

from __future__ import annotations

from pathlib import Path

import pytest

from pisovereign.connectors.configuration import load_config
from tests.docs.blocks import ROOT, blocks, read

SNIPPETS = [
    (path.name, block.text)
    for path in sorted((ROOT / "docs").glob("*.md"))
    for block in blocks(read(f"docs/{path.name}"))
    if block.language == "toml"
]

# What stands for the hash of a key there, and one.
HASH = f'"blake2b${"a" * 22}${"a" * 43}"'


def test_there_are_some() -> None:
    assert len({page for page, _ in SNIPPETS}) > 10


@pytest.mark.parametrize(("page", "text"), SNIPPETS)
def test_a_snippet_is_a_configuration(page: str, text: str, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text.replace('"blake2b$..."', HASH), encoding="utf-8")
    load_config({"PISOVEREIGN_CONFIG": str(file)})


@pytest.mark.parametrize("page", sorted({page for page, _ in SNIPPETS} - {"configuration.md"}))
def test_a_page_with_snippets_says_where_they_go(page: str) -> None:
    text = read(f"docs/{page}")
    assert "configuration.md#where-a-snippet-goes" in text, page
