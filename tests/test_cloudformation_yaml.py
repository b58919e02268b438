"""The YAML reader: nodes with their places, and input that means harm."""

from __future__ import annotations

from pathlib import Path

import pytest

from mwaalint.documents import yaml_nodes
from mwaalint.documents.yaml_nodes import Mapping, Node, Scalar, Sequence, YamlError
from mwaalint.findings import Severity
from mwaalint.source import SourceFile


def source(content: str | bytes) -> SourceFile:
    data = content.encode() if isinstance(content, str) else content
    return SourceFile("template.yaml", Path("template.yaml"), data)


def root(content: str | bytes) -> Node:
    (document,) = yaml_nodes.read(source(content))
    return document


def literals(content: str) -> dict[str, object]:
    node = root(content)
    assert isinstance(node, Mapping)
    return {entry.key: entry.value.literal for entry in node.entries if isinstance(entry.value, Scalar)}


def refusal(content: str | bytes) -> str:
    with pytest.raises(YamlError) as caught:
        yaml_nodes.read(source(content))
    return str(caught.value)


def test_scalars_are_what_yaml_makes_of_them() -> None:
    assert literals("a: 5\nb: -5\nc: 1.5\nd: yes\ne: 'yes'\nf:\ng: ~\nh: text\ni: false") == {
        "a": 5,
        "b": -5,
        "c": 1.5,
        "d": True,
        "e": "yes",
        "f": None,
        "g": None,
        "h": "text",
        "i": False,
    }


def test_numbers_that_are_not_plainly_decimal_stay_text() -> None:
    assert literals(
        "time: 12:30\noctal: 0600\nhex: 0x1F\ngrouped: 1_000\ndate: 2012-10-17\nlong: 12345678901234567890123"
    ) == {
        "time": "12:30",
        "octal": "0600",
        "hex": "0x1F",
        "grouped": "1_000",
        "date": "2012-10-17",
        "long": "12345678901234567890123",
    }


def test_a_span_holds_a_scalar_with_its_quotes_and_its_tag() -> None:
    file = source('plain: mw1.small\nquoted: "2.10"\ntagged: !Ref Name\n')
    (node,) = yaml_nodes.read(file)
    assert isinstance(node, Mapping)
    assert [file.slice(entry.key_span) for entry in node.entries] == ["plain", "quoted", "tagged"]
    assert [file.slice(entry.value.span) for entry in node.entries] == ["mw1.small", '"2.10"', "!Ref Name"]
    assert node.entries[2].value.tag == "!Ref"


def test_a_span_of_a_block_ends_with_its_last_value_and_not_with_the_comments_after_it() -> None:
    file = source("list:\n  - a\n  - b\n\n# a comment\nnext: 1\n")
    (node,) = yaml_nodes.read(file)
    assert isinstance(node, Mapping)
    assert file.slice(node.entries[0].value.span) == "- a\n  - b"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_spans_are_right_after_characters_of_several_bytes(encoding: str) -> None:
    file = source("# Überschrift 🙂 – ok\r\nname: größe\r\nclass: mw1.small\r\n".encode(encoding))
    (node,) = yaml_nodes.read(file)
    assert isinstance(node, Mapping)
    assert [file.slice(entry.value.span) for entry in node.entries] == ["größe", "mw1.small"]


def test_the_last_of_two_equal_keys_counts() -> None:
    node = root("a: 1\nb: 2\na: 3\n")
    assert isinstance(node, Mapping)
    assert isinstance(value := node.get("a"), Scalar)
    assert value.literal == 3


def test_keys_that_are_no_scalars_are_left_out() -> None:
    assert literals("? [a, b]\n: 1\nc: 2\n") == {"c": 2}


def test_merge_keys_give_what_the_mapping_does_not_have_itself() -> None:
    node = root("base: &base {a: 1, b: 2}\nother: &other {b: 8, c: 9}\nmine:\n  <<: [*base, *other]\n  a: 5\n")
    assert isinstance(node, Mapping)
    mine = node.get("mine")
    assert isinstance(mine, Mapping)
    assert {entry.key: entry.value.text for entry in mine.entries if isinstance(entry.value, Scalar)} == {
        "a": "5",
        "b": "2",
        "c": "9",
    }


def test_an_alias_is_the_very_node_it_names() -> None:
    node = root("a: &x [1, 2]\nb: *x\n")
    assert isinstance(node, Mapping)
    assert node.get("a") is node.get("b")


