"""What a choice costs, in US dollars a month, with the arithmetic for a reader to check.

MWAA bills an environment by the hour (schedulers, web servers and the first worker are part of it) and each further
worker by the hour. There is no pause and no scale to zero, so an hour's price times the hours AWS counts in a month
(730) is what stands on the bill.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mwaalint.catalog import Catalog

REGION = "us-east-1"


class Cost(NamedTuple):
    """US dollars a month, and how they come about: ``2 × $0.11 × 730 h, us-east-1``."""

    monthly: Decimal
    arithmetic: str

    @property
    def dollars(self) -> str:
        """The amount for a message: ``$1,124``, to the nearest whole dollar, half a dollar up."""
        return f"${self.monthly.quantize(Decimal(1), ROUND_HALF_UP):,}"


def extra_workers(catalog: Catalog, environment_class: str, workers: int, region: str = REGION) -> Cost | None:
    """What ``workers`` beyond the first cost a month when they never go away; None when the price is not known."""
    price = catalog.price(environment_class, region)
    if price is None or price.additional_worker_per_hour is None or workers < 1:
        return None
    rate = _exact(price.additional_worker_per_hour)
    hours = catalog.monthly_hours
    return Cost(workers * rate * hours, f"{workers} × ${rate} × {hours} h, {region}")


def class_difference(
    catalog: Catalog, larger: str, smaller: str, further: Sequence[tuple[int, str]] = (), region: str = REGION
) -> Cost | None:
    """What the larger class costs a month beyond the smaller; None when a price is not known or it is not dearer.

    ``further`` is what runs beside the environment in either class: numbers with the names of their prices.
    """
    pairs = [(1, "environment_per_hour"), *further]
    rates = [
        (number, _rate(catalog, larger, name, region), _rate(catalog, smaller, name, region)) for number, name in pairs
    ]
    known = [(number, high, low) for number, high, low in rates if high is not None and low is not None]
    hourly = sum((number * (high - low) for number, high, low in known), Decimal())
    if len(known) < len(rates) or hourly <= 0:
        return None
    (_, high, low), *rest = known
    terms = [f"${high} - ${low}", *(f"{number} × (${high} - ${low})" for number, high, low in rest)]
    hours = catalog.monthly_hours
    return Cost(hourly * hours, f"({' + '.join(terms)}) × {hours} h, {region}")


def _rate(catalog: Catalog, environment_class: str, name: str, region: str) -> Decimal | None:
    price = catalog.price(environment_class, region)
    rate = getattr(price, name) if price else None
    return None if rate is None else _exact(rate)


def _exact(rate: float) -> Decimal:
    """A catalogued price as it is written, free of binary rounding."""
    return Decimal(str(rate))
