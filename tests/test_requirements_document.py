"""What is read in a requirements file: the same as pip reads, and where each part stands, to the byte."""

from __future__ import annotations

import codecs
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mwaalint.documents import _pip_options, _pip_requirements
from mwaalint.documents.requirements import (
    Comment,
    InvalidLine,
    Option,
    Requirement,
    RequirementsFile,
    read_requirements,
)
from mwaalint.source import SourceFile, Span, UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Callable


def read(content: str | bytes, encoding: str = "utf-8") -> RequirementsFile:
    data = content.encode(encoding) if isinstance(content, str) else content
    return read_requirements(SourceFile("requirements.txt", Path("requirements.txt"), data))


def requirement(content: str) -> Requirement:
    document = read(content)
    assert not document.invalid
    [only] = document.requirements
    return only


def option(content: str) -> Option:
    document = read(content)
    assert not document.invalid
    [only] = document.options
    return only


def invalid(content: str) -> InvalidLine:
    document = read(content)
    assert not document.requirements
    [only] = document.invalid
    return only


def names(document: RequirementsFile) -> list[str | None]:
    return [found.name for found in document.requirements]


def lines(document: RequirementsFile) -> list[int]:
    return [found.line for found in document.requirements]


def text_at(found: Requirement | Option | Comment | InvalidLine, span: Span | None) -> str:
    assert span is not None
    return found.file.slice(span)


class TestRequirements:
    def test_a_pinned_package_has_name_version_and_place(self) -> None:
        found = requirement("boto3==1.35.36\n")
        assert (found.line, found.span, found.text) == (1, Span(0, 14), "boto3==1.35.36")
        assert (found.name, found.pin) == ("boto3", "1.35.36")
        assert (found.url, found.vcs, found.editable, found.is_path) == (None, None, False, False)

    def test_names_are_normalised_and_their_span_shows_them_as_written(self) -> None:
        found = requirement("Apache.Airflow_Providers--Amazon==9.0.0")
        assert found.name == "apache-airflow-providers-amazon"
        assert text_at(found, found.name_span) == "Apache.Airflow_Providers--Amazon"

    def test_extras_stand_between_name_and_version(self) -> None:
        found = requirement("apache-airflow[amazon, Celery] == 2.10.3")
        assert found.extras == {"amazon", "celery"}
        assert text_at(found, found.name_span) == "apache-airflow"
        assert text_at(found, found.specifier_span) == "== 2.10.3"

    def test_several_version_clauses_are_one_specifier(self) -> None:
        found = requirement("pandas >=1.5, <2.2")
        assert str(found.specifier) == "<2.2,>=1.5"
        assert text_at(found, found.specifier_span) == ">=1.5, <2.2"
        assert found.pin is None

    def test_a_bare_name_has_an_empty_specifier_and_no_place_for_it(self) -> None:
        found = requirement("pandas")
        assert str(found.specifier) == ""
        assert found.specifier_span is None

    def test_versions_may_stand_in_parentheses(self) -> None:
        found = requirement("pandas (==2.1.4) ; python_version >= '3.8'")
        assert found.pin == "2.1.4"
        assert text_at(found, found.specifier_span) == "==2.1.4"

    def test_a_marker_is_no_part_of_the_version(self) -> None:
        found = requirement("pandas==2.1.4 ; python_version >= '3.8' and sys_platform == \"linux\"")
        assert str(found.marker) == 'python_version >= "3.8" and sys_platform == "linux"'
        assert text_at(found, found.specifier_span) == "==2.1.4"

    def test_a_semicolon_without_a_marker_is_accepted_as_pip_does(self) -> None:
        found = requirement("pandas==2.1.4;")
        assert (found.marker, found.pin) == (None, "2.1.4")

    def test_the_location_names_the_package(self) -> None:
        location = requirement("  Flask==2.2.5").location()
        assert (location.path, location.span, location.symbol) == ("requirements.txt", Span(2, 14), "flask")

    def test_the_location_of_a_nameless_path_is_named_after_its_text(self) -> None:
        assert requirement("./vendored/lib").location().symbol == "./vendored/lib"


