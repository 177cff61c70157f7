"""List the work of others that is passed on, with its licenses: `python -m tools.third_party`.

It writes docs/licenses.md from the lock of the image's wheels, the lock of the page's packages, the
catalog of models, and third_party.toml; a test fails when the page is out of date. A license that
nobody has looked at yet is a problem.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any, NamedTuple

from pisovereign.models.manifest import load_manifest
from tools.build_web import shipped
from tools.llama_wheel import SDIST_SHA256, VERSION
from tools.problem import Problem

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "licenses.md"
BEGIN = "<!-- The tables are made by: python -m tools.third_party -->"
END = "<!-- The end of the tables -->"
ENGINE = "llama-cpp-python"
_LOCKED = re.compile(r"^([\w.-]+)==([^\s;\\]+)", re.MULTILINE)
_USUAL = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "MIT License": "MIT",
    "Python Software Foundation License": "PSF-2.0",
}


class Package(NamedTuple):
    """One package, with its license as an SPDX expression."""

    name: str
    version: str
    license: str
    sha256: str = ""


@cache
def told() -> Mapping[str, Any]:
    """Return third_party.toml."""
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def python_packages() -> list[Package]:
    """Return the wheels of the image; with its source's checksum the one that is built here.

    Raises:
        Problem: One is not installed, so that its license is not known, or has an unclear one.
    """
    locked = _LOCKED.findall((ROOT / "image" / "requirements.lock").read_text(encoding="utf-8"))
    found = [Package(name, version, _license_of(name)) for name, version in locked]
    found.append(Package(ENGINE, VERSION, "MIT", SDIST_SHA256))
    return sorted(found)


def page_packages() -> list[Package]:
    """Return the packages of npm that the page is made of."""
    return sorted(
        Package(name, each["version"], each["license"]) for name, each in shipped().items()
    )


def render(page: str) -> str:
    """Return the page with the tables as they are now.

    Raises:
        Problem: A license is not among those that are allowed.
    """
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    tables = "\n".join(_tables())
    return f"{before}{BEGIN}\n\n{tables}\n{END}{after}"


def _tables() -> Iterator[str]:
    python, page = python_packages(), page_packages()
    _require_allowed([*python, *page])
    yield "## Python packages\n"
    yield _table(("Package", "Version", "License"), (each[:3] for each in python))
    beside = told()["beside"]
    names = ", ".join(f"`{each['name']}` ({each['license']})" for each in beside)
    yield f"`make run` installs these, in versions that `pyproject.toml` allows, and {names}.\n"
    yield "In their wheels are libraries of others:\n"
    rows = ((each["name"], each["within"], each["license"]) for each in told()["bundled"])
    yield _table(("Library", "In", "License"), rows)
    yield "## The page\n"
    yield _table(("Package of npm", "Version", "License"), (each[:3] for each in page))
    yield "Icons of the page are Lucide's; those of the app are our own.\n"
    yield "## Models\n"
    models = load_manifest()
    rows = (
        (f"`{each.id}`", kind, each.license)
        for kind in ("chat", "embedding")
        for each in models.of_kind(kind)
    )
    yield _table(("Model", "Kind", "License"), rows)
    yield "## Data\n"
    rows = ((each["what"], each["source"], each["license"]) for each in told()["data"])
    yield _table(("Ours", "Made from", "License of that"), rows)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _license_of(name: str) -> str:
    own: Mapping[str, str] = told()["python"]
    if name in own:
        return own[name]
    try:
        fields = metadata(name)
    except PackageNotFoundError:
        raise Problem(f"{name} is not installed; run `make test` once") from None
    classifiers = [
        each.rpartition(" :: ")[2]
        for each in fields.get_all("Classifier") or ()
        if each.startswith("License ::")
    ]
    stated = fields["License-Expression"] or fields["License"] or " AND ".join(classifiers)
    return _USUAL.get(stated.strip(), stated.strip())


def _require_allowed(packages: Iterable[Package]) -> None:
    """Refuse what may not be passed on as it is.

    Raises:
        Problem: One has a license that nobody has looked at yet.
    """
    for each in packages:
        # Of alternatives one is enough; of what is joined, all count.
        choices = each.license.split(" OR ")
        if not any(set(choice.split(" AND ")) <= set(told()["allowed"]) for choice in choices):
            raise Problem(
                f"{each.name} has the license {each.license!r}: look at it, and add it to"
                f" {Path(__file__).with_suffix('.toml').name}"
            )


def main() -> int:
    """Write the page."""
    try:
        PAGE.write_text(render(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
