"""Excerpts of sources: which lines, cut where, and what is underlined."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mwaalint.report._excerpt import Line, excerpt
from mwaalint.report._terminal import cells, columns, visible, wrapped
from mwaalint.source import SourceFile, Span


def excerpt_of(text: str | bytes, wanted: str, room: int = 60) -> list[Line]:
    content = text if isinstance(text, bytes) else text.encode()
    source = SourceFile("file", Path("/nowhere/file"), content)
    start = source.text.index(wanted)
    return excerpt(source, source.span(start, start + len(wanted)), room)


def underlined(line: Line) -> str:
    """The part of a shown line that its underline is under; every character has one column."""
    start = len(line.underline) - len(line.underline.lstrip())
    return line.text[start : start + len(line.underline.strip())]


def test_the_line_of_the_span_has_its_number() -> None:
    assert excerpt_of("one\ntwo three\nfour\n", "three") == [Line(2, "two three", "    ^^^^^")]


def test_windows_newlines_are_no_part_of_a_line() -> None:
    assert excerpt_of("one\r\ntwo three\r\nfour\r\n", "three\r\n") == [Line(2, "two three", "    ^^^^^")]


def test_tabs_become_spaces_up_to_the_next_stop() -> None:
    assert excerpt_of("\tone\tx = two\n", "two") == [Line(1, "    one x = two", "            ^^^")]


def test_wide_characters_take_two_columns_and_combining_ones_none() -> None:
    assert excerpt_of("name = 漢字 cafe\u0301 etl\n", "漢字") == [Line(1, "name = 漢字 cafe\u0301 etl", "       ^^^^")]
    assert excerpt_of("ＡＢ etl\n", "etl") == [Line(1, "ＡＢ etl", "     ^^^")]
    assert excerpt_of("name = 漢字 cafe\u0301 etl\n", "etl") == [
        Line(1, "name = 漢字 cafe\u0301 etl", "                 ^^^")
    ]


def test_written_out_controls_take_the_columns_they_show() -> None:
    assert excerpt_of("a\x1b[2J b\n", "b") == [Line(1, "a\\x1b[2J b", "         ^")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
def test_the_encoding_does_not_show(encoding: str) -> None:
    assert excerpt_of("one\n😀 two\n".encode(encoding), "two") == [Line(2, "😀 two", "   ^^^")]


def test_a_place_between_characters_has_one_mark() -> None:
    source = SourceFile("file", Path("/nowhere/file"), b"one\ntwo\n")
    assert excerpt(source, Span(5, 5), 60) == [Line(2, "two", " ^")]
    assert excerpt(source, Span(7, 7), 60) == [Line(2, "two", "   ^")]
    assert excerpt(source, Span(8, 8), 60) == [Line(3, "", "^")]


def test_another_mark_serves_related_places() -> None:
    source = SourceFile("file", Path("/nowhere/file"), b"one\ntwo\n")
    assert excerpt(source, Span(4, 7), 60, "-") == [Line(2, "two", "---")]


class TestSeveralLines:
    def test_two_lines_follow_each_other(self) -> None:
        assert excerpt_of("a {\n    b }\n", "{\n    b }") == [Line(1, "a {", "  ^"), Line(2, "    b }", "    ^^^")]

    def test_more_are_left_out_between_the_first_and_the_last(self) -> None:
        assert excerpt_of("a {\n  b\n  c\n}\n", "a {\n  b\n  c\n}") == [
            Line(1, "a {", "^^^"),
            Line(None, "...", ""),
            Line(4, "}", "^"),
        ]

    def test_closing_newlines_and_blank_lines_do_not_count(self) -> None:
        assert excerpt_of("one\n  \n\ntwo\n", "one\n  \n\n") == [Line(1, "one", "^^^")]

    def test_a_line_of_the_newline_only_has_one_mark(self) -> None:
        assert excerpt_of("one\n\ntwo", "\n\n") == [Line(1, "one", "   ^")]


class TestLongLines:
    LINE = "a" * 100 + " target " + "b" * 100

    def test_are_cut_on_both_sides(self) -> None:
        (line,) = excerpt_of(self.LINE, "target", room=40)
        assert line == Line(1, "...aaaaaaaaaa target bbbbbbbbbbbbbbbb...", " " * 14 + "^" * 6)

    def test_are_cut_only_behind_when_the_span_is_near_the_start(self) -> None:
        (line,) = excerpt_of("target " + "b" * 100, "target", room=40)
        assert line == Line(1, "target " + "b" * 27 + "...", "^^^^^^")

    def test_are_cut_only_before_when_the_span_is_at_the_end(self) -> None:
        (line,) = excerpt_of("a" * 100 + " target", "target", room=40)
        assert line == Line(1, "...aaaaaaaaaa target", " " * 14 + "^" * 6)

    def test_are_cut_inside_a_span_longer_than_the_room(self) -> None:
        (line,) = excerpt_of("x = " + "a" * 100 + " y", "a" * 100, room=40)
        assert line == Line(1, "..." + "a" * 34 + "...", " " * 3 + "^" * 34)

    def test_of_a_megabyte_are_cut_without_looking_at_all_of_it(self) -> None:
        (line,) = excerpt_of("漢" * 300_000 + "target" + "漢" * 300_000, "target", room=40)
        assert line == Line(1, "..." + "漢" * 5 + "target" + "漢" * 9 + "...", " " * 13 + "^" * 6)

    def test_have_room_even_where_a_terminal_has_none(self) -> None:
        (line,) = excerpt_of(self.LINE, "target", room=-5)
        assert line == Line(1, "...aaa target bbb...", " " * 7 + "^" * 6)


def test_an_unreadable_file_has_no_excerpt() -> None:
    assert excerpt(SourceFile("file", Path("/nowhere/file")), Span(0, 4), 60) == []


LINES = st.text(st.characters(exclude_characters="\n\r", codec="utf-8"), min_size=1, max_size=200)


@settings(max_examples=300, deadline=None)
@given(line=LINES, room=st.integers(20, 120), data=st.data())
def test_an_excerpt_never_leaves_its_room(line: str, room: int, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(line) - 1))
    end = data.draw(st.integers(start + 1, len(line)))
    source = SourceFile("file", Path("/nowhere/file"), line.encode())
    if "\0" in line:
        return
    start, end = min(start, len(source.text)), min(end, len(source.text))
    for shown in excerpt(source, source.span(start, end), room):
        assert columns(shown.text) <= room
        assert len(shown.underline) <= room + 1


@settings(max_examples=300, deadline=None)
@given(line=st.text(st.characters(categories=("Ll", "Lu", "Nd", "Po")), min_size=1, max_size=200), data=st.data())
def test_the_marks_are_under_the_span(line: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(line) - 1))
    end = data.draw(st.integers(start + 1, min(start + 30, len(line))))
    narrow = "".join(one if columns(one) == 1 else "x" for one in line)
    source = SourceFile("file", Path("/nowhere/file"), narrow.encode())
    (shown,) = excerpt(source, source.span(start, end), 60)
    assert underlined(shown) == narrow[start:end]


class TestVisible:
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("plain text, ünïcödé, 漢字, 😀", "plain text, ünïcödé, 漢字, 😀"),
            ("tab\there", "tab\\there"),
            ("\x00\x1b\x7f\x85\x9b", "\\x00\\x1b\\x7f\\x85\\x9b"),
            ("left\u202eto\u2066right", "left\\u202eto\\u2066right"),
            ("zero\u200bwidth", "zero\\u200bwidth"),
            ("line\u2028paragraph\u2029", "line\\u2028paragraph\\u2029"),
            ("not utf-8: \udcff", "not utf-8: \\udcff"),
            ("spaces\u00a0and\u3000others", "spaces\u00a0and\u3000others"),
        ],
    )
    def test_shows_what_would_act_or_hide(self, text: str, shown: str) -> None:
        assert visible(text) == shown

    @given(st.text())
    def test_cells_show_the_same_but_for_tabs(self, text: str) -> None:
        plain = text.replace("\t", " ")
        assert "".join(cells(plain)) == visible(plain)


class TestWrapped:
    def test_breaks_between_words(self) -> None:
        assert wrapped("one two three four", 9) == ("one two", "three", "four")

    def test_keeps_an_address_whole(self) -> None:
        assert wrapped("see https://docs.aws.amazon.com/mwaa/latest/userguide for more", 20) == (
            "see",
            "https://docs.aws.amazon.com/mwaa/latest/userguide",
            "for more",
        )

    def test_counts_columns_and_not_characters(self) -> None:
        assert wrapped("漢字 漢字 漢字", 9) == ("漢字 漢字", "漢字")

    def test_nothing_is_one_empty_line(self) -> None:
        assert wrapped("", 20) == ("",)

    @given(st.text(st.sampled_from("ab 漢")), st.integers(1, 40))
    def test_loses_nothing(self, text: str, width: int) -> None:
        assert " ".join(wrapped(text, width)) == text

    @given(st.text(st.sampled_from("ab ")), st.integers(1, 12))
    def test_words_of_another_script_change_no_line_before(self, text: str, width: int) -> None:
        *lines, last = wrapped(f"{text} 漢{'x' * width}", width)
        assert last == f"漢{'x' * width}"
        assert wrapped(text, width) == tuple(lines)