class TestPins:
    @pytest.mark.parametrize(
        ("line", "pin"),
        [
            ("a==1.0", "1.0"),
            ("a===1.0", "1.0"),
            ("a == 1.0.post1+local", "1.0.post1+local"),
            ("a==1.0.*", None),
            ("a~=1.0", None),
            ("a<=1.0", None),
            ("a==1.0,!=1.1", None),
            ("a", None),
        ],
    )
    def test_only_one_exact_version_is_a_pin(self, line: str, pin: str | None) -> None:
        assert requirement(line).pin == pin

    def test_a_wheels_file_name_is_a_pin(self) -> None:
        found = requirement("/usr/local/airflow/plugins/my_lib-1.2.0-py3-none-any.whl")
        assert (found.name, found.pin, found.is_path) == ("my-lib", "1.2.0", True)
        assert (found.name_span, found.specifier_span) == (None, None)


class TestUrlsAndPaths:
    def test_name_at_url(self) -> None:
        found = requirement("lib[x] @ https://example.org/lib.zip ; python_version > '3'")
        assert (found.name, found.url, found.vcs) == ("lib", "https://example.org/lib.zip", None)
        assert (set(found.extras), str(found.marker)) == ({"x"}, 'python_version > "3"')
        assert text_at(found, found.name_span) == "lib"
        assert found.specifier_span is None

    def test_a_bare_url_to_an_archive_has_no_name(self) -> None:
        found = requirement("https://example.org/archive/v1.tar.gz")
        assert (found.name, found.name_span) == (None, None)
        assert (found.url, found.is_path) == ("https://example.org/archive/v1.tar.gz", False)

    def test_the_egg_fragment_names_a_url(self) -> None:
        found = requirement("git+https://example.org/acme/lib.git@v1.2.0#egg=Acme_Lib&subdirectory=py")
        assert (found.name, found.vcs, found.editable) == ("acme-lib", "git", False)
        assert text_at(found, found.name_span) == "Acme_Lib"

    @pytest.mark.parametrize(
        ("url", "vcs"),
        [
            ("git+ssh://git@example.org/a.git", "git"),
            ("hg+https://example.org/a", "hg"),
            ("svn+https://example.org/a", "svn"),
            ("bzr+https://example.org/a", "bzr"),
            ("https://example.org/a.git", None),
        ],
    )
    def test_the_program_that_fetches_a_url(self, url: str, vcs: str | None) -> None:
        assert requirement(url).vcs == vcs
        assert requirement(f"a @ {url}").vcs == vcs

    def test_an_editable_checkout(self) -> None:
        found = requirement("-e git+https://example.org/acme/lib.git#egg=acme-lib")
        assert (found.name, found.vcs, found.editable, found.is_path) == ("acme-lib", "git", True, False)
        assert found.url == "git+https://example.org/acme/lib.git#egg=acme-lib"
        assert found.text == "-e git+https://example.org/acme/lib.git#egg=acme-lib"

    def test_an_editable_path_with_an_extra(self) -> None:
        found = requirement("--editable=./lib[dev]  # ours")
        assert (found.name, found.url, found.editable, found.is_path) == (None, "./lib", True, True)
        assert found.extras == {"dev"}
        assert found.text == "--editable=./lib[dev]"

    @pytest.mark.parametrize(
        "path", ["./lib", "../lib", "/usr/local/airflow/dags/lib", "file:///usr/local/airflow/lib"]
    )
    def test_paths_are_told_from_urls(self, path: str) -> None:
        assert requirement(path).is_path

    def test_a_variable_in_a_url_is_kept(self) -> None:
        found = requirement("lib @ https://${USER}:${TOKEN}@example.org/lib.zip")
        assert found.url == "https://${USER}:${TOKEN}@example.org/lib.zip"


