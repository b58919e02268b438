"""What a choice costs, in US dollars a month, with the arithmetic for a reader to check.

MWAA bills an environment by the hour (schedulers, web servers and the first worker are part of it) and each further
worker by the hour. There is no pause and no scale to zero, so an hour's price times the hours AWS counts in a month
(730) is what stands on the bill.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
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


def class_difference(catalog: Catalog, larger: str, smaller: str, region: str = REGION) -> Cost | None:
    """What the larger class costs a month beyond the smaller, without further workers; None when a price is not known
    or the class is not dearer.
    """
    prices = catalog.price(larger, region), catalog.price(smaller, region)
    rates = [price.environment_per_hour for price in prices if price is not None]
    known = [_exact(rate) for rate in rates if rate is not None]
    if len(known) != 2 or known[0] <= known[1]:
        return None
    hours = catalog.monthly_hours
    return Cost((known[0] - known[1]) * hours, f"(${known[0]} - ${known[1]}) × {hours} h, {region}")


def _exact(rate: float) -> Decimal:
    """A catalogued price as it is written, free of binary rounding."""
    return Decimal(str(rate))
