"""Bytes, characters, lines and columns agree, whatever the encoding."""

from __future__ import annotations

import codecs
import os
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mwaalint.source import CHANGED, MAX_BYTES, Position, SourceFile, Span, UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Callable


def source(content: bytes) -> SourceFile:
    return SourceFile("requirements.txt", Path("requirements.txt"), content)


def test_a_span_of_plain_text_counts_bytes_from_the_start() -> None:
    file = source(b"boto3\npandas==2.1.4\n")
    assert file.span(6, 12) == Span(6, 12)
    assert file.slice(Span(6, 12)) == "pandas"
    assert file.position(6) == Position(2, 1)


def test_a_byte_order_mark_shifts_bytes_but_not_columns() -> None:
    file = source(codecs.BOM_UTF8 + b"boto3\n")
    assert file.text == "boto3\n"
    assert file.span(0, 5) == Span(3, 8)
    assert file.position(3) == Position(1, 1)


def test_columns_count_code_points() -> None:
    file = source("# 한글 😀 x\n".encode())
    end = file.span(0, 6).end
    assert file.position(end) == Position(1, 7)
    assert file.slice(file.span(5, 6)) == "😀"


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_what_powershell_writes_is_read(codec: str) -> None:
    mark = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}.get(codec) or {
        "utf-32-le": codecs.BOM_UTF32_LE,
        "utf-32-be": codecs.BOM_UTF32_BE,
    }[codec]
    file = source(mark + "requests==2.32.3\r\nboto3 # é\r\n".encode(codec))
    assert file.encoding == codec
    assert file.text == "requests==2.32.3\r\nboto3 # é\r\n"
    assert file.slice(file.span(18, 23)) == "boto3"
    assert file.position(file.span(18, 23).start) == Position(2, 1)


def test_bytes_that_are_not_utf_8_are_read_as_latin_1() -> None:
    file = source(b"# caf\xe9\nboto3\n")
    assert file.encoding == "latin-1"
    assert file.text == "# café\nboto3\n"


@pytest.mark.parametrize(
    ("content", "newline"),
    [
        (b"a\nb\n", "\n"),
        (b"a\r\nb\r\n", "\r\n"),
        (b"a\r\nb\nc\n", "\n"),
        (b"", "\n"),
        (b"a", "\n"),
        (b"a\r\nb\r\nc\n", "\r\n"),
    ],
)
def test_the_newline_is_the_one_used_most(content: bytes, newline: str) -> None:
    assert source(content).newline == newline


def test_lines_come_without_their_newline() -> None:
    file = source(b"one\r\ntwo\n\nfour")
    assert [file.line_text(number) for number in (1, 2, 3, 4)] == ["one", "two", "", "four"]
    assert file.line_span(2) == Span(5, 8)


LETTERS = st.text(st.sampled_from("ab é日\U0001f600\r\n\n\n"), max_size=40)


