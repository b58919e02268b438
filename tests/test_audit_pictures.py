"""The audit's pictures: bars as long as the dates and amounts say, names that are escaped, and nothing where there is
nothing to show.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from mwaalint.catalog import load
from mwaalint.model.bill import Bill, Item
from mwaalint.model.costs import Cost
from mwaalint.report._audit import Audit, EnvironmentRow
from mwaalint.report._audit_pictures import cost_bars, timeline

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mwaalint.catalog import Release

TODAY = date(2026, 11, 25)


def row(label: str = "etl", airflow: str = "2.10.3", monthly: str | None = "500") -> EnvironmentRow:
    bill = Bill((Item("environment", Cost(Decimal(monthly), "")),)) if monthly else None
    return EnvironmentRow(label, "main.tf:1", airflow, None, "supported", "mw1.small", "1 – 10", bill)


def audit(*rows: EnvironmentRow, releases: Iterable[Release] | None = None) -> Audit:
    known = tuple(load().releases.values()) if releases is None else tuple(releases)
    return Audit("project", TODAY, rows, (), (), (), known, TODAY)


def picture(parts: Iterable[str]) -> ET.Element:
    return ET.fromstring("".join(parts))


def widths(svg: ET.Element, kind: str) -> list[float]:
    return [float(bar.attrib["width"]) for bar in svg.iter("rect") if kind in bar.attrib["class"].split()]


def labels(svg: ET.Element) -> list[str]:
    return [text.text or "" for text in svg.iter("text")]


class TestTimeline:
    def test_what_an_environment_runs_stands_out(self) -> None:
        svg = picture(timeline(audit(row(airflow="2.10.3"))))
        assert len(widths(svg, "used")) == 1
        assert len(widths(svg, "unused")) == sum(release.creatable for release in load().releases.values()) - 1

    def test_a_version_that_is_no_longer_offered_is_shown_where_it_runs(self) -> None:
        old = next(release.airflow for release in load().releases.values() if not release.creatable)
        assert old in labels(picture(timeline(audit(row(airflow=old)))))
        assert old not in labels(picture(timeline(audit(row()))))

    def test_a_bar_is_as_long_as_the_support(self) -> None:
        one = load().releases["2.10.3"]._replace(mwaa_release=date(2024, 1, 1), end_of_support=date(2025, 1, 1))
        two = one._replace(airflow="2.11.0", end_of_support=date(2026, 1, 1))
        short, long = widths(picture(timeline(audit(releases=[one, two]))), "unused")
        assert abs(long / short - 2) < 0.01

    def test_without_an_end_it_reaches_the_edge(self) -> None:
        release = load().releases["2.10.3"]._replace(end_of_support=None)
        (bar,) = picture(timeline(audit(releases=[release]))).iter("rect")
        assert bar.attrib["class"] == "unused open"
        assert float(bar.attrib["x"]) + float(bar.attrib["width"]) > 700

    def test_the_years_stand_in_order(self) -> None:
        svg = picture(timeline(audit(row())))
        places = [float(text.attrib["x"]) for text in svg.iter("text") if text.attrib.get("class") == "year"]
        assert places == sorted(places)
        assert all(right - left > 20 for left, right in pairwise(places))

    def test_no_versions_are_no_picture(self) -> None:
        assert list(timeline(audit(releases=[]))) == []


class TestCosts:
    def test_the_dearest_is_first_and_longest(self) -> None:
        svg = picture(cost_bars(audit(row("cheap", monthly="250"), row("dear", monthly="1000"))))
        assert labels(svg) == ["dear", "$1,000", "cheap", "$250"]
        dear, cheap = widths(svg, "used")
        assert dear == cheap * 4

    def test_what_has_no_price_has_no_bar(self) -> None:
        assert labels(picture(cost_bars(audit(row("priced"), row("unpriced", monthly=None))))) == ["priced", "$500"]
        assert list(cost_bars(audit(row(monthly=None)))) == []

    def test_names_are_escaped_and_cut(self) -> None:
        svg = picture(cost_bars(audit(row("<b>&" + "x" * 200))))
        assert labels(svg)[0].startswith("<b>&x")
        assert len(labels(svg)[0]) == 90

    def test_a_free_environment_does_not_divide_by_zero(self) -> None:
        assert widths(picture(cost_bars(audit(row(monthly="0")))), "used") == [2.0]
