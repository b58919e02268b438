"""What an environment costs a month at least: what its price includes, what comes on top, and what is not known."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mwaalint.catalog import load
from mwaalint.findings import Location
from mwaalint.model.bill import Bill, bill_of, class_of, class_saving
from mwaalint.model.environment import Environment
from mwaalint.model.values import Known, OneOf, Unresolved, Value

HERE = Location("main.tf")


def environment(dialect: str = "cloudformation", **arguments: object) -> Environment:
    values = {
        name: value if isinstance(value, Known | OneOf | Unresolved) else Known(value, HERE)
        for name, value in arguments.items()
    }
    return Environment("Etl", dialect, HERE, **values)  # type: ignore[arg-type]


def bill(**arguments: object) -> Bill:
    found = bill_of(environment("cloudformation", **arguments), load())
    assert found is not None
    return found


def unknown() -> Value:
    return Unresolved("var.workers", "the variable has no default", HERE)


def test_a_small_environment_with_defaults_is_its_hourly_price_alone() -> None:
    (line,) = bill(environment_class="mw1.small").items
    assert line.what == "environment mw1.small"
    assert line.cost is not None
    assert (line.cost.monthly, line.cost.arithmetic) == (Decimal("357.70"), "$0.49 × 730 h, us-east-1")


def test_what_runs_beyond_the_included_is_billed_by_the_hour() -> None:
    whole = bill(environment_class="mw1.medium", min_workers=3, schedulers=4, min_webservers=3)
    assert [item.what for item in whole.items[1:]] == ["2 more workers", "2 more schedulers", "1 more web server"]
    assert whole.monthly == Decimal(730) * (
        Decimal("0.74") + 2 * Decimal("0.11") + 2 * Decimal("0.11") + Decimal("0.055")
    )
    assert whole.unpriced == ()


@pytest.mark.parametrize("arguments", [{"min_workers": 1}, {"schedulers": 2}, {"min_webservers": 2}, {"schedulers": 1}])
def test_what_is_included_costs_nothing_more(arguments: dict[str, int]) -> None:
    assert len(bill(environment_class="mw1.small", **arguments).items) == 1


def test_a_number_that_is_not_known_is_said_and_not_guessed() -> None:
    whole = bill(environment_class="mw1.small", min_workers=unknown())
    assert whole.monthly == Decimal("357.70")
    assert [what.split(",")[0] for what in whole.unpriced] == ["workers beyond those included"]


def test_a_class_that_is_not_known_has_no_bill() -> None:
    either = OneOf((Known("mw1.small", HERE), Known("mw1.large", HERE)), HERE)
    for size in (unknown(), either, "mw1.huge"):
        assert bill_of(environment(environment_class=size), load()) is None


def test_only_terraform_has_a_default_class() -> None:
    assert class_of(environment("terraform")) == "mw1.small"
    assert class_of(environment("cloudformation")) is None


@pytest.mark.parametrize(
    ("arguments", "monthly"),
    [
        ({}, "365.00"),
        ({"min_workers": Known(1, HERE), "schedulers": Known(2, HERE), "min_webservers": Known(2, HERE)}, "365.00"),
        ({"min_workers": Known(3, HERE)}, "365.00"),  # a larger worker takes as many more tasks
        ({"schedulers": Known(3, HERE)}, "485.45"),  # and $0.22 - $0.055
        ({"min_webservers": Known(3, HERE)}, "424.86"),  # and $0.11 - $0.028
    ],
)
def test_a_smaller_class_saves_on_schedulers_and_web_servers_too(arguments: dict[str, Value], monthly: str) -> None:
    found = class_saving(environment("terraform", **arguments), "mw1.large", "mw1.small", load())
    assert found is not None
    assert found.monthly == Decimal(monthly)


def test_what_is_not_counted_in_the_repository_is_left_out_of_a_saving() -> None:
    found = class_saving(environment(schedulers=unknown()), "mw1.large", "mw1.small", load())
    assert found is not None
    assert found.monthly == Decimal(365)