@given(text=LETTERS, codec=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"]), data=st.data())
def test_counting_lines_and_looking_them_up_come_to_the_same(text: str, codec: str, data: st.DataObject) -> None:
    """Small files have their lines counted, large ones have a table."""
    content = text.encode(codec, "replace")
    offsets = data.draw(st.lists(st.integers(0, len(content) + 2), min_size=1, max_size=5))

    def told(largest: int) -> list[tuple[Position, str]]:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("mwaalint.source._LARGE", largest)
            file = source(content)
            places = [file.position(offset) for offset in offsets]
            return [(place, file.line_text(place.line)) for place in places]

    assert told(largest=1000) == told(largest=-1)


def test_a_place_in_a_binary_file_is_none() -> None:
    for content in (b"\0\n", b"\xff\0\n"):
        with pytest.raises(UnreadableFileError, match="binary"):
            source(content).position(1)


def test_a_position_past_the_end_is_the_end() -> None:
    assert source(b"boto3\n").position(99) == Position(2, 1)
    assert source(b"boto3").position(99) == Position(1, 6)
    assert source(b"").position(0) == Position(1, 1)


def test_a_binary_file_is_unreadable_and_says_so() -> None:
    with pytest.raises(UnreadableFileError, match="the file is binary: it holds a NUL byte"):
        _ = source(b"PK\x03\x04\0\0").text


def test_a_broken_utf_16_file_is_unreadable_and_says_so() -> None:
    with pytest.raises(UnreadableFileError, match="starts with a utf-16-le mark but is not utf-16-le"):
        _ = source(codecs.BOM_UTF16_LE + b"a").text


def test_a_file_over_the_limit_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(UnreadableFileError, match=r"2,097,153 bytes; files over 2,097,152 bytes are not analyzed"):
        _ = SourceFile("requirements.txt", path).data


def test_a_missing_file_says_why(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="cannot be read: No such file or directory"):
        _ = SourceFile("gone.txt", tmp_path / "gone.txt").data


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
CODECS = st.sampled_from(
    [(b"", "utf-8"), (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")]
)


@given(TEXTS, CODECS, st.data())
def test_any_range_of_characters_comes_back_from_its_span(
    text: str, codec: tuple[bytes, str], data: st.DataObject
) -> None:
    if not codec[0] and text.startswith("\ufeff"):
        return
    file = source(codec[0] + text.encode(codec[1]))
    start = data.draw(st.integers(0, len(file.text)))
    end = data.draw(st.integers(start, len(file.text)))
    assert file.slice(file.span(start, end)) == file.text[start:end]


@given(TEXTS, CODECS, st.data())
def test_line_and_column_lead_back_to_the_character(text: str, codec: tuple[bytes, str], data: st.DataObject) -> None:
    if not codec[0] and text.startswith("\ufeff"):
        return
    file = source(codec[0] + text.encode(codec[1]))
    character = data.draw(st.integers(0, len(file.text)))
    line, column = file.position(file.byte_offset(character))
    assert file.line_starts[line - 1] + column - 1 <= character
    if character < len(file.text) and file.text[character] not in "\r\n":
        assert file.line_starts[line - 1] + column - 1 == character


class TestLeaving:
    TEXT = "# é\nboto3\n" * 40

    def written(self, folder: Path, name: str = "a.py") -> SourceFile:
        (folder / name).write_text(self.TEXT, encoding="utf-8", newline="")
        return SourceFile(name, folder / name)

    def test_what_was_read_is_had_again(self, tmp_path: Path) -> None:
        file = self.written(tmp_path)
        before = (file.data, file.text, file.position(20), file.line_text(2), file.digest, file.absolute)
        file.leave(deque())
        assert file.was_read
        assert (file.data, file.text, file.position(20), file.line_text(2), file.digest, file.absolute) == before

    def test_it_takes_no_room(self, tmp_path: Path) -> None:
        file = self.written(tmp_path)
        assert file.text and file.line_starts
        file.leave(deque())
        assert vars(file) == {}

    def test_a_file_that_nobody_read_stays_unread(self, tmp_path: Path) -> None:
        file = self.written(tmp_path)
        file.leave(deque())
        assert not file.was_read
        (tmp_path / "a.py").write_bytes(b"other")
        assert file.data == b"other"

    def test_one_that_nobody_left_keeps_its_content(self, tmp_path: Path) -> None:
        file = self.written(tmp_path)
        data = file.data
        file.rest()
        assert file.data is data

    def test_bytes_from_elsewhere_stay(self, tmp_path: Path) -> None:
        for content in (b"", b"boto3"):
            file = SourceFile("a.py", tmp_path / "a.py", content)
            assert file.data == content
            file.leave(deque())
            assert file.was_read and file.data is content and file.text == content.decode()

    def test_only_a_few_are_had_again_at_a_time(self, tmp_path: Path) -> None:
        shelf: deque[SourceFile] = deque()
        files = [self.written(tmp_path, f"{number}.py") for number in range(130)]
        for file in files:
            assert file.text
            file.leave(shelf)
        assert {file.text for file in files} == {self.TEXT}
        assert 0 < sum("data" in vars(file) for file in files) <= 100
        assert {file.text for file in reversed(files)} == {self.TEXT}

    @pytest.mark.parametrize("other", [b"other", b"", None])
    def test_another_content_is_not_taken_for_it(self, tmp_path: Path, other: bytes | None) -> None:
        file = self.written(tmp_path)
        digest = file.digest
        file.leave(deque())
        if other is None:
            (tmp_path / "a.py").unlink()
        else:
            (tmp_path / "a.py").write_bytes(other)
        for ask in (lambda: file.data, lambda: file.text, lambda: file.position(0), lambda: file.holds(b"o")):
            with pytest.raises(UnreadableFileError, match=CHANGED):
                ask()
        assert (file.problem, file.digest, file.was_read) == (CHANGED, digest, True)

    def test_the_same_content_at_another_time_is(self, tmp_path: Path) -> None:
        file = self.written(tmp_path)
        before, stamp = file.data, file.stamp
        file.leave(deque())
        (tmp_path / "a.py").unlink()
        self.written(tmp_path)
        os.utime(tmp_path / "a.py", (1, 1))
        assert (file.data, file.stamp, file.problem) == (before, stamp, "")


@given(st.text("ab\r\n", max_size=30), st.sampled_from([b"", codecs.BOM_UTF8]), st.integers(0, 40))
def test_a_place_in_plain_text_has_the_column_that_counting_gives(text: str, mark: bytes, offset: int) -> None:
    file = source(mark + text.encode())
    before = text[: max(offset - len(mark), 0)]
    line = before.count("\n") + 1
    within = text.split("\n")[line - 1].rstrip("\r")
    column = min(len(before) - before.rfind("\n") - 1, len(within)) + 1
    assert file.position(offset) == Position(line, column)


def opened(file: SourceFile) -> bool:
    return file.opened


class TestWhoAskedForAFile:
    def test_is_noted_for_its_bytes_and_what_is_made_of_them(self) -> None:
        for ask in ("data", "text", "encoding", "mark", "newline", "line_starts"):
            file = source(b"boto3\n")
            assert not opened(file)
            getattr(file, ask)
            assert opened(file), ask

    def test_is_not_for_words_in_it(self) -> None:
        file = source(b"boto3\npandas\n")
        assert file.holds(b"boto3", b"pandas")
        assert not file.holds(b"boto3", b"numpy")
        assert file.looks("short", lambda data: len(data) < 20)
        assert file.digest == source(b"boto3\npandas\n").digest != source(b"boto3").digest
        assert not opened(file)
        assert file.was_read
        assert list(file.answers.values()) == [True, False, True]

    def test_is_noted_again_after_it_was_closed(self) -> None:
        file = source(b"boto3\n")
        assert file.text == "boto3\n"
        file.close()
        assert not opened(file)
        assert file.was_read
        assert file.text == "boto3\n"
        assert opened(file)
        file.close(opened=True)
        assert opened(file)

    def test_of_a_file_that_is_not_there_gets_the_reason(self, tmp_path: Path) -> None:
        asks: list[Callable[[SourceFile], object]] = [
            lambda file: file.holds(b"a"),
            lambda file: file.digest,
            lambda file: file.looks("a", bool),
        ]
        for ask in asks:
            file = SourceFile("a", tmp_path / "gone")
            with pytest.raises(UnreadableFileError):
                ask(file)
            assert "cannot be read" in file.problem
            assert file.answers == {}
