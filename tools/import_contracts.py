"""Check who imports what: `python -m tools.import_contracts` is import-linter with our contract.

The contract: other packages import only what a package offers. What a package offers is its
`__all__`: the modules that others may import, and the names that its `__init__` defines.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from importlinter import Contract, ContractCheck, fields, output
from importlinter.cli import lint_imports_command

ROOT = Path(__file__).resolve().parent.parent


class OfferedModules(Contract):
    """Every import from another package ends in a module that its package offers.

    Options of the contract:
        exempt: Packages that put everything together and may import any module.
        ignore_imports: Imports that are known to break the rule, `importer -> imported`.
    """

    type_name = "offered"
    exempt = fields.SetField(subfield=fields.StringField())
    ignore_imports = fields.SetField(subfield=fields.StringField(), required=False)

    def check(self, graph: Any, verbose: bool) -> ContractCheck:
        """Return the imports that reach past what a package offers."""
        exempt = cast("set[str]", self.exempt)
        ignored = cast("set[str]", self.ignore_imports or set())
        found = {
            f"{importer} -> {imported}"
            for importer, imported in _reaching(graph)
            if _split(importer)[0] not in exempt
        }
        broken, unused = sorted(found - ignored), sorted(ignored - found)
        return ContractCheck(
            kept=not broken and not unused, metadata={"broken": broken, "unused": unused}
        )

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print each import that breaks the rule."""
        for line in check.metadata["broken"]:
            output.print_error(f"{line}: not offered by its package", bold=False)
        for line in check.metadata["unused"]:
            output.print_error(f"{line}: ignored, but there is no such violation", bold=False)


def _reaching(graph: Any) -> Iterator[tuple[str, str]]:
    """Yield every import of a module of another package that does not offer it."""
    offered = {package: _offered(package) for package in graph.find_children("pisovereign")}
    for importer in graph.modules:
        for imported in graph.find_modules_directly_imported_by(importer):
            package, module = _split(imported)
            if package == _split(importer)[0] or not module:
                continue
            names = offered[package]
            if names is not None and module not in names:
                yield importer, imported


def _split(module: str) -> tuple[str, str]:
    """Return the package of the first level, and what follows it."""
    parts = module.split(".")
    return ".".join(parts[:2]), ".".join(parts[2:])


def _offered(package: str) -> frozenset[str] | None:
    """Return the names in a package's `__all__`; None for a single module."""
    init = ROOT.joinpath(*package.split("."), "__init__.py")
    if not init.is_file():
        return None
    for node in ast.parse(init.read_text()).body:
        match node:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=value):
                return frozenset(ast.literal_eval(value))
    return frozenset()


if __name__ == "__main__":
    lint_imports_command(["--no-cache"])
