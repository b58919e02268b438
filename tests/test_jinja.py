"""Where Jinja's blocks are in a text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mwaalint.checks.dags import _removed
from mwaalint.documents.jinja import blocks, replaced

PLAIN = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
MANY = 100_000


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("dbt run --vars {{ ds }}", ["{{ ds }}"]),
        ("{% if x %}a{% endif %}{# {{ not }} this #}", ["{% if x %}", "{% endif %}", "{# {{ not }} this #}"]),
        ("{{ a\n}} {{ b }}", ["{{ a\n}}", "{{ b }}"]),
        ("{{{ a }}}", ["{{{ a }}"]),
        ("{{% a %}", ["{% a %}"]),
        ("{{ never {% closed %}", ["{% closed %}"]),
        ("{}", []),
    ],
)
def test_blocks_are_found_in_their_order(text: str, found: list[str]) -> None:
    assert list(blocks(text)) == found


def test_something_else_stands_for_each_block() -> None:
    assert replaced("s3://{{ bucket }}/{{ key }}.csv", lambda block: str(len(block))) == "s3://12/9.csv"


@given(st.text(alphabet="{}%# a\n", max_size=40))
def test_blocks_are_those_of_the_plain_pattern(text: str) -> None:
    assert list(blocks(text)) == PLAIN.findall(text)
    assert replaced(text, lambda block: f"<{block}>") == PLAIN.sub(lambda block: f"<{block[0]}>", text)


@pytest.mark.parametrize("opened", ["{{", "{%", "{#", "{{{%{#"])
def test_blocks_that_are_never_closed_are_searched_once(opened: str) -> None:
    text = opened * MANY  # the plain pattern takes minutes
    assert list(blocks(text)) == []
    assert replaced(text, str.upper) == text


def test_names_that_a_template_sets_are_found_in_blanks_without_end() -> None:
    text = "{% set " + " " * MANY + "{{ execution_date }}"
    assert _removed._ASSIGNED.findall(text) == []
    assert _removed._ASSIGNED.findall("{%-  for a, b in pairs %}{% set  c=1 %}") == ["a, b ", "c"]
