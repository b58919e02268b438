"""Front matter that is read without PyYAML is what PyYAML makes of it."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mwaalint._front_matter import read
from mwaalint.rulebook import shipped

PAGES = {
    code: path.read_text("utf-8").split("\n---\n")[0].removeprefix("---\n") for code, path in shipped().pages.items()
}
PIECES = [
    *("severity: note", "fix:", "messages:", "options:", "  default: 3", "  many:", "    text: a b", "references: []"),
    *('  default: "{a}: b, \\"c\\" #d"', "  - https://example.com/a-b_c.html#d", "  - yes", "- a", "since: 0.1.0"),
    *("tags: [cost, on]", "tags: [a, b-c]", "on: off", "x: 0x1", "x: 1_000", "x: 010", "x: 1.5", "x: 1:30", "x: null"),
    *('  few: {text: "a, b: {c}", severity: note}', "  p: {default: [], help: words of help}", "p: {a: b, a: c}"),
    *("x: a #b", "x: a# b", "x: a: b", "x: 'a'", "x: |", "  y", "", "# a", "x: ~", "x: &a b", "x: *a", "? a", "---"),
    *(
        "x: Yes sir",
        "x: yes",
        "x: 2024-01-01",
        "x: a  b",
        "x: a ",
        "x : a",
        "\tx: a",
        "x:\ta",
        'x: "a\\n"',
        'x: "a\tb"',
    ),
    *(
        "x: a\u2028b",
        "x: a\x85b",
        'x: "\u00e9…"',
        "x: é",
        "x: a\u00a0b",
        "x: -",
        "x: - a",
        "x: [a, [b]]",
        "x: {a: {b: c}}",
    ),
]


def by_pyyaml(text: str) -> object:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return yaml.YAMLError


@pytest.mark.parametrize("code", PAGES)
def test_the_pages_are_read_without_pyyaml(code: str) -> None:
    found = read(PAGES[code])
    assert found is not None, "PyYAML reads it, too, but only this page needs it"
    assert found == by_pyyaml(PAGES[code])


@given(st.lists(st.sampled_from(PIECES), max_size=8))
def test_any_lines_are_read_as_pyyaml_reads_them_or_left_to_it(lines: list[str]) -> None:
    text = "\n".join(lines)
    found = read(text)
    assert found is None or found == by_pyyaml(text)


@given(st.sampled_from(list(PAGES.values())), st.data())
def test_a_damaged_page_is_read_as_pyyaml_reads_it_or_left_to_it(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text)))
    put = data.draw(st.text(alphabet="a1 :#-\n\t\"'[]{},&*!|>%@`\\~", max_size=3))
    text = text[:place] + put + text[place + data.draw(st.integers(0, 4)) :]
    found = read(text)
    assert found is None or found == by_pyyaml(text)


@pytest.mark.parametrize(
    "text",
    [
        *("a: yes", "on: a", "a: null", "a: 1.5", "a: 2024-01-01", "a: 'b'", "a: b # c", "a: b: c", "a:", "a:\nb: c"),
        *("- a", "a: b\n  c: d", "a:\n  - b\n  c: d", "a: [b, [c]]", "a: |\n  b", "a: &b c", "# a\nb: c", ""),
    ],
)
def test_what_pages_do_not_write_is_left_to_pyyaml(text: str) -> None:
    assert read(text) is None


def test_a_mapping_of_mappings_and_lists() -> None:
    text = 'a: b\nc:\n  d: {text: "{e}, \\"f\\"", severity: note}\n  g:\n    text: h i\nj:\n  - https://k/l#m\n'
    assert read(text.rstrip("\n")) == {
        "a": "b",
        "c": {"d": {"text": '{e}, "f"', "severity": "note"}, "g": {"text": "h i"}},
        "j": ["https://k/l#m"],
    }
