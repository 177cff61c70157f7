"""Errors that a client may see are in one file, which draws how they derive from each other."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

from pisovereign import errors
from pisovereign.errors import PiSovereignError

PACKAGE = Path(errors.__file__).parent
CLIENT_ERRORS = {
    name: value
    for name, value in vars(errors).items()
    if inspect.isclass(value) and issubclass(value, PiSovereignError)
}
# These end a job, a task or a step of one, and never reach a client.
INTERNAL = {"Superseded", "BudgetSpent", "ToolFailed"}
# Their own package catches these, and tries again or says it otherwise.
TRANSLATED = {"SessionLost", "NotTaken", "_NameTaken", "_NotThere", "AuditChanged"}
# A messenger says these itself, and so a `Later` or a `NotSent` is made of them.
TRANSLATED |= {"MessengerFailed"}


def test_no_client_error_is_defined_elsewhere() -> None:
    found = set()
    for path in PACKAGE.rglob("*.py"):
        if path == PACKAGE / "errors.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
                if bases & CLIENT_ERRORS.keys():
                    found.add(node.name)
    assert found <= INTERNAL | TRANSLATED


def test_the_drawing_shows_each_below_what_it_derives_from() -> None:
    assert errors.__doc__
    parents: list[tuple[int, str]] = []
    drawn: dict[str, str] = {}
    for line in errors.__doc__.splitlines():
        if found := re.match(r"([│ ]*[├└]── |)([A-Z]\w+)  ", line):
            depth, name = len(found[1]), found[2]
            while parents and parents[-1][0] >= depth:
                parents.pop()
            drawn[name] = parents[-1][1] if parents else "Exception"
            parents.append((depth, name))
    assert drawn.pop("StartError") == "Exception"
    assert drawn == {name: value.__mro__[1].__name__ for name, value in CLIENT_ERRORS.items()}
