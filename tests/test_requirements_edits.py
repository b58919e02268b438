"""The edits that the requirements rules share: what changes, and that nothing else does."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mwaalint.checks.requirements import _edits as edits
from mwaalint.documents.requirements import read_requirements
from mwaalint.findings import Edit, Fix, Safety
from mwaalint.source import SourceFile

if TYPE_CHECKING:
    from mwaalint.documents.requirements import Option, Requirement


def file_of(data: bytes | str) -> SourceFile:
    return SourceFile("requirements.txt", Path("requirements.txt"), data if isinstance(data, bytes) else data.encode())


def requirement(text: str | bytes) -> Requirement:
    return read_requirements(file_of(text)).requirements[0]


def option(text: str | bytes) -> Option:
    return read_requirements(file_of(text)).options[0]


def applied(file: SourceFile, edit: Edit | None) -> bytes:
    assert edit is not None
    assert edit.path == file.path
    assert file.data[edit.span.start : edit.span.end] == edit.expected
    return file.data[: edit.span.start] + edit.text + file.data[edit.span.end :]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b"-c x\n"),
        (b"pkg==1\n", b"-c x\npkg==1\n"),
        (b"pkg==1", b"-c x\npkg==1"),
        (b"\n\npkg==1\n", b"-c x\n\n\npkg==1\n"),
        (b"a==1\r\nb==2\r\n", b"-c x\r\na==1\r\nb==2\r\n"),
        (codecs.BOM_UTF8 + b"pkg==1\n", codecs.BOM_UTF8 + b"-c x\npkg==1\n"),
        (
            codecs.BOM_UTF16_LE + "pkg==1\r\n".encode("utf-16-le"),
            codecs.BOM_UTF16_LE + "-c x\r\npkg==1\r\n".encode("utf-16-le"),
        ),
        (
            codecs.BOM_UTF32_BE + "pkg==1\n".encode("utf-32-be"),
            codecs.BOM_UTF32_BE + "-c x\npkg==1\n".encode("utf-32-be"),
        ),
        (b"# caf\xe9\npkg==1\n", b"-c x\n# caf\xe9\npkg==1\n"),
    ],
)
def test_a_first_line_goes_above_everything_but_the_byte_order_mark(before: bytes, after: bytes) -> None:
    file = file_of(before)
    assert applied(file, edits.with_first_line(file, "-c x")) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# -*- coding: latin-1 -*-\npkg==1\n", "# -*- coding: latin-1 -*-\n-c x\npkg==1\n"),
        ("# MWAA\r\n# coding=utf-8\r\npkg==1\r\n", "# MWAA\r\n# coding=utf-8\r\n-c x\r\npkg==1\r\n"),
        ("# coding: utf-8", "# coding: utf-8\n-c x"),
        ("# MWAA\n#\n# coding: utf-8\n", "-c x\n# MWAA\n#\n# coding: utf-8\n"),
        ("pkg==1 # coding: utf-8\n", "-c x\npkg==1 # coding: utf-8\n"),
    ],
)
def test_a_comment_that_names_the_encoding_keeps_its_place(before: str, after: str) -> None:
    file = file_of(before)
    assert applied(file, edits.with_first_line(file, "-c x")) == after.encode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("pkg", "pkg==9.9"),
        ("pkg==1.0", "pkg==9.9"),
        ("pkg == 1.0", "pkg == 9.9"),
        ("pkg===1.0", "pkg==9.9"),
        ("pkg==1.*", "pkg==9.9"),
        ("Py_Pkg >=1,<2  # why", "Py_Pkg ==9.9  # why"),
        ("pkg[aws]", "pkg[aws]==9.9"),
        ("pkg [aws, gcp] ~= 1.0", "pkg [aws, gcp] ==9.9"),
        ("pkg (>=1.0)", "pkg (==9.9)"),
        ("pkg ; python_version >= '3'", "pkg==9.9 ; python_version >= '3'"),
        ("pkg[aws]<2; python_version >= '3'", "pkg[aws]==9.9; python_version >= '3'"),
        ("pkg \\\n  >=1.0", "pkg \\\n  ==9.9"),
        ("  pkg>1\r\n", "  pkg==9.9\r\n"),
        ("# é\npkg>1", "# é\npkg==9.9"),
    ],
)
def test_a_version_replaces_the_old_one_and_nothing_else(before: str, after: str) -> None:
    found = requirement(before)
    assert applied(found.file, edits.with_version(found, "9.9")) == after.encode()


def test_a_version_is_written_in_the_encoding_of_the_file() -> None:
    found = requirement(codecs.BOM_UTF16_LE + "pkg[aws]\r\n".encode("utf-16-le"))
    changed = applied(found.file, edits.with_version(found, "9.9"))
    assert changed == codecs.BOM_UTF16_LE + "pkg[aws]==9.9\r\n".encode("utf-16-le")


@pytest.mark.parametrize(
    "text",
    [
        "pkg==1.0 --hash=sha256:" + "0" * 64,
        "pkg @ https://example.com/pkg-1.0.tar.gz",
        "https://example.com/pkg-1.0-py3-none-any.whl",
        "./pkg-1.0-py3-none-any.whl",
        "pkg \\\n[aws]",
    ],
)
def test_what_has_hashes_or_a_place_of_its_own_gets_no_version(text: str) -> None:
    assert edits.with_version(requirement(text), "9.9") is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("pkg==1\n", ""),
        ("pkg==1", ""),
        ("pkg==1\nb==2\n", "b==2\n"),
        ("# a\npkg==1  # gone too\n# b\n", "# a\n# b\n"),
        ("# a\r\npkg==1\r\nb==2\r\n", "# a\r\nb==2\r\n"),
        ("# a\npkg==1", "# a\n"),
        ("pkg \\\n  ==1 \\\n  ; python_version > '3'\nb==2\n", "b==2\n"),
        ("# a\x0cpkg==1\nb==2\n", "# a\x0cb==2\n"),
        ("# é\npkg==1\n", "# é\n"),
    ],
)
def test_a_deleted_requirement_takes_all_its_lines_and_no_other(before: str, after: str) -> None:
    found = requirement(before)
    assert applied(found.file, edits.without(found)) == after.encode()


def test_deleting_keeps_the_byte_order_mark() -> None:
    found = requirement(codecs.BOM_UTF16_BE + "pkg==1\r\nb==2".encode("utf-16-be"))
    assert applied(found.file, edits.without(found)) == codecs.BOM_UTF16_BE + "b==2".encode("utf-16-be")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('-c "https://a"  # b\n', '-c "new"  # b\n'),
        ("--constraint 'https://a'\n", "--constraint 'new'\n"),
        ("--constraint=https://a\n", "--constraint=new\n"),
        ("-chttps://a", "-cnew"),
    ],
)
def test_a_value_is_replaced_between_its_quotes(before: str, after: str) -> None:
    found = option(before)
    assert applied(found.file, edits.with_value(found, "new")) == after.encode()


def test_a_flag_has_no_value_to_replace() -> None:
    assert edits.with_value(option("--no-index\n"), "new") is None


def test_a_fix_is_there_only_when_all_its_edits_are() -> None:
    file = file_of("pkg==1\n")
    edit = edits.with_first_line(file, "-c x")
    assert edits.safe("insert", edit) == Fix("insert", Safety.SAFE, (edit,))
    assert edits.unsafe("insert", edit) == Fix("insert", Safety.UNSAFE, (edit,))
    assert edits.safe("insert", edit, None) is None