class TestHashesAndOtherOptionsOfARequirement:
    LOCKED = "requests==2.32.3 \\\n    --hash=sha256:aaa \\\n    --hash sha512:bbb  # locked\nidna==3.7\n"

    def test_hashes_over_continued_lines_belong_to_the_requirement(self) -> None:
        locked, after = read(self.LOCKED).requirements
        assert locked.hashes == ("sha256:aaa", "sha512:bbb")
        assert locked.text == "requests==2.32.3 \\\n    --hash=sha256:aaa \\\n    --hash sha512:bbb"
        assert text_at(locked, locked.specifier_span) == "==2.32.3"
        assert (locked.line, after.line, after.text) == (1, 4, "idna==3.7")

    def test_each_hash_has_its_own_place(self) -> None:
        locked, _ = read(self.LOCKED).requirements
        first, second = locked.options
        assert (first.line, text_at(first, first.span)) == (2, "--hash=sha256:aaa")
        assert (second.line, text_at(second, second.value_span)) == (3, "sha512:bbb")
        assert (first.spelling, second.spelling) == ("--hash=", "--hash ")

    def test_config_settings_are_no_part_of_the_name(self) -> None:
        found = requirement('numpy==1.26.4 --config-settings="setup-args=-Dblas=none"')
        [setting] = found.options
        assert (found.name, found.pin, found.hashes) == ("numpy", "1.26.4", ())
        assert (setting.name, setting.value) == ("--config-settings", "setup-args=-Dblas=none")

    def test_pip_ignores_other_options_after_a_requirement(self) -> None:
        document = read("boto3 -c constraints.txt --pre\n")
        assert document.options == ()
        assert document.requirements[0].options == ()
        assert document.requirements[0].text == "boto3 -c constraints.txt --pre"


