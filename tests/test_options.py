"""Texts that are put together of parts: their parts, and the one resource that they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mwaalint.findings import Location
from mwaalint.model.adapters._options import put_together, taken_from
from mwaalint.model.values import Known, Unresolved, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE = Location("stack.yaml")


def text(content: object) -> Known:
    return Known(content, HERE)


def unknown(expression: str, resource: str = "") -> Unresolved:
    return Unresolved(expression, "it is not known", HERE, resource)


def joined(parts: Sequence[object]) -> str:
    return "".join(map(str, parts))


def missing(reason: str) -> Unresolved:
    return Unresolved("whole", reason, HERE)


def test_what_is_known_is_one_text() -> None:
    assert put_together([text("airflow-"), text("etl"), text(1)], joined, missing) == text("airflow-etl1")


def test_what_is_not_known_keeps_its_parts() -> None:
    parts: list[Value] = [text("airflow-"), unknown("name"), text("-Task")]
    made = put_together(parts, joined, missing)
    assert isinstance(made, Unresolved)
    assert (made.expression, made.parts) == ("whole", tuple(parts))


@pytest.mark.parametrize(
    ("parts", "resource"),
    [
        ([unknown("a.arn", "a")], "a"),
        ([unknown("a.arn", "a"), text("/*")], "a"),
        ([text("arn:aws:s3:::"), unknown("a", "a")], "a"),
        ([text("arn:"), unknown("partition"), text(":s3:::"), unknown("a", "a"), text("/dags")], "a"),
        ([unknown("a", "a"), text("-logs")], ""),
        ([text("my-"), unknown("a", "a")], ""),
        ([unknown("a", "a"), text("/"), unknown("b", "b")], ""),
        ([unknown("name"), text("/*")], ""),
    ],
)
def test_a_text_leads_to_the_one_resource_that_it_names(parts: list[Value], resource: str) -> None:
    assert taken_from(parts) == resource
    made = put_together(parts, joined, missing)
    assert isinstance(made, Unresolved)
    assert made.resource == resource
