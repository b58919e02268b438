"""The contract between pages and checks: one page a check, one check a page, and each page is whole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from mwaalint.engine.registry import all_checks
from mwaalint.rulebook import PageError, Rulebook, read_page, readable
from tests.pages import RULES, all_pages, examples

if TYPE_CHECKING:
    from pathlib import Path

PAGES = all_pages()
RULE_PAGES = [page for page in PAGES if page.parent.name != "tool"]
HEADINGS = ["## What it finds", "## Why it matters on MWAA", "## How to fix it"]


def test_every_check_has_a_page_and_every_page_a_check() -> None:
    assert {check.code for check in all_checks()} == {page.name[:5] for page in RULE_PAGES}


def test_the_rules_of_this_release_are_all_there() -> None:
    """Taking away both the check and the page of a rule is a decision, so it is made here too."""
    from tests.released import CODES

    assert sorted(page.name[:5] for page in PAGES) == sorted(CODES)


def test_a_check_lies_in_the_folder_of_its_page_and_bears_its_name() -> None:
    wanted = {
        (page.name[:5], page.parent.name.replace("-", "_"), page.stem[6:].replace("-", "_")) for page in RULE_PAGES
    }
    found = {(check.code, *check.function.__module__.split(".")[-2:]) for check in all_checks()}
    assert found == wanted


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_has_its_sections_in_order(page: Path) -> None:
    rule = read_page(page)
    positions = [rule.body.find(f"\n{heading}\n") for heading in HEADINGS]
    assert min(positions) > 0
    assert positions == sorted(positions)
    assert "\n## When to ignore it\n" in rule.body
    assert ("\n## Fix safety\n" in rule.body) == (rule.fix != "none")
    assert rule.fix in ("none", "safe", "unsafe")
    assert re.fullmatch(r"\d+\.\d+\.\d+", rule.since)
    assert rule.title[0].isupper()
    assert not rule.title.endswith(".")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_to_other_pages_lead_there(page: Path) -> None:
    prose = re.sub(r"^(`{3,}).*?^\1$", "", read_page(page).body, flags=re.M | re.S)
    links = re.findall(r"\]\((?!https?:|#)([^)\s]+)\)", prose)
    assert [link for link in links if not (page.parent / link).is_file()] == []


@pytest.mark.parametrize("page", RULE_PAGES, ids=lambda page: page.name)
def test_page_has_sources_and_enough_examples(page: Path) -> None:
    rule = read_page(page)
    shown = examples(page)
    assert rule.references, "a rule without a source is an opinion"
    assert all(reference.startswith("https://") for reference in rule.references)
    assert sum(bool(example.expected) for example in shown) >= 1, "a page shows what is flagged"
    assert sum(not example.expected for example in shown) >= 2, "a page shows at least two cases that stay silent"


@pytest.mark.parametrize("page", RULE_PAGES, ids=lambda page: page.name)
def test_fix_is_declared_as_the_examples_show_it(page: Path) -> None:
    has_diff = any(example.diff is not None for example in examples(page))
    assert has_diff == (read_page(page).fix != "none")


@pytest.mark.parametrize("page", RULE_PAGES, ids=lambda page: page.name)
def test_every_message_of_a_page_is_promised_by_an_example_or_a_test(page: Path) -> None:
    """A message nobody ever saw is a message nobody wrote for a reader."""
    fragments = [
        wanted.fragment for example in examples(page) for wanted in example.expected if wanted.code == page.name[:5]
    ]
    assert any(fragments), "at least one expectation quotes words of the message"


def test_the_pages_are_found_without_being_read(tmp_path: Path) -> None:
    (tmp_path / "family").mkdir()
    (tmp_path / "family" / "MW999-never-read.md").write_bytes(b"\xff\xfe not a page")
    book = Rulebook(tmp_path)
    assert book.names == {"MW999": "never-read"}
    assert book.code_of("mw999") == "MW999"
    assert book.code_of("Never-Read") == "MW999"
    assert book.code_of("MW998") is None


def test_two_pages_of_one_code_are_an_error(tmp_path: Path) -> None:
    for name in ("MW999-one.md", "MW999-two.md"):
        (tmp_path / "family").mkdir(exist_ok=True)
        (tmp_path / "family" / name).write_text("")
    with pytest.raises(PageError, match=r"MW999 already belongs to .*MW999-one\.md"):
        _ = Rulebook(tmp_path).pages


@pytest.mark.parametrize(
    ("front_matter", "complaint"),
    [
        ("severity: grave\nconfidence: high", "severity is error, warning or note, not 'grave'"),
        ("severity: error\nconfidence: sure", "confidence is high or medium, not 'sure'"),
        ("severity: error\nconfidence: high\nseverty: note", "unknown keys in the front matter: severty"),
        ("- a\n- b", "the front matter is a mapping"),
    ],
)
def test_a_wrong_page_says_what_is_wrong(front_matter: str, complaint: str, tmp_path: Path) -> None:
    page = tmp_path / "MW999-wrong.md"
    page.write_text(f"---\n{front_matter}\n---\n# MW999 wrong: Something\n", encoding="utf-8")
    with pytest.raises(PageError, match=re.escape(complaint)):
        read_page(page)


def test_rules_folder_holds_pages_only() -> None:
    strays = [path for path in RULES.rglob("*") if path.is_file() and path not in PAGES]
    assert strays == []


def test_a_page_for_people_has_arrows_and_file_names_in_place_of_the_tests_marks() -> None:
    example = 'six==1  # expect: MW101 "not MW103, words" MW109'
    body = f"```text file=requirements.txt allow=MW109\n{example}\n```\n```diff\n-six\n```\n"
    assert readable(body) == "`requirements.txt`\n```text\nsix==1  # ← MW101, MW109\n```\n```diff\n-six\n```\n"