class TestOptions:
    @pytest.mark.parametrize(
        ("line", "name", "spelling", "value"),
        [
            ("-c https://x/c.txt", "--constraint", "-c ", "https://x/c.txt"),
            ("-c\tc.txt", "--constraint", "-c\t", "c.txt"),
            ("-chttps://x/c.txt", "--constraint", "-c", "https://x/c.txt"),
            ("-c=c.txt", "--constraint", "-c=", "c.txt"),
            ("--constraint c.txt", "--constraint", "--constraint ", "c.txt"),
            ("--constraint\tc.txt", "--constraint", "--constraint\t", "c.txt"),
            ("--constraint   c.txt", "--constraint", "--constraint   ", "c.txt"),
            ("--constraint=c.txt", "--constraint", "--constraint=", "c.txt"),
            ("--constr c.txt", "--constraint", "--constr ", "c.txt"),
            ("-r base.txt", "--requirement", "-r ", "base.txt"),
            ("-i https://x", "--index-url", "-i ", "https://x"),
            ("--pypi-url https://x", "--index-url", "--pypi-url ", "https://x"),
            ("--extra-index-url https://x", "--extra-index-url", "--extra-index-url ", "https://x"),
            ("-f /usr/local/airflow/plugins", "--find-links", "-f ", "/usr/local/airflow/plugins"),
            ("--trusted-host x", "--trusted-host", "--trusted-host ", "x"),
            ("--only-binary :all:", "--only-binary", "--only-binary ", ":all:"),
        ],
    )
    def test_an_option_with_a_value_in_any_spelling(self, line: str, name: str, spelling: str, value: str) -> None:
        found = option(line)
        assert (found.name, found.spelling, found.value) == (name, spelling, value)
        assert text_at(found, found.value_span) == value
        assert text_at(found, found.span) == line

    @pytest.mark.parametrize("flag", ["--no-index", "--pre", "--prefer-binary", "--require-hashes"])
    def test_a_flag_has_no_value(self, flag: str) -> None:
        found = option(f"{flag}  # why")
        assert (found.name, found.spelling, found.value, found.value_span) == (flag, flag, None, None)

    @pytest.mark.parametrize("quote", ['"', "'"])
    @pytest.mark.parametrize("spelling", ["--constraint ", "--constraint=", "-c ", "-c"])
    def test_quotes_are_no_part_of_the_value(self, spelling: str, quote: str) -> None:
        found = option(f"{spelling}{quote}https://x/c.txt{quote}")
        assert (found.spelling, found.value) == (spelling, "https://x/c.txt")
        assert text_at(found, found.value_span) == "https://x/c.txt"
        assert text_at(found, found.span) == f"{spelling}{quote}https://x/c.txt{quote}"

    def test_quotes_keep_blanks_and_number_signs_apart_from_comments(self) -> None:
        found = option('-r "my folder/base.txt#1"  # shared')
        assert found.value == "my folder/base.txt#1"

    def test_escaped_blanks_are_part_of_the_value(self) -> None:
        found = option("-r my\\ folder.txt")
        assert found.value == "my folder.txt"
        assert text_at(found, found.value_span) == "my\\ folder.txt"

    def test_an_empty_value_has_an_empty_place(self) -> None:
        found = option("--constraint=")
        assert (found.value, found.value_span) == ("", Span(13, 13))

    def test_several_options_may_share_a_line(self) -> None:
        document = read("--no-index --find-links /usr/local/airflow/plugins\n")
        assert [(found.name, found.value) for found in document.options] == [
            ("--no-index", None),
            ("--find-links", "/usr/local/airflow/plugins"),
        ]

    def test_pip_includes_only_one_file_of_a_line(self) -> None:
        document = read("-c a.txt -r b.txt -r c.txt --pre\n")
        assert [(found.name, found.value) for found in document.options] == [("--requirement", "b.txt")]

    def test_words_after_an_option_are_ignored_as_pip_does(self) -> None:
        document = read("--no-index requests\n")
        assert (document.options[0].name, document.requirements, document.invalid) == ("--no-index", (), ())

    def test_options_can_be_asked_for_by_name(self) -> None:
        document = read("-c a.txt\n--pre\n--constraint b.txt\n")
        assert [found.value for found in document.options_named("--constraint")] == ["a.txt", "b.txt"]
        assert document.options_named("--no-index") == ()

    def test_an_option_over_continued_lines(self) -> None:
        found = option("--constraint \\\n  'c.txt'\n")
        assert (found.line, found.value, found.spelling) == (1, "c.txt", "--constraint \\\n  ")
        assert text_at(found, found.value_span) == "c.txt"

    def test_a_variable_in_a_value_is_kept(self) -> None:
        assert option("--index-url https://${A}:${B}@example.org").value == "https://${A}:${B}@example.org"

    def test_the_location_names_option_and_value(self) -> None:
        assert option("-c c.txt").location().symbol == "--constraint c.txt"
        assert option("--pre").location().symbol == "--pre"


class TestComments:
    def test_a_comment_of_its_own(self) -> None:
        [found] = read("  # pinned by the platform team \nboto3\n").comments
        assert (found.line, found.whole_line) == (1, True)
        assert text_at(found, found.span) == found.text == "# pinned by the platform team"

    def test_a_comment_after_a_requirement(self) -> None:
        document = read("boto3==1.35.36  # newer API\n")
        [found] = document.comments
        assert (found.text, found.whole_line) == ("# newer API", False)
        assert document.requirements[0].text == "boto3==1.35.36"

    def test_pip_wants_a_blank_before_the_number_sign(self) -> None:
        document = read("lib @ https://example.org/lib.zip#sha256=abc\n")
        assert document.comments == ()
        assert document.requirements[0].url == "https://example.org/lib.zip#sha256=abc"

    def test_a_comment_in_a_continued_line_ends_it(self) -> None:
        document = read("boto3==1.0 \\\n# the next line is on its own\nidna==3.7\n")
        assert [found.text for found in document.requirements] == ["boto3==1.0", "idna==3.7"]
        [comment] = document.comments
        assert (comment.line, comment.whole_line) == (2, True)

    def test_a_backslash_does_not_continue_a_comment_line(self) -> None:
        document = read("# see \\\nboto3\n")
        assert (names(document), document.comments[0].text) == (["boto3"], "# see \\")

    def test_a_backslash_after_a_trailing_comment_swallows_the_next_line_as_in_pip(self) -> None:
        document = read("boto3 # see \\\nidna\n")
        assert names(document) == ["boto3"]
        assert document.comments[0].text == "# see \\\nidna"


