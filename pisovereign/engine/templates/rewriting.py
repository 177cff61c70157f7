"""Changes to a template before it is compiled: its marks, and where its work is counted."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

from jinja2 import Environment, nodes
from jinja2.visitor import NodeTransformer

from pisovereign.engine.templates.functions import TemplateError
from pisovereign.engine.templates.meter import LimitExceeded
from pisovereign.engine.templates.names import (
    CALLED,
    CONCATENATED,
    COUNTED,
    LOOKED_AT,
    ROLE_MARK,
    STEPPED,
)

MOST_SOURCE, MOST_NODES, MOST_DEPTH = 1 << 16, 20_000, 100

_ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.For,
    nodes.If,
    nodes.Macro,
    nodes.CallBlock,
    nodes.FilterBlock,
    nodes.Assign,
    nodes.AssignBlock,
    nodes.ExprStmt,
    nodes.Scope,
    nodes.Break,
    nodes.Continue,
    nodes.Name,
    nodes.NSRef,
    nodes.Const,
    nodes.Tuple,
    nodes.List,
    nodes.Dict,
    nodes.Pair,
    nodes.Keyword,
    nodes.CondExpr,
    nodes.Filter,
    nodes.Test,
    nodes.Call,
    nodes.Getitem,
    nodes.Getattr,
    nodes.Slice,
    nodes.Concat,
    nodes.Compare,
    nodes.Operand,
    nodes.BinExpr,
    nodes.UnaryExpr,
)
# The arguments of a macro as a tuple: tuples in tuples can be hashed, which may take for ever.
_FORBIDDEN_NAMES = frozenset({"varargs", "kwargs"})
_PROBED_ROLES = ("system", "user", "assistant", "tool")


def rewrite(environment: Environment, source: str, literal: Callable[[str], str]) -> nodes.Template:
    """Return a template that is ready to be compiled.

    Args:
        environment: what it will be executed in.
        source: its text.
        literal: returns a text of the template's own with each mark in it as a placeholder.

    Raises:
        LimitExceeded: it is longer or deeper than any template has to be.
        TemplateError: it uses what no template needs.
        jinja2.TemplateSyntaxError: it is no template.
    """
    if len(source) > MOST_SOURCE:
        raise LimitExceeded(f"the template is longer than {MOST_SOURCE} characters")
    tree = environment.parse(source)
    _check(tree)
    _Rewriter(literal).visit(tree)
    tree.set_environment(environment)
    tree.set_lineno(1)
    return tree


def _check(tree: nodes.Node) -> None:
    count = 0
    level: list[nodes.Node] = [tree]
    for _ in range(MOST_DEPTH):
        if not level:
            return
        count += len(level)
        if count > MOST_NODES:
            break
        for node in level:
            _check_node(node)
        level = [child for node in level for child in node.iter_child_nodes()]
    raise LimitExceeded("the template is too deeply nested, or has too many parts")


def _check_node(node: nodes.Node) -> None:
    if not isinstance(node, _ALLOWED):
        raise TemplateError(f"the template uses {type(node).__name__}, which is not allowed")
    if getattr(node, "dyn_args", None) or getattr(node, "dyn_kwargs", None):
        raise TemplateError("the template calls with a list of arguments, which is not allowed")
    if isinstance(node, nodes.For) and node.recursive:
        raise TemplateError("the template has a recursive loop, which is not allowed")
    if isinstance(node, nodes.Name) and node.name in _FORBIDDEN_NAMES:
        raise TemplateError(f"the template uses {node.name}, which is not allowed")


class _Rewriter(NodeTransformer):
    # The names of the methods are jinja2's for its nodes.

    def __init__(self, literal: Callable[[str], str]) -> None:
        self._literal = literal

    def visit_Const(self, node: nodes.Const) -> nodes.Node:  # noqa: N802
        if isinstance(node.value, str):
            node.value = self._literal(node.value)
        return node

    def visit_TemplateData(self, node: nodes.TemplateData) -> nodes.Node:  # noqa: N802
        node.data = self._literal(node.data)
        return node

    def visit_Add(self, node: nodes.Add) -> nodes.Node:  # noqa: N802
        first, *others = self._joined(list(_operands(node)))
        return functools.reduce(nodes.Add, others, first)

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        return _call(CONCATENATED, nodes.List(self._joined(list(node.nodes))))

    def _joined(self, parts: list[nodes.Expr]) -> list[nodes.Expr]:
        """Return the rewritten parts; a mark may be made of a role: `'<|' + role + '|>'`."""
        made: list[nodes.Expr] = []
        at = 0
        while at < len(parts):
            three = parts[at : at + 3]
            if len(three) == 3 and self._makes_mark(*three):
                before, role, after = three
                made.append(_call(ROLE_MARK, before, self.visit(role), after))
                at += 3
            else:
                made.append(self.visit(parts[at]))
                at += 1
        return made

    def _makes_mark(self, before: nodes.Expr, role: nodes.Expr, after: nodes.Expr) -> bool:
        if not (isinstance(before, nodes.Const) and isinstance(after, nodes.Const)):
            return False
        if not isinstance(role, nodes.Getattr | nodes.Getitem | nodes.Name):
            return False
        if not (isinstance(before.value, str) and isinstance(after.value, str)):
            return False
        apart = self._literal(before.value), self._literal(after.value)
        return any(
            self._literal(before.value + name + after.value) != name.join(apart)
            for name in _PROBED_ROLES
        )

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        node.iter = _call(COUNTED, node.iter)
        node.body.insert(0, _step(STEPPED))
        return node

    def visit_Macro(self, node: nodes.Macro) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        node.body.insert(0, _step(CALLED))
        return node

    def visit_CallBlock(self, node: nodes.CallBlock) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        node.body.insert(0, _step(CALLED))
        return node

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        node.expr = _looked_at(node.expr)
        for operand in node.ops:
            operand.expr = _looked_at(operand.expr)
        return node

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return _call(COUNTED, node) if isinstance(node.arg, nodes.Slice) else node

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return nodes.List(node.items) if node.ctx == "load" else node


def _operands(node: nodes.Expr) -> Iterator[nodes.Expr]:
    """Yield what a chain of additions adds up, from the left."""
    chain: list[nodes.Expr] = []
    while isinstance(node, nodes.Add):
        chain.append(node.right)
        node = node.left
    yield node
    yield from reversed(chain)


def _call(name: str, first: Any, *others: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(first, name, list(others), [], None, None)


def _step(name: str) -> nodes.ExprStmt:
    return nodes.ExprStmt(_call(name, nodes.Const(None)))


def _looked_at(node: nodes.Expr) -> nodes.Expr:
    return node if isinstance(node, nodes.Const) else _call(LOOKED_AT, node)
