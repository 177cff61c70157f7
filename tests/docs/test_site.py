"""The documentation site can be built, leads nowhere wrong, and loads nothing from elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from pisovereign import __version__
from tests.docs.blocks import ROOT

# What a browser would fetch by itself; links that a person may follow are fine.
FETCHED = re.compile(
    r"""<(?:script|img|iframe|source)[^>]+src=["']?(?:https?:)?//|"""
    r"""<link[^>]+rel=["']?(?:stylesheet|preload|preconnect|icon)[^>]+href=["']?(?:https?:)?//|"""
    r"""(?:@import|url\()\s*["']?(?:https?:)?//"""
)


def build(source: Path, config: Path, site: Path) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "sphinx", "--quiet", "-W", "--keep-going"]
    return subprocess.run(
        [*argv, "-c", str(config), str(source), str(site)],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=200,
    )


def test_the_site_is_complete_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    built = build(ROOT, ROOT / "docs", tmp_path / "site")
    assert built.returncode == 0, built.stderr
    pages = {str(path.relative_to(tmp_path / "site")) for path in tmp_path.rglob("*.html")}
    sources = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("docs/decisions/*.md")]
    assert {str(path.relative_to(ROOT).with_suffix(".html")) for path in sources} <= pages
    assert "index.html" in pages
    texts = (path for path in tmp_path.rglob("*") if path.suffix in (".html", ".css", ".js"))
    found = [p.name for p in texts if FETCHED.search(p.read_text(encoding="utf-8"))]
    assert found == []


@pytest.mark.parametrize("link", ["[missing](missing.md)", "[heading](index.md#missing)"])
def test_a_link_that_leads_nowhere_fails(tmp_path: Path, link: str) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "index.md").write_text(f"# Title\n\n{link}\n", encoding="utf-8")
    built = build(tmp_path, ROOT / "docs", tmp_path / "site")
    assert built.returncode != 0
    assert "missing" in built.stderr


def test_package_and_program_have_the_same_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == __version__
