"""Small changes of Python source, each of which a test should notice."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from copy import deepcopy
from typing import NamedTuple

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
SUMS: dict[type[ast.operator], type[ast.operator]] = {ast.Add: ast.Sub, ast.Sub: ast.Add}
# Nothing reads these: what they are for is what they do.
DROPPED = (ast.Expr, ast.AugAssign, ast.Raise, ast.Delete)
# Without its first values no object works, which any test would notice.
FIRST_VALUES = "__init__"
LOG = "_log"
# Places inside f-strings are not exact before Python 3.12.
SKIPPED = (ast.JoinedStr, ast.Import, ast.ImportFrom, ast.Assert)
ANNOTATIONS = ("annotation", "returns", "type_params")


class Change(NamedTuple):
    """A piece of a source, from one place to another in UTF-8, and what replaces it."""

    line: int
    start: int
    end: int
    before: str
    after: str

    @property
    def what(self) -> str:
        """What replaces what, in one line."""
        return f"{' '.join(self.before.split())} → {self.after}"

    def apply(self, source: str) -> str:
        """Return the source with this change."""
        data = source.encode()
        return (data[: self.start] + self.after.encode() + data[self.end :]).decode()


def changes(source: str) -> list[Change]:
    """Return all changes of a module, in the order of their places."""
    starts = _line_starts(source)
    data = source.encode()
    found = set()
    for node, replacement in _replacements(ast.parse(source)):
        start = starts[node.lineno - 1] + node.col_offset
        end = starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)
        before = data[start:end].decode()
        found.add(Change(node.lineno, start, end, before, replacement or f"not ({before})"))
    return sorted(found)


def defined_names(source: str) -> set[str]:
    """Return what a module defines at its top."""
    names: set[str] = set()
    for node in ast.parse(source).body:
        match node:
            case ast.FunctionDef(name) | ast.AsyncFunctionDef(name) | ast.ClassDef(name):
                names.add(name)
            case ast.Assign(targets=targets):
                names |= {target.id for target in targets if isinstance(target, ast.Name)}
            case ast.AnnAssign(target=ast.Name(name)):
                names.add(name)
    return names


def imported_names(source: str) -> list[tuple[str, str]]:
    """Return what a module imports from where."""
    return [
        (node.module or "", alias.name)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]


# None is for the negation of what is there.
Replacement = tuple[ast.expr | ast.stmt, str | None]


def _replacements(node: ast.AST, function: str = "") -> Iterator[Replacement]:
    if isinstance(node, SKIPPED):
        return
    if isinstance(node, ast.expr):
        yield from _expression(node)
    elif isinstance(node, ast.stmt):
        yield from _statement(node, function)
    for condition in _conditions(node):
        yield condition, None
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        function = node.name
    for name, value in ast.iter_fields(node):
        if name not in ANNOTATIONS:
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from _replacements(child, function)


def _expression(node: ast.expr) -> Iterator[Replacement]:
    match node:
        case ast.Compare(ops=[operator]) if type(operator) in COMPARISONS:
            other: ast.expr = deepcopy(node)
            assert isinstance(other, ast.Compare)
            other.ops = [COMPARISONS[type(operator)]()]
            yield node, ast.unparse(other)
        case ast.BinOp(left, operator, right) if type(operator) in SUMS:
            other = ast.BinOp(left, SUMS[type(operator)](), right)
            yield node, ast.unparse(other)
        case ast.BoolOp(operator, values):
            swapped = ast.Or() if isinstance(operator, ast.And) else ast.And()
            yield node, ast.unparse(ast.BoolOp(swapped, values))
        case ast.Constant(value=bool(value)):
            yield node, str(not value)
        case ast.Constant(value=int(number)):
            yield node, str(number + 1)
            if number:
                yield node, str(number - 1)


def _statement(node: ast.stmt, function: str) -> Iterator[Replacement]:
    match node:
        case ast.Return(value=ast.expr() as value) if not _is_constant(value):
            yield node, "return None"
        case ast.Expr(value=ast.Constant()):
            pass
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name)))) if name == LOG:
            pass
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]) if function != FIRST_VALUES:
            yield node, "pass"
        case _ if isinstance(node, DROPPED):
            yield node, "pass"


def _conditions(node: ast.AST) -> list[ast.expr]:
    match node:
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            return [] if _is_type_checking(test) else [test]
        case ast.comprehension(ifs=tests):
            return tests
    return []


def _is_constant(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and isinstance(value.value, bool | None)


def _is_type_checking(test: ast.expr) -> bool:
    return isinstance(test, ast.Name) and test.id == "TYPE_CHECKING"


def _line_starts(source: str) -> list[int]:
    starts = [0]
    for line in source.encode().split(b"\n"):
        starts.append(starts[-1] + len(line) + 1)
    return starts
