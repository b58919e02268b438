"""Money in messages: exact amounts from catalogued prices, their arithmetic, and silence where a price is missing."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from mwaalint.catalog import Catalog, load
from mwaalint.model.costs import Cost, class_difference, extra_workers

if TYPE_CHECKING:
    from pathlib import Path

PRICED = ["mw1.small", "mw1.medium", "mw1.large"]


@pytest.fixture
def catalog() -> Catalog:
    return load()


def with_prices(folder: Path, **classes: dict[str, float | None]) -> Catalog:
    """A catalogue that knows one region, eu-north-1, with these classes ("large" for mw1.large)."""
    fields = ("environment", "additional_worker", "additional_scheduler", "additional_webserver")
    rows: dict[str, Any] = {
        f"mw1.{name}": {f"{field}_per_hour": prices.get(field) for field in fields} for name, prices in classes.items()
    }
    region = {"classes": rows, "date": "2026-01-01", "source": ["https://example.org/prices"]}
    (folder / "prices.json").write_text(json.dumps({"monthly_hours": 700, "regions": {"eu-north-1": region}}))
    return load(folder)


def test_two_medium_workers_that_never_go_away(catalog: Catalog) -> None:
    assert extra_workers(catalog, "mw1.medium", 2) == Cost(Decimal("160.60"), "2 × $0.11 × 730 h, us-east-1")


@pytest.mark.parametrize(
    ("environment_class", "workers", "dollars"),
    [
        ("mw1.small", 1, "$40"),  # 40.15
        ("mw1.medium", 1, "$80"),  # 80.30
        ("mw1.medium", 2, "$161"),  # 160.60
        ("mw1.large", 2, "$321"),  # 321.20
        ("mw1.large", 9, "$1,445"),  # 1445.40
        ("mw1.small", 24, "$964"),  # 963.60
    ],
)
def test_workers_in_whole_dollars(catalog: Catalog, environment_class: str, workers: int, dollars: str) -> None:
    cost = extra_workers(catalog, environment_class, workers)
    assert cost is not None
    assert cost.dollars == dollars


@pytest.mark.parametrize(
    ("monthly", "dollars"),
    [("0", "$0"), ("0.49", "$0"), ("0.50", "$1"), ("182.50", "$183"), ("181.50", "$182"), ("999.5", "$1,000")],
)
def test_half_a_dollar_goes_up(monthly: str, dollars: str) -> None:
    assert Cost(Decimal(monthly), "").dollars == dollars


@pytest.mark.parametrize(
    ("larger", "smaller", "monthly", "arithmetic"),
    [
        ("mw1.medium", "mw1.small", "182.50", "($0.74 - $0.49) × 730 h, us-east-1"),
        ("mw1.large", "mw1.small", "365.00", "($0.99 - $0.49) × 730 h, us-east-1"),
        ("mw1.large", "mw1.medium", "182.50", "($0.99 - $0.74) × 730 h, us-east-1"),
    ],
)
def test_the_larger_class_costs_more_around_the_clock(
    catalog: Catalog, larger: str, smaller: str, monthly: str, arithmetic: str
) -> None:
    assert class_difference(catalog, larger, smaller) == Cost(Decimal(monthly), arithmetic)


def test_what_runs_beside_an_environment_is_dearer_as_well(catalog: Catalog) -> None:
    further = [(2, "additional_worker_per_hour"), (1, "additional_scheduler_per_hour")]
    assert class_difference(catalog, "mw1.large", "mw1.small", further) == Cost(
        Decimal("726.35"), "($0.99 - $0.49 + 2 × ($0.22 - $0.055) + 1 × ($0.22 - $0.055)) × 730 h, us-east-1"
    )


def test_a_missing_price_of_what_runs_beside_leaves_no_number(tmp_path: Path) -> None:
    catalog = with_prices(tmp_path, small={"environment": 0.1, "additional_worker": 0.07}, large={"environment": 0.3})
    further = [(1, "additional_worker_per_hour")]
    assert class_difference(catalog, "mw1.large", "mw1.small", further, "eu-north-1") is None


@pytest.mark.parametrize("environment_class", ["mw1.micro", "mw1.xlarge", "mw1.2xlarge", "mw1.huge", ""])
def test_no_number_without_a_price(catalog: Catalog, environment_class: str) -> None:
    assert extra_workers(catalog, environment_class, 3) is None
    assert class_difference(catalog, environment_class, "mw1.small") is None
    assert class_difference(catalog, "mw1.large", environment_class) is None


@pytest.mark.parametrize("environment_class", PRICED)
def test_no_number_for_a_region_that_is_not_catalogued(catalog: Catalog, environment_class: str) -> None:
    assert extra_workers(catalog, environment_class, 3, "mars-north-1") is None
    assert class_difference(catalog, "mw1.large", "mw1.small", region="mars-north-1") is None


@pytest.mark.parametrize("workers", [0, -1])
def test_no_workers_cost_nothing_worth_saying(catalog: Catalog, workers: int) -> None:
    assert extra_workers(catalog, "mw1.medium", workers) is None


@pytest.mark.parametrize("environment_class", PRICED)
def test_a_class_is_not_dearer_than_itself(catalog: Catalog, environment_class: str) -> None:
    assert class_difference(catalog, environment_class, environment_class) is None


def test_a_smaller_class_saves_nothing_over_a_larger_one(catalog: Catalog) -> None:
    assert class_difference(catalog, "mw1.small", "mw1.large") is None


def test_another_region_has_its_own_prices_and_name(tmp_path: Path) -> None:
    catalog = with_prices(tmp_path, small={"environment": 0.1, "additional_worker": 0.07}, large={"environment": 0.3})
    assert extra_workers(catalog, "mw1.small", 3, "eu-north-1") == Cost(
        Decimal("147.00"), "3 × $0.07 × 700 h, eu-north-1"
    )
    assert class_difference(catalog, "mw1.large", "mw1.small", region="eu-north-1") == Cost(
        Decimal("140.0"), "($0.3 - $0.1) × 700 h, eu-north-1"
    )


def test_a_catalogued_class_may_lack_one_of_its_prices(tmp_path: Path) -> None:
    catalog = with_prices(tmp_path, large={"environment": 0.3})
    assert extra_workers(catalog, "mw1.large", 1, "eu-north-1") is None


def test_prices_carry_no_binary_dust(tmp_path: Path) -> None:
    """0.1 + 0.2 is 0.30000000000000004 to a computer, and to nobody else."""
    catalog = with_prices(tmp_path, small={"environment": 0.1}, large={"environment": 0.3})
    cost = class_difference(catalog, "mw1.large", "mw1.small", region="eu-north-1")
    assert cost is not None
    assert cost.monthly == Decimal(140)
