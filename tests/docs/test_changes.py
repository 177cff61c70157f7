"""The changelog can be collected from `changes/`, and nothing there is forgotten."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.docs.blocks import ROOT

FRAGMENT = re.compile(r"[a-z0-9-]+\.(added|changed|fixed|removed)\.md")
OTHERS = {"README.md", "template.md.jinja"}


def test_each_file_is_named_by_what_it_is() -> None:
    names = {path.name for path in (ROOT / "changes").iterdir()} - OTHERS
    assert [name for name in names if not FRAGMENT.fullmatch(name)] == []


def test_each_text_is_in_the_next_section() -> None:
    built = subprocess.run(
        [sys.executable, "-m", "towncrier", "build", "--draft", "--version", "next"],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
    )
    section = " ".join(built.stdout.split())
    assert "## [next] - " in section
    for path in (ROOT / "changes").glob("*.*.md"):
        assert " ".join(path.read_text(encoding="utf-8").split()) in section, path.name


def test_releases_are_added_above_the_newest() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    marker = "<!-- Releases are added below this line. -->\n"
    assert text.count(marker) == 1
    assert "## [" not in text[: text.index(marker)]