class TestInvalidLines:
    def test_the_rest_of_the_file_is_still_read(self) -> None:
        document = read("boto3==1.0\napt-get install git\nidna==3.7\n")
        assert names(document) == ["boto3", "idna"]
        assert [(found.line, found.text) for found in document.invalid] == [(2, "apt-get install git")]

    def test_a_single_equals_sign_is_explained(self) -> None:
        assert invalid("boto3=1.35.36").reason == '"=" is no version operator; "==" was probably meant'

    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            ("--nope", "no such option: --nope"),
            ("-q", "no such option: -q"),
            ("boto3 -U", "no such option: -U"),
            ("--requirements base.txt", "no such option: --requirements"),
            ("--allow-external x", "no such option: --allow-external"),
            ("--pre=yes", "option --pre takes no value"),
            ("--constraint", "option --constraint needs a value"),
            ("--no c.txt", "ambiguous option: --no"),
            ('-r "base.txt', "a quotation mark is not closed"),
            ("boto3==1.0 --hash=md5:abc", "the value of --hash must have the form sha256:…, sha384:… or sha512:…"),
            ("boto3==1.0 -C a", "the value of --config-settings must have the form KEY=VALUE"),
            ("plugin.whl", "plugin.whl is not a valid wheel filename"),
            (
                "boto3==1.0 idna",
                "expected comma (within version specifier), semicolon (after version specifier) or end",
            ),
        ],
    )
    def test_what_pip_refuses_has_a_reason_in_a_sentence(self, line: str, reason: str) -> None:
        found = invalid(line)
        assert (found.reason, found.text, found.location().symbol) == (reason, line, line)

    @pytest.mark.parametrize(
        "line", ["boto3==", "boto3[x", "a; nope == '1'", "a; python_version", "https://[::1", "=", "a,b"]
    )
    def test_reasons_are_a_single_line_without_a_drawing(self, line: str) -> None:
        reason = invalid(line).reason
        assert reason
        assert "\n" not in reason
        assert "^" not in reason

    def test_a_line_that_only_a_variable_makes_invalid_is_not_judged(self) -> None:
        document = read("boto3==${BOTO_VERSION}\n${EXTRA}\nidna=${X}\n")
        assert document.invalid == ()
        assert [found.text for found in document.unresolved] == ["boto3==${BOTO_VERSION}", "${EXTRA}", "idna=${X}"]

    def test_markers_nested_without_end_are_an_invalid_line(self) -> None:
        # Newer releases of packaging count the levels themselves.
        assert re.search(r"nested too deeply|levels deep", invalid("a; " + "(" * 5_000).reason)