def test_every_document_of_a_file_is_read_and_empty_files_have_none() -> None:
    documents = yaml_nodes.read(source("a: 1\n---\n- 2\n---\nthree\n"))
    assert [type(document) for document in documents] == [Mapping, Sequence, Scalar]
    assert yaml_nodes.read(source("")) == []
    assert yaml_nodes.read(source("# only a comment\n")) == []


def test_anchors_do_not_reach_into_the_next_document() -> None:
    assert refusal("a: &x 1\n---\nb: *x\n") == "the alias *x has no anchor"


@pytest.mark.parametrize(("end", "smile"), [("", "😀"), (",", "\ufffd\ufffd")], ids=["json", "almost json"])
def test_json_is_read_with_tabs_and_escaped_emoji_and_right_places(end: str, smile: str) -> None:
    file = source(f'{{\n\t"emoji":\t"\\ud83d\\ude00 \\/ tab\\t",\n\t"class": "mw1.small"{end}\n}}\n')
    (node,) = yaml_nodes.read(file)
    assert isinstance(node, Mapping)
    assert isinstance(emoji := node.get("emoji"), Scalar)
    assert emoji.text == f"{smile} / tab\t"
    assert isinstance(size := node.get("class"), Scalar)
    assert file.slice(size.span) == '"mw1.small"'


def test_a_yaml_bomb_is_read_without_being_expanded() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"{name}: &{name} [{', '.join([f'*{previous}'] * 9)}]"
        for previous, name in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    node = root("\n".join(lines))
    assert isinstance(node, Mapping)
    assert [entry.key for entry in node.entries] == list("abcdefghi")


def test_a_bomb_of_merge_keys_runs_into_the_limit() -> None:
    rows = [f"b{row}: &b{row}\n  <<: [{', '.join(['*base'] * 300)}]" for row in range(30)]
    base = "\n".join(f"  k{index}: 1" for index in range(100))
    assert refusal(f"base: &base\n{base}\n" + "\n".join(rows)) == "it holds more than 200,000 values"


@pytest.mark.parametrize(
    "content",
    ["[" * 10_000, "{a: " * 10_000, "- " * 10_000, "\n".join(" " * depth + "a:" for depth in range(1_500))],
)
def test_deep_nesting_is_refused(content: str) -> None:
    assert refusal(content) == "it nests deeper than 200 levels"


def test_too_many_values_are_refused() -> None:
    assert refusal("[" + "1," * 200_001 + "]") == "it holds more than 200,000 values"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("a: &x [*x]", "the alias *x stands inside what it names"),
        ("&x {a: {b: *x}}", "the alias *x stands inside what it names"),
        ("a: *nowhere", "the alias *nowhere has no anchor"),
        (b"a: \x00", "the file is binary: it holds a NUL byte"),
        (b"\xff\xfea", "the file starts with a utf-16-le mark but is not utf-16-le"),
    ],
)
def test_what_cannot_be_read_says_why(content: str | bytes, reason: str) -> None:
    assert refusal(content) == reason


@pytest.mark.parametrize(
    "content",
    ["a: b: c", "a:\n\tb: 1", '{"a": {"b": ', "a: 'open", "a: \x01", "!e!x a", "%YAML 9.9\n---\na: 1", "}", "a: [1, 2"],
)
def test_broken_yaml_is_refused_and_nothing_else_is_raised(content: str) -> None:
    assert refusal(content).startswith("it is not valid YAML: ")


def test_the_problem_names_the_line_and_points_at_it() -> None:
    file = source("a: 1\nb: c: d\nlast: 1\n")
    with pytest.raises(YamlError) as caught:
        yaml_nodes.read(file)
    finding = yaml_nodes.problem(file, caught.value)
    assert (finding.code, finding.name, finding.severity) == ("MW001", "not-analyzed", Severity.WARNING)
    assert finding.message == (
        "this file is not analyzed: it is not valid YAML: mapping values are not allowed in this context (line 2)"
    )
    assert finding.primary.path == "template.yaml"
    assert file.slice(finding.primary.span) == "b: c: d"


def test_the_problem_of_a_cut_off_file_points_at_its_end() -> None:
    file = source('{\n  "a": {\n    "b": ')
    with pytest.raises(YamlError) as caught:
        yaml_nodes.read(file)
    assert file.slice(yaml_nodes.problem(file, caught.value).primary.span) == '    "b": '
