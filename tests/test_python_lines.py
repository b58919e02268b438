"""Where the nodes of a syntax tree are in the bytes of their file."""

from __future__ import annotations

import ast
import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mwaalint.documents.python_lines import Lines
from mwaalint.source import SourceFile, Span

# Lines as long as what is looked at in one go, and lines whose characters take several bytes.
LINES = st.sampled_from(["", "a = 1", "b = 'é'", "c = f('ü', 1)", "# " + 2100 * "x", "d = '" + 700 * "→" + "'"])
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


def lines(data: bytes) -> Lines:
    """The lines of a file with these bytes."""
    return Lines(SourceFile("a.py", "/nowhere/a.py", data))


@settings(deadline=None)
@given(st.lists(st.tuples(LINES, ENDS), max_size=60), st.sampled_from([b"", codecs.BOM_UTF8]), st.booleans())
def test_each_node_is_where_it_is_written(rows: list[tuple[str, str]], mark: bytes, backwards: bool) -> None:
    text = "".join(line + end for line, end in rows)
    data = mark + text.encode()
    found = lines(data)
    nodes = [node for node in ast.walk(ast.parse(data)) if isinstance(node, ast.expr)]
    for node in reversed(nodes) if backwards else nodes:
        span = found.span(node)
        assert span is not None
        assert data[span.start : span.end].decode() == ast.get_source_segment(text, node)


@settings(deadline=None)
@given(st.lists(st.tuples(LINES, ENDS), min_size=1, max_size=60), st.data())
def test_each_line_is_found_whichever_was_asked_for_before(rows: list[tuple[str, str]], draw: st.DataObject) -> None:
    data = "".join(line + end for line, end in rows).encode()
    found, expected = lines(data), data.splitlines()
    for number in draw.draw(st.lists(st.integers(1, len(expected)))):
        span = found.line(number)
        assert span is not None
        assert data[span.start : span.end] == expected[number - 1]


@pytest.mark.parametrize("number", [0, -1, 4, 4000])
def test_a_line_that_is_not_there_has_no_place(number: int) -> None:
    assert lines(b"a = 1\nb = 2\n").line(number) is None


def test_behind_the_last_newline_is_an_empty_line() -> None:
    assert lines(b"a = 1\nb = 2\n").line(3) == Span(12, 12)
    assert lines(b"").line(1) == Span(0, 0)


def test_a_node_of_another_file_has_no_place() -> None:
    (node,) = ast.parse("\n\n\na").body
    assert lines(b"a\n").span(node) is None
    assert lines(b"\n\n\na\n").span(node) == Span(3, 4)
