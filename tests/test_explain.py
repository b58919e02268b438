"""A rule's page in a terminal: wrapped prose, code as it is, tables that fit."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from mwaalint.cli.app import app
from mwaalint.cli.explain import drawn, explained
from mwaalint.report._pages import page_address
from mwaalint.report._terminal import Paint, columns
from mwaalint.rulebook import Rule, shipped

RULES = shipped().all()
PLAIN = Paint(color=False, hyperlinks=False)


def lines(text: str, width: int = 40, *, color: bool = False) -> list[str]:
    return list(drawn(text, width, Paint(color=color, hyperlinks=False)))


def without_code(text: str) -> str:
    return re.sub(r"^(`{3,}).*?^\1$", "", text, flags=re.M | re.S)


class TestProse:
    def test_is_wrapped(self) -> None:
        assert lines("MWAA copies the folder of DAGs to every\nworker. Tasks read it.") == [
            "MWAA copies the folder of DAGs to every",
            "worker. Tasks read it.",
        ]

    def test_is_filled_up_where_lines_were_short(self) -> None:
        assert lines("one\ntwo\n\nthree") == ["one two", "", "three"]

    def test_of_items_hangs_below_their_first_word(self) -> None:
        assert lines(
            "- a version in your file that differs from the pin\n  of pip\n- another\n10. a third that is long"
        ) == [
            "- a version in your file that differs",
            "  from the pin of pip",
            "- another",
            "10. a third that is long",
        ]

    def test_within_items_keeps_its_indentation(self) -> None:
        assert lines("1. first\n\n   more of the first one that goes on for a while") == [
            "1. first",
            "",
            "   more of the first one that goes on",
            "   for a while",
        ]

    def test_keeps_addresses_whole(self) -> None:
        address = "https://docs.aws.amazon.com/mwaa/latest/userguide/working-dags-dependencies.html"
        assert lines(f"- <{address}>") == [f"- <{address}>"]

    def test_names_other_pages_without_their_paths(self) -> None:
        assert lines("see [MW401](../dags/MW401-x.md) and [AWS](https://a.b)") == ["see MW401 and [AWS](https://a.b)"]

    def test_headings_are_wrapped_and_strong(self) -> None:
        assert lines("# MW103 constraint-missing: No constraint line", color=True) == [
            "\x1b[1m# MW103 constraint-missing: No\x1b[0m",
            "\x1b[1mconstraint line\x1b[0m",
        ]


class TestCode:
    def test_stays_as_it_is(self) -> None:
        code = '```hcl\nresource   "aws_mwaa_environment" "a_very_long_name_indeed" {\n\n# - no item\n}\n```'
        assert lines(code) == code.split("\n")

    def test_within_longer_fences_does_not_end_them(self) -> None:
        code = "````text\n```\n| a |\n```\n````\nafter all of it there is prose that is to be wrapped"
        assert lines(code)[:5] == code.split("\n")[:5]
        assert lines(code)[5:] == ["after all of it there is prose that is", "to be wrapped"]

    def test_ends_a_paragraph(self) -> None:
        assert lines("`main.tf`\n```hcl\nx\n```\nmore") == ["`main.tf`", "```hcl", "x", "```", "more"]

    def test_has_its_findings_in_colour(self) -> None:
        assert lines("```text\nsix  # ← MW101\n```", color=True) == [
            "\x1b[2m```text\x1b[0m",
            "six  # \x1b[1;32m← MW101\x1b[0m",
            "\x1b[2m```\x1b[0m",
        ]


class TestTables:
    TABLE = "| What | Written by |\n| --- | :-: |\n| `log-path` | every command; the folder is made first |\n| x | y |"

    def test_have_even_columns(self) -> None:
        assert lines(self.TABLE, 80) == [
            "What        Written by",
            "----------  ---------------------------------------",
            "`log-path`  every command; the folder is made first",
            "x           y",
        ]

    def test_that_are_too_wide_are_wrapped_within_their_columns(self) -> None:
        assert lines(self.TABLE, 30) == [
            "What        Written by",
            "----------  ------------------",
            "`log-path`  every command; the",
            "            folder is made",
            "            first",
            "x           y",
        ]

    def test_fit_any_width(self) -> None:
        assert max(map(len, lines(self.TABLE, 20))) <= 20 + len("`log-path`")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
@pytest.mark.parametrize("width", [40, 80])
def test_pages_are_readable_at_a_width(rule: Rule, width: int) -> None:
    """Only a word that is longer than the line goes over its end, and no word is lost."""
    prose = re.sub(r"^\|.*$", "", without_code(explained(rule)), flags=re.M)
    shown = list(drawn(prose, width, PLAIN))
    long = [line for line in shown if columns(line) > width]
    assert [line for line in long if max(map(columns, line.split())) + 6 < width] == []
    unlinked = re.sub(r"\[([^\]]+)\]\((?!https?:)[^)\s]+\)", r"\1", prose)
    assert " ".join(" ".join(shown).split()) == " ".join(unlinked.split())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_pages_keep_their_code(rule: Rule) -> None:
    text = explained(rule)
    fences = re.findall(r"^(`{3,})[^\n]*\n(.*?)^\1$", text, flags=re.M | re.S)
    shown = "\n".join(drawn(text, 40, PLAIN))
    assert fences or rule.family == "tool"
    assert all(code in shown for _, code in fences)


def asked_at(columns: str) -> str:
    return CliRunner(env={"COLUMNS": columns}).invoke(app, ["explain", "MW103"]).output


@pytest.mark.parametrize("width", [60, 80, 100])
def test_the_width_is_that_of_the_terminal(width: int) -> None:
    prose = without_code(asked_at(str(width)).partition("## What it finds")[2])
    plain = [line for line in prose.splitlines() if "https://" not in line]
    assert width - 15 < max(map(len, plain)) <= width


def test_the_width_stays_within_what_can_be_read() -> None:
    assert asked_at("10") == asked_at("40")
    assert asked_at("300") == asked_at("100")


def test_the_address_of_the_page_is_told() -> None:
    output = CliRunner().invoke(app, ["explain", "constraint-missing"]).output
    assert f"\n<{page_address(shipped().rule('MW103'))}>\n" in output
    assert "\nerror, high confidence, fixed by --fix, since 0.1.0\n" in output
