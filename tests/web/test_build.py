"""The files that are served belong to their sources, and hold nothing that should not be there."""

from __future__ import annotations

import gzip
import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pisovereign.http.web_build import Build, load_build, load_texts
from pisovereign.languages import LANGUAGES, load_data
from tools.build_web import WEB, Node, build, sources_digest
from tools.problem import Problem

DIST = WEB / "dist"
SOURCES = sorted((WEB / "src").rglob("*.ts*"))
FIRST_VIEW_LIMIT = 150_000


@pytest.fixture(scope="module")
def built() -> Build:
    found = load_build()
    assert found is not None, "python -m tools.build_web"
    return found


def test_the_files_were_built_of_these_sources(built: Build) -> None:
    assert built.sources == sources_digest(), "python -m tools.build_web"
    there = {path.name for path in DIST.iterdir()} - {"build.json"}
    assert there == set(built.files)
    for name, digest in built.files.items():
        assert hashlib.sha256((DIST / name).read_bytes()).hexdigest() == digest, name


# Fetching Rolldown for the first time takes its time.
@pytest.mark.timeout(900)
def test_building_again_gives_the_same_bytes(built: Build, tmp_path: Path) -> None:
    try:
        # Without what a lock file names, there has to be a registry that gives it.
        Node().install(WEB)
    except (Problem, OSError, subprocess.TimeoutExpired) as problem:
        pytest.skip(f"The page cannot be built here: {str(problem)[:200]}")
    build(tmp_path / "dist")
    for name in (*built.files, "build.json"):
        assert (tmp_path / "dist" / name).read_bytes() == (DIST / name).read_bytes(), name


def test_nothing_is_fetched_from_elsewhere(built: Build) -> None:
    # No addresses to fetch from: namespaces, and what an error says.
    named = re.compile(r"https?://www\.w3\.org/[\w/]+|https://github\.com/markedjs/marked\b")
    for name in built.files:
        if name == "licenses.txt":
            continue
        text = named.sub("", (DIST / name).read_text(encoding="utf-8"))
        assert re.findall(r"https?://[\w.-]+\.\w+", text) == [], name
        assert re.findall(r"(?:src|href)=\"?//|@import|:\s*url\(", text) == [], name


def test_text_never_becomes_html() -> None:
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        for door in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert door not in text, f"{path.name}: {door}"


def test_no_text_of_the_page_is_in_its_code() -> None:
    """What people read is in `page.toml`: no words stand between tags or in read attributes."""
    for path in SOURCES:
        if path.suffix != ".tsx":
            continue
        code = _code(path)
        between = re.findall(r"<\w[^<>]*>\s*([A-Z][a-z]+ [^<>{}=;]*)</", code)
        assert between == [], path.name
        read = re.findall(r'\b(?:label|title|placeholder|alt|aria-label|hint)="([^"]+)"', code)
        # How an address begins is the same in every language.
        assert [text for text in read if text != "https://"] == [], path.name


def test_each_language_has_the_same_texts() -> None:
    def keys(code: str) -> set[str]:
        return {
            f"{table}.{key}" for table, texts in load_data(code, "page").items() for key in texts
        }

    def gaps(code: str) -> dict[str, set[str]]:
        return {
            f"{table}.{key}": set(re.findall(r"\{(\w+)\}", text))
            for table, texts in load_data(code, "page").items()
            for key, text in texts.items()
        }

    english = gaps("en")
    for code in LANGUAGES:
        found = gaps(code)
        assert found.keys() == english.keys(), code
        assert load_texts(code)
        for key, names in english.items():
            # A form for one need not say the number.
            assert found[key] - {"count"} == names - {"count"}, f"{code}: {key}"


def test_each_text_that_the_code_names_is_there() -> None:
    known = {f"{table}.{key}" for table, texts in load_data("en", "page").items() for key in texts}
    for path in SOURCES:
        named = re.findall(r"\bt\(\s*\"(\w+\.\w+)\"", _code(path))
        missing = {key for key in named if key not in known}
        assert missing == set(), path.name


def test_the_first_view_is_small(built: Build) -> None:
    first = [name for name in built.files if name.startswith(("main-", "shared-", "style-"))]
    first += [name for name in built.files if name.startswith("ChatView")]
    sizes = {name: _compressed(DIST / name) for name in first}
    sizes["texts"] = len(_gzip(load_texts("de")))
    assert sum(sizes.values()) <= FIRST_VIEW_LIMIT, sizes


def test_the_wheel_has_what_was_built_and_no_sources(tmp_path: Path) -> None:
    script = (
        "import setuptools.build_meta as b; from setuptools import Distribution; "
        "d = Distribution(); d.parse_config_files(); c = d.get_command_obj('build_py'); "
        "c.ensure_finalized(); "
        "print(*(n for p, _, _, f in c.data_files if p == 'pisovereign' for n in f), sep='\\n')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=WEB.parent.parent,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    packed = {line.partition("web/")[2] for line in done.stdout.splitlines() if "web/" in line}
    assert {f"dist/{path.name}" for path in DIST.iterdir()} <= packed
    assert not any(name.startswith(("src", "node_modules", "package")) for name in packed)


def _code(path: Path) -> str:
    """A source without its comments."""
    text = path.read_text(encoding="utf-8")
    return re.sub(r"/\*.*?\*/", "", re.sub(r"(?m)^\s*//.*$", "", text), flags=re.DOTALL)


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, 9, mtime=0)


def _compressed(path: Path) -> int:
    return len(_gzip(path.read_bytes()))