class TestLinesAndEncodings:
    def test_an_empty_file_has_nothing(self) -> None:
        document = read("")
        assert (document.requirements, document.options, document.comments, document.invalid) == ((), (), (), ())
        assert document.physical_lines == ()

    def test_blank_lines_count(self) -> None:
        assert lines(read("\n\nboto3\n\n\nidna")) == [3, 6]

    def test_windows_line_ends(self) -> None:
        document = read("boto3==1.0\r\nidna==3.7 \\\r\n  --hash=sha256:a\r\n-c c.txt\r\n")
        assert [found.text for found in document.requirements] == ["boto3==1.0", "idna==3.7 \\\r\n  --hash=sha256:a"]
        assert (document.options[0].line, document.options[0].span) == (4, Span(44, 52))

    def test_old_macintosh_line_ends_separate_requirements_on_the_one_line_that_editors_see(self) -> None:
        document = read("boto3==1.0\ridna==3.7\rpytz")
        assert [found.text for found in document.requirements] == ["boto3==1.0", "idna==3.7", "pytz"]
        assert lines(document) == [1, 1, 1]
        assert document.physical_lines == ("boto3==1.0", "idna==3.7", "pytz")

    @pytest.mark.parametrize("separator", ["\f", "\v", "\x1c", "\x85", "\u2028"])
    def test_what_python_takes_for_a_line_end_separates_but_counts_no_line(self, separator: str) -> None:
        document = read(f"boto3{separator}idna\npytz")
        assert names(document) == ["boto3", "idna", "pytz"]
        assert lines(document) == [1, 1, 2]

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
    def test_places_are_right_after_a_byte_order_mark(self, encoding: str) -> None:
        document = read("# für die Plattform\nboto3==1.0  # größer\n-c 'ä.txt'\n", encoding)
        [found], [constraint] = document.requirements, document.options
        assert (found.line, text_at(found, found.span), text_at(found, found.specifier_span)) == (
            2,
            "boto3==1.0",
            "==1.0",
        )
        assert (constraint.line, text_at(constraint, constraint.value_span)) == (3, "ä.txt")
        assert [text_at(comment, comment.span) for comment in document.comments] == ["# für die Plattform", "# größer"]

    def test_big_endian_with_a_mark(self) -> None:
        document = read(codecs.BOM_UTF16_BE + "boto3\nidna==3.7\n".encode("utf-16-be"))
        assert [(found.text, found.span) for found in document.requirements] == [
            ("boto3", Span(2, 12)),
            ("idna==3.7", Span(14, 32)),
        ]

    def test_latin_1_is_read_too(self) -> None:
        document = read(b"# f\xfcr\nboto3==1.0\n")
        assert document.comments[0].text == "# für"
        assert document.requirements[0].span == Span(6, 16)

    def test_characters_of_several_bytes_do_not_shift_what_follows(self) -> None:
        document = read("boto3  # 🚀🚀\nidna==3.7  # ok\n")
        assert document.requirements[1].span == Span(18, 27)

    def test_a_name_broken_by_a_continuation(self) -> None:
        found = requirement("bo\\\nto3==1.\\\n0\n")
        assert (found.name, found.pin, found.line) == ("boto3", "1.0", 1)
        assert text_at(found, found.name_span) == "bo\\\nto3"
        assert text_at(found, found.specifier_span) == "==1.\\\n0"

    def test_a_backslash_at_the_end_of_the_file(self) -> None:
        assert requirement("boto3==1.0 \\").text == "boto3==1.0"

    def test_pip_drops_backslashes_at_the_start_of_a_continued_line(self) -> None:
        found = requirement("\\\\boto3\\\n==1.0")
        assert (found.name, found.pin, found.span) == ("boto3", "1.0", Span(2, 14))

    def test_physical_lines_are_those_of_mwaas_own_scan(self) -> None:
        document = read("boto3 \\\r\n  --hash=sha256:a\n# -c x\n\n")
        assert document.physical_lines == ("boto3 \\", "  --hash=sha256:a", "# -c x", "")


