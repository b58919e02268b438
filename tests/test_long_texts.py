"""Searches take time in proportion to a text, however it is written: each of these texts took minutes, or hours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mwaalint.checks.dags import airflowignore_missing, hardcoded_aws_keys
from mwaalint.checks.environment import plaintext_secret_in_options
from mwaalint.documents import script_parts, yaml_nodes
from mwaalint.model import airflowignore, dag_work, layout

if TYPE_CHECKING:
    import re

MANY = 100_000


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (layout._APPLICATION, "\n" * MANY),
        (airflowignore_missing._BY_PYTEST, b"\n" * MANY),
        (hardcoded_aws_keys._URI, "a." * MANY),
        (plaintext_secret_in_options._URL, "a" * MANY),
        (airflowignore._EXPLOSIVE, "+" * MANY),
        (dag_work._DBT_COMMAND, "dbt " * MANY),
        (script_parts._EXPRESSION, b"${{" * MANY),
    ],
)
def test_what_is_not_there_is_found_out_in_one_go(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.search(text) is None


def test_a_string_that_never_ends_is_read_once() -> None:
    text = '{"a": "' + '\\"' * MANY
    assert yaml_nodes._json_as_yaml(text) == text


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (layout._APPLICATION, "boto3\r\n  -e .\r\n"),
        (layout._APPLICATION, "aws-cdk-lib == 2\n"),
        (airflowignore_missing._BY_PYTEST, b"import os\n    from pytest import fixture\n"),
        (hardcoded_aws_keys._URI, "url = postgresql+psycopg2://user:s3cret@host/db"),
        (plaintext_secret_in_options._URL, "smtp://user:s3cret@host"),
        (airflowignore._EXPLOSIVE, "(a+b)*"),
        (airflowignore._EXPLOSIVE, "(a*b+c)+"),
        (dag_work._DBT_COMMAND, "cd shop && dbt --no-use-colors run"),
        (script_parts._EXPRESSION, b"aws s3 cp x s3://${{ format('{0', vars.BUCKET) }}/"),
    ],
)
def test_what_is_there_is_found(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.search(text)


def test_a_group_without_repetition_is_harmless() -> None:
    assert not airflowignore._EXPLOSIVE.search("(ab)+")
    assert not airflowignore._EXPLOSIVE.search("a+(b)c*")
