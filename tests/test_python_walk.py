"""The quick walk over syntax trees finds what the one of the standard library finds."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mwaalint.documents.python_walk import children, statements, walk

HOLDING = (ast.Module, ast.stmt, ast.ExceptHandler, ast.match_case)
UNSEEN = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.type_ignore)
CODE = [
    "a = b.c[1:2](d, *e, f=g, **h) if not i < j <= k else {**l, 'm': [n, (o,)]}",
    "async def a(b, /, c=1, *d: int, e=2, f, **g) -> str:\n    async with h as i, j: yield await k",
    "@a\n@b(c)\nclass D(E, metaclass=F):\n    global g\n    x: int = 1\n    y: str",
    "try:\n    a\nexcept (B, C) as d:\n    raise E from f\nexcept:\n    pass\nelse:\n    g\nfinally:\n    h",
    "match a:\n  case {'b': 1, **c} if d: e\n  case F(g, h=None) | [1, *_, i]: j\n  case True: k\n  case x: l",
    "import a.b as c, d\nfrom .e import f, g as h\nfrom . import i\nnonlocal_ = lambda j, *k: (yield j)",
    "a += f'{b!r:>{c}}' 'd'; del e, f[g]; assert h, i; [j for k in l if m async for n in o]",
    "with a: pass\nfor b, *c in d:\n    continue\nelse:\n    e\nwhile f: break\n(g := 1)\n...",
    *(["t'{a!r:>{b}} c' t'{d}'"] if sys.version_info >= (3, 14) else ()),
]


def seen(tree: ast.AST) -> list[ast.AST]:
    return [node for node in ast.walk(tree) if not isinstance(node, UNSEEN)]


class TestWalk:
    @pytest.mark.parametrize("code", CODE)
    def test_the_same_nodes_in_the_same_order(self, code: str) -> None:
        tree = ast.parse(code)
        assert list(walk(tree)) == seen(tree)

    @given(st.lists(st.sampled_from(CODE), min_size=1, max_size=4), st.integers(0, 2))
    def test_any_of_it_inside_of_other_code(self, parts: list[str], depth: int) -> None:
        text = "\n".join(parts)
        for _ in range(depth):
            text = f"async def around():\n{_indented(text)}"
        tree = ast.parse(text)
        assert list(walk(tree)) == seen(tree)

    def test_its_own_source_and_that_of_the_standard_library(self) -> None:
        for path in (Path(__file__), Path(ast.__file__)):
            tree = ast.parse(path.read_bytes())
            assert list(walk(tree)) == seen(tree)

    def test_from_any_node_on(self) -> None:
        for node in ast.walk(ast.parse(CODE[0])):
            assert list(walk(node)) == [each for each in ast.walk(node) if each is node or not isinstance(each, UNSEEN)]

    def test_a_tree_as_deep_as_the_parser_allows(self) -> None:
        tree = ast.parse("a" + ".b" * 80 + " + (" * 50 + "c" + ")" * 50)
        assert list(walk(tree)) == seen(tree)

    def test_what_is_left_out_of_a_list_is_no_child(self) -> None:
        spread = ast.parse("{**a, 'b': c}", mode="eval").body
        assert [ast.unparse(each) for each in children(spread)] == ["'b'", "a", "c"]

    def test_it_can_stop_at_the_first(self) -> None:
        tree = ast.parse(dedent("a = 1\nb = 2"))
        assert next(iter(walk(tree))) is tree


def _indented(text: str) -> str:
    return "".join(f"    {line}" for line in text.splitlines(keepends=True))


class TestStatements:
    @given(st.lists(st.sampled_from(CODE), min_size=1, max_size=4), st.integers(0, 2))
    def test_the_same_in_the_same_order(self, parts: list[str], depth: int) -> None:
        text = "\n".join(parts)
        for _ in range(depth):
            text = f"async def around():\n{_indented(text)}"
        tree = ast.parse(text)
        assert list(statements(tree)) == [node for node in ast.walk(tree) if isinstance(node, HOLDING)]

    def test_of_its_own_source_and_that_of_the_standard_library(self) -> None:
        for path in (Path(__file__), Path(ast.__file__)):
            tree = ast.parse(path.read_bytes())
            assert list(statements(tree)) == [node for node in ast.walk(tree) if isinstance(node, HOLDING)]
