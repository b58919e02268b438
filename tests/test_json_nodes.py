"""JSON becomes the same nodes as YAML makes of it, and what is not JSON is refused."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mwaalint.documents import json_nodes, yaml_nodes
from mwaalint.documents.json_nodes import NotJsonError
from mwaalint.documents.yaml_nodes import Mapping, Node, Scalar, Sequence, YamlError
from mwaalint.source import SourceFile

TEXTS = st.text('ab"\\/{}[]:, \t\n\x00\x7fé😀\u2028', max_size=8)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)

BRIEF = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def source(text: str, encoding: str = "utf-8") -> SourceFile:
    return SourceFile("a.json", Path("/project/a.json"), text.encode(encoding))


def read(text: str) -> Node:
    return json_nodes.read(source(text), text)


def plain(node: Node) -> object:
    match node:
        case Scalar():
            return node.literal
        case Sequence(items=items):
            return [plain(item) for item in items]
        case Mapping(entries=entries):
            return {entry.key: plain(entry.value) for entry in entries}


def everything(node: Node) -> list[Node]:
    inner = node.items if isinstance(node, Sequence) else ()
    if isinstance(node, Mapping):
        inner = tuple(entry.value for entry in node.entries)
    return [node, *(each for child in inner for each in everything(child))]


@BRIEF
@given(VALUES, st.sampled_from([None, 0, 2]), st.booleans(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_any_json_is_the_value_that_was_written_and_each_part_knows_its_place(
    value: object, indent: int | None, ascii_only: bool, encoding: str
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    file = source(text, encoding)
    node = json_nodes.read(file, file.text)
    assert plain(node) == value
    for part in everything(node):
        assert json.loads(file.slice(part.span)) == plain(part)
        for entry in part.entries if isinstance(part, Mapping) else ():
            assert json.loads(file.slice(entry.key_span)) == entry.key


@BRIEF
@given(st.dictionaries(st.sampled_from("abc"), st.booleans() | st.integers(-9, 9) | st.sampled_from(["x", "1", "on"])))
def test_yaml_reads_simple_json_the_same_way(value: object) -> None:
    file = source(json.dumps(value, indent=1))
    (one,), other = yaml_nodes._compose(file, file.text), json_nodes.read(file, file.text)
    shape = [(type(node), getattr(node, "kind", ""), node.span) for node in everything(one)]
    assert shape == [(type(node), getattr(node, "kind", ""), node.span) for node in everything(other)]
    assert plain(one) == plain(other)


@BRIEF
@given(st.text(st.sampled_from('{}[]",:\\ntrue01.e-+ '), max_size=20))
def test_what_json_refuses_is_refused_and_nothing_else(text: str) -> None:
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(NotJsonError):
            read(text)
    else:
        found = plain(read(text))
        # Numbers that Python holds only roughly stay text.
        assert found == expected or isinstance(expected, float | int)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1,]", '{"a" 1}', "{'a': 1}", "[01]", "NaN", "[1] 2", '["\t"]', '["\\x"]', '{"a": 1]', "[}", "// c\n{}"],
)
def test_near_misses_are_no_json(text: str) -> None:
    with pytest.raises(NotJsonError):
        read(text)


def test_half_of_a_surrogate_pair_becomes_the_replacement_character() -> None:
    assert plain(read('["\\ud83d", "\\ud83d\\ude00"]')) == ["\ufffd", "😀"]


def test_numbers_out_of_range_stay_text() -> None:
    assert plain(read("[1e999, -1e999, 123456789012345678901234567890]")) == [
        "1e999",
        "-1e999",
        "123456789012345678901234567890",
    ]


def test_depth_and_size_are_bounded() -> None:
    with pytest.raises(YamlError, match="nests deeper than 200 levels"):
        read("[" * 100_000 + "]" * 100_000)
    with pytest.raises(YamlError, match="more than 200,000 values"):
        read("[" + "0," * 200_001 + "0]")


def test_megabytes_are_read_soon() -> None:
    rows = [{"address": f"aws_x.a[{row}]", "values": {"name": "x" * 30, "none": None}} for row in range(20_000)]
    text = json.dumps(rows)
    started = time.process_time()
    assert len(plain(read(text))) == 20_000  # type: ignore[arg-type]
    assert time.process_time() - started < 5


@pytest.mark.parametrize("text", ['["' + "\\" * 50_001, '{"' + "a" * 100_000, '["' + '\\"' * 50_000])
def test_strings_that_never_end_are_soon_refused(text: str) -> None:
    started = time.process_time()
    with pytest.raises(NotJsonError):
        read(text)
    assert time.process_time() - started < 1
