"""What a declared environment costs a month at the least: what it keeps running when nothing is to be done."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.model.costs import REGION, Cost, class_difference
from mwaalint.model.environment import TERRAFORM_DEFAULT_CLASS
from mwaalint.model.values import Absent, known

if TYPE_CHECKING:
    from mwaalint.catalog import Catalog
    from mwaalint.model.environment import Environment


class Item(NamedTuple):
    """A line of a bill: what is paid for, and the cost, None where no price is published."""

    what: str
    cost: Cost | None


class Bill(NamedTuple):
    """The lines of an environment's monthly bill without what autoscaling adds and without the metadata database."""

    items: tuple[Item, ...]

    @property
    def monthly(self) -> Decimal:
        """US dollars a month, of the lines whose price is known."""
        return sum((item.cost.monthly for item in self.items if item.cost), Decimal())

    @property
    def unpriced(self) -> tuple[str, ...]:
        """What else is paid for, at a price that is not catalogued."""
        return tuple(item.what for item in self.items if item.cost is None)


# What may run beyond what an environment's price includes: its argument, the fact that tells how many are included (as
# many as there are at the least), the name of its price.
_COUNTED = (
    ("worker", "min_workers", "limits.workers.min", "additional_worker_per_hour"),
    ("scheduler", "schedulers", "limits.schedulers.default", "additional_scheduler_per_hour"),
    ("web server", "min_webservers", "limits.webservers.default_min", "additional_webserver_per_hour"),
)


def bill_of(environment: Environment, catalog: Catalog, region: str = REGION) -> Bill | None:
    """The bill of an environment, None where its class or its price is not known."""
    size = class_of(environment)
    price = catalog.price(size, region) if size else None
    if size is None or price is None or price.environment_per_hour is None:
        return None
    hours = catalog.monthly_hours
    base = Item(f"environment {size}", _cost(1, price.environment_per_hour, hours, region))
    further = (
        _further(what, _beyond(environment, argument, fact, catalog), getattr(price, rate), hours, region)
        for what, argument, fact, rate in _COUNTED
    )
    return Bill((base, *(item for item in further if item)))


def class_saving(
    environment: Environment, larger: str, smaller: str, catalog: Catalog, region: str = REGION
) -> Cost | None:
    """What an environment costs less in a smaller class, with its further schedulers and web servers.

    Workers are left out: a larger one takes as many more tasks as it costs more, and those that idle are told apart.
    """
    further = (row for row in _COUNTED if row[0] != "worker")
    numbers = [(_beyond(environment, argument, fact, catalog) or 0, rate) for _, argument, fact, rate in further]
    return class_difference(catalog, larger, smaller, [pair for pair in numbers if pair[0]], region)


def class_of(environment: Environment) -> str | None:
    """The environment's class when only one is possible, also where Terraform's default makes it so."""
    if isinstance(environment.environment_class, Absent) and environment.by_terraform:
        return TERRAFORM_DEFAULT_CLASS
    return known(environment.environment_class, str)


def _beyond(environment: Environment, argument: str, fact: str, catalog: Catalog) -> int | None:
    """How many there are beyond those that the environment's price includes; None when that is not known."""
    value, included = environment.get(argument), int(str(catalog.fact(fact)))
    number = included if isinstance(value, Absent) else known(value, int)
    return None if number is None else max(number - included, 0)


def _further(what: str, number: int | None, rate: float | None, hours: int, region: str) -> Item | None:
    if number is None:
        return Item(f"{what}s beyond those included, of which the repository does not tell the number", None)
    if number == 0:
        return None
    name = f"{number} more {what}{'s' * (number != 1)}"
    return Item(name, None if rate is None else _cost(number, rate, hours, region))


def _cost(number: int, rate: float, hours: int, region: str) -> Cost:
    exact = Decimal(str(rate))
    factor = f"{number} × " if number != 1 else ""
    return Cost(number * exact * hours, f"{factor}${exact} × {hours} h, {region}")