class TestHostileFiles:
    def test_a_binary_file_cannot_be_read(self) -> None:
        with pytest.raises(UnreadableFileError, match="NUL"):
            read(b"PK\x03\x04\0\0boto3")

    def test_a_missing_file_cannot_be_read(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableFileError, match="No such file"):
            read_requirements(SourceFile("requirements.txt", tmp_path / "requirements.txt"))

    def test_a_line_that_is_the_whole_file_is_not_analysed(self) -> None:
        found = invalid("a" * 2_000_000)
        assert found.reason == "the line has 2,000,000 characters; lines over 262,144 are not analyzed"

    def test_an_overlong_requirement_is_not_analysed(self) -> None:
        assert (
            invalid("a==" + "1" * 9_000).reason == "the requirement has 9,003 characters; over 8,192 are not analyzed"
        )

    def test_many_hashes_are_not_overlong(self) -> None:
        found = requirement("a==1 " + " ".join(f"--hash=sha256:{number:064}" for number in range(300)))
        assert len(found.hashes) == 300

    @pytest.mark.parametrize(
        "content",
        [
            " " * 2_000_000,
            "[" * 8_000 + "\n[" * 1_000,
            ("a" + "[" * 8_000 + "\n") * 200,
            "--pre " + "a " * 120_000,
            "\\\n" * 200_000,
            '--pre "' * 30_000,
            ("a==" + "1." * 4_000 + "\n") * 100,
            ("./" + "-a" * 4_000 + ".whl\n") * 100,
            ("https://x#egg=" + "a-" * 4_000 + "\n") * 100,
            "ä==1\r" * 20_000,
        ],
        ids=["blanks", "brackets", "names", "words", "backslashes", "quotes", "version", "wheel", "egg", "old-mac"],
    )
    def test_nothing_takes_quadratic_time(self, content: str) -> None:
        started = time.process_time()
        read(content)
        assert time.process_time() - started < 5

    def test_a_thousand_locked_requirements_take_well_under_a_second(self) -> None:
        hashed = " \\\n    --hash=sha256:{0:064}"
        entry = "package-{0}==1.{0}.0 ; python_version >= '3.8'" + 2 * hashed + "\n"
        content = "".join(entry.format(number) for number in range(1_000))
        read("warm==1.0 --hash=sha256:a")
        started = time.process_time()
        document = read(content)
        assert time.process_time() - started < 1
        assert (len(document.requirements), document.requirements[-1].line) == (1_000, 2_998)

    def test_the_parsers_are_not_imported_before_a_file_is_read(self) -> None:
        code = "import sys, mwaalint.documents.requirements; print({'packaging', 'pip_requirements_parser'} & "
        code += "set(sys.modules))"
        result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert result.stdout == "set()\n"


# Whole entries, blanks and continuations between and within them, in any order.
ENTRIES = st.sampled_from(
    [
        "boto3==1.35.36",
        "Foo_Bar [x,y] >= 1.0, <2 ; python_version < '3.12'",
        "lib @ https://example.org/lib.zip#sha256=a",
        "-e git+https://example.org/r.git@v1#egg=My.Pkg",
        "--constraint 'https://example.org/constraints-2.10.3/constraints-3.11.txt'",
        "-c\tc.txt",
        "--constraint=ä.txt",
        "requests==2.32.3 \\\n   --hash=sha256:a \\\r\n --hash=sha256:b",
        "boto3=1",
        "--nope",
        "# größer 🚀",
        "# -c \\",
        "./pfad/ö",
        "${X}==1",
        "-r 'unclosed",
    ]
)
SEPARATORS = st.sampled_from(["\n", "\r\n", "\r", "\f", "\n\n", "  # ü\n", " \\\n", "\\\r\n", "\t\n", "\u2028", "\x85"])
STRUCTURED = st.lists(st.tuples(ENTRIES, SEPARATORS), max_size=8).map(lambda rows: "".join(a + b for a, b in rows))
CHARACTERS = st.text(alphabet=st.sampled_from("ab=1.[],;@#-\\\"'$ {}\t\n\r\fäß🚀\u2028/:cr()<>~!"), max_size=60)
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"])


