"""MW234: numbers of schedulers, web servers and workers that MWAA rejects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._sizing import classes, maximums, sole_class
from mwaalint.checks.environment._values import argument_elsewhere, arms
from mwaalint.model.environment import Environment
from mwaalint.model.values import is_set

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.catalog import Catalog
    from mwaalint.findings import Finding

_THINGS = {
    "schedulers": "schedulers",
    "min_webservers": "webservers",
    "max_webservers": "webservers",
    "min_workers": "workers",
    "max_workers": "workers",
}
_WORDS = {"schedulers": "scheduler", "webservers": "web server", "workers": "worker"}


@check("MW234", on=Environment)
def count_ranges(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports a number below what the class takes or above what MWAA or its quota allows, and minimums above maximums.

    The sizes of mw1.micro are fixed and another rule's.
    """
    sizes = [size for size, _ in classes(environment, ctx.catalog)]
    if sizes and not any(size.autoscaling for size in sizes):
        return
    scales = all(size.autoscaling for size in sizes) if sizes else sole_class(environment, ctx.catalog) is not None
    for argument, things in _THINGS.items():
        least = _limit(ctx.catalog, f"limits.{things}.min") if scales and not _airflow_1(environment) else 1
        yield from _out_of_range(environment, argument, things, least, ctx)
    yield from _crossed(environment, ctx)


def _out_of_range(environment: Environment, argument: str, things: str, least: int, ctx: Context) -> Iterator[Finding]:
    quota = things != "schedulers"
    most = _limit(ctx.catalog, "limits.workers.default_quota_max" if things == "workers" else f"limits.{things}.max")
    found = arms(environment.get(argument), int)
    if not all(number < least for number, _ in found) and not all(number > most for number, _ in found):
        return
    for number, value in found:
        low = "few" if least == 1 else "default"
        yield ctx.report(
            value.origin,
            low if number < least else "quota" if quota else "many",
            related=argument_elsewhere(environment, argument, value.origin, ctx.project),
            subject=argument,
            number=f"{number} {_WORDS[things]}" if number == 1 else f"{number} {_WORDS[things]}s",
            things=f"{_WORDS[things]}s",
            least=least,
            most=most,
        )


def _crossed(environment: Environment, ctx: Context) -> Iterator[Finding]:
    for things, tops in (
        ("workers", maximums(environment, ctx.catalog)),
        ("webservers", [number for number, _ in arms(environment.max_webservers, int)]),
    ):
        bottoms = arms(environment.get(f"min_{things}"), int)
        if not bottoms or not tops or min(number for number, _ in bottoms) <= max(tops):
            continue
        for number, value in bottoms:
            yield ctx.report(
                value.origin,
                "crossed" if is_set(environment.get(f"max_{things}")) else "above_default",
                related=argument_elsewhere(environment, f"min_{things}", value.origin, ctx.project),
                subject=things,
                number=number,
                things=f"{_WORDS[things]}s",
                maximum=max(tops),
            )


def _airflow_1(environment: Environment) -> bool:
    """Whether it may be Airflow 1, which has exactly one scheduler."""
    return any(version.startswith("1.") for version, _ in arms(environment.airflow_version, str))


def _limit(catalog: Catalog, name: str) -> int:
    limit = catalog.fact(name)
    assert isinstance(limit, int)
    return limit