class TestAnyFile:
    @settings(max_examples=400, deadline=None)
    @given(st.one_of(STRUCTURED, CHARACTERS), ENCODINGS)
    def test_every_span_gives_back_its_text(self, content: str, encoding: str) -> None:
        document = read(content, encoding)
        texts: list[Requirement | Comment | InvalidLine] = [*document.requirements, *document.comments]
        texts += [*document.invalid, *document.unresolved]
        for found in texts:
            assert document.file.slice(found.span) == found.text
            assert found.text == found.text.strip() != ""
            assert document.file.position(found.span.start).line == found.line

    @settings(max_examples=400, deadline=None)
    @given(st.one_of(STRUCTURED, CHARACTERS), ENCODINGS)
    def test_options_lie_where_they_say(self, content: str, encoding: str) -> None:
        document = read(content, encoding)
        for found in [*document.options, *(o for r in document.requirements for o in r.options)]:
            whole = document.file.slice(found.span)
            assert whole.startswith(found.spelling)
            assert document.file.position(found.span.start).line == found.line
            if found.value_span and found.value and not set("\\\"'") & set(document.file.slice(found.value_span)):
                assert document.file.slice(found.value_span) == found.value

    @settings(max_examples=400, deadline=None)
    @given(st.one_of(STRUCTURED, CHARACTERS))
    def test_names_and_versions_lie_within_their_requirement(self, content: str) -> None:
        from packaging.specifiers import SpecifierSet
        from packaging.utils import canonicalize_name

        for found in read(content).requirements:
            for span in (found.name_span, found.specifier_span):
                assert span is None or found.span.start <= span.start < span.end <= found.span.end
            if "\\" not in found.text:
                assert not found.name_span or canonicalize_name(text_at(found, found.name_span)) == found.name
                assert not found.specifier_span or SpecifierSet(text_at(found, found.specifier_span)) == found.specifier

    @settings(max_examples=400, deadline=None)
    @given(st.one_of(STRUCTURED, CHARACTERS))
    def test_lines_are_joined_and_cut_as_pips_parser_does(self, content: str) -> None:
        import pip_requirements_parser as pip

        from mwaalint.documents._logical_lines import LogicalLine, logical_lines

        ours, theirs = list(logical_lines(content)), list(pip.preprocess(content))
        assert [line.text for line in ours if isinstance(line, LogicalLine)] == [
            line.line for line in theirs if isinstance(line, pip.TextLine)
        ]
        assert [isinstance(line, LogicalLine) for line in ours] == [isinstance(line, pip.TextLine) for line in theirs]

    @settings(max_examples=200, deadline=None)
    @given(st.binary(max_size=80))
    def test_any_bytes_are_read_or_refused_with_a_reason(self, data: bytes) -> None:
        try:
            document = read(data)
        except UnreadableFileError as error:
            assert str(error)
        else:
            assert document.physical_lines == tuple(document.file.text.splitlines())


def test_the_options_are_those_of_pips_own_table() -> None:
    """The parser's table has one option that pip never had, and lacks one of pip 23.1."""
    import pip_requirements_parser as pip

    parser = pip.build_parser()
    parser.add_option("-C", "--config-settings", "--config-setting", dest="config_settings", action="append")
    options = [option for option in parser.option_list if option.dest not in pip.LEGACY_OPTIONS_DEST]
    table = {spelling: option.get_opt_string() for option in options for spelling in str(option).split("/")}
    flags = {option.get_opt_string() for option in options if not option.takes_value()}
    del table["--requirements"]
    assert table == _pip_options.LONG_NAMES
    assert flags == set(_pip_options._FLAGS)


@pytest.mark.parametrize(
    "content",
    [
        *(
            "six",
            "Six==1.16.0",
            "a.b-c_d[x, Y_z]>=1,<2",
            "six (>=1)",
            'six==1; python_version < "3.12"',
            "six ;os_name=='nt'",
        ),
        *(
            "x==1.*",
            "x~=1.4.2",
            "x!=1.5",
            "x===foo",
            "x>1,!=2",
            "apache-airflow[amazon,postgres]==2.10.3",
            "x==1.0+local.1",
        ),
        *("tool.gz", "wheel.whl", "archive.zip==1", "six==", "six=1", "six six", "six;", "six[", "-", "_x", "x!"),
    ],
)
def test_packaging_alone_reads_a_plain_line_as_pips_parser_does(content: str) -> None:
    def told(built: Callable[[str, str | None], object]) -> object:
        try:
            return built(content, None)
        except _pip_requirements.BuildError as error:
            return str(error)

    assert told(_pip_requirements.build) == told(_pip_requirements._by_pip)
