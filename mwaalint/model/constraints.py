"""The constraints pip enforces: which file of versions an option names, and what is known of its content."""

from __future__ import annotations

import re
from dataclasses import field
from typing import TYPE_CHECKING, Literal

from mwaalint.patterns import regex
from mwaalint.records import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from packaging.specifiers import SpecifierSet

    from mwaalint.catalog import Catalog
    from mwaalint.documents.requirements import Option, Requirement
    from mwaalint.model.deployment import Target
    from mwaalint.model.includes import Include

# upstream: Airflow's published file. mwaa: the one in MWAA's image. local: a file of the repository or the container.
# unknown: a file on another host, or one that a ${VARIABLE} names.
Kind = Literal["upstream", "mwaa", "local", "unknown"]

_AIRFLOWS_OWN = regex(r"https?://(raw\.githubusercontent\.com/apache/airflow|github\.com/apache/airflow/raw)/", re.I)
_PUBLISHED = regex(r"constraints-(?P<ref>[\w.+-]+)/constraints(?P<variant>-[a-z-]+)?-(?P<python>\d+\.\d+)\.txt", re.I)
_AIRFLOW = regex(r"\d+\.\d+\.\d+\w*")
_AIRFLOW_IN_NAME = regex(r"constraints?[-_]v?(\d+\.\d+\.\d+)", re.I)
_PYTHON_IN_NAME = regex(r"constraints?[-_](?:\d+\.\d+\.\d+[-_])?(?:py(?:thon)?-?)?(\d\.\d+)(?![\d.]*\d)", re.I)


@record
class ConstraintSource:
    """One file of constraints. ``option`` is what names it, None when MWAA adds it by itself.

    ``ref``, ``airflow`` and ``python`` are read from the URL or file name ("2.10.3" is ref and Airflow version, "main"
    and "2-10" only a ref). ``pins`` are its exact versions by PEP 503 name, None when its content is not known here;
    ``ranges`` what else it demands. ``approximate``: it is the file for another Python than the catalogue's, so a few
    of its versions may differ.
    """

    option: Option | None
    kind: Kind
    ref: str | None = None
    airflow: str | None = None
    python: str | None = None
    pins: Mapping[str, str] | None = None
    approximate: bool = False
    path: str | None = None
    ranges: Mapping[str, SpecifierSet] = field(default_factory=dict)


def forced_constraints(airflow: str, catalog: Catalog, option: Option | None = None) -> ConstraintSource:
    """The file in the image of a version, as MWAA adds it or as an option names it."""
    pins = catalog.pins(airflow)
    return ConstraintSource(
        kind="mwaa",
        option=option,
        airflow=airflow,
        python=pins.python if pins else None,
        ref=airflow,
        pins=pins.constraints if pins else None,
    )


def constraint_source(
    include: Include, applying: Iterable[Requirement] | None, catalog: Catalog, target: Target
) -> ConstraintSource:
    """What a ``-c`` option names; ``applying`` are the lines of its file that hold for the target, None when unread."""
    if include.place == "image":
        return (
            forced_constraints(target.airflow, catalog, include.option) if target.airflow else _named(include, "mwaa")
        )
    if include.place == "variable":
        return _named(include, "unknown")
    if include.place == "url":
        return _published(include, catalog) if _AIRFLOWS_OWN.match(include.target) else _named(include, "unknown")
    return _local(include, applying)


def _named(include: Include, kind: Kind) -> ConstraintSource:
    published = _PUBLISHED.search(include.target)
    ref = published["ref"] if published else None
    airflow = ref if ref and _AIRFLOW.fullmatch(ref) else None
    return ConstraintSource(include.option, kind, ref, airflow, published["python"] if published else None)


def _published(include: Include, catalog: Catalog) -> ConstraintSource:
    source = _named(include, "upstream")
    published = _PUBLISHED.search(include.target)
    pins = catalog.pins(source.airflow) if source.airflow else None
    # "constraints-no-providers" and "constraints-source-providers" hold other versions than the catalogue's file.
    if pins is None or published is None or published["variant"]:
        return source
    return ConstraintSource(
        kind="upstream",
        option=include.option,
        airflow=source.airflow,
        python=source.python,
        ref=source.ref,
        pins=_upstream_pins(pins.airflow, pins.constraints, catalog),
        approximate=source.python != pins.python,
    )


def _upstream_pins(airflow: str, pins: Mapping[str, str], catalog: Catalog) -> Mapping[str, str]:
    """MWAA's pins with upstream's where the two differ."""
    differing = catalog.table("upstream-differences")["rows"].get(airflow, {})
    return {**pins, **differing} if differing else pins


def _local(include: Include, applying: Iterable[Requirement] | None) -> ConstraintSource:
    airflow = _AIRFLOW_IN_NAME.search(include.target)
    python = _PYTHON_IN_NAME.search(include.target)
    pins: dict[str, str] = {}
    ranges: dict[str, SpecifierSet] = {}
    for found in applying or ():
        if found.name and found.url is None and found.pin:
            pins[found.name] = found.pin
        elif found.name and found.url is None and len(found.specifier):
            known = ranges.get(found.name)
            ranges[found.name] = known & found.specifier if known is not None else found.specifier
    return ConstraintSource(
        kind="local",
        option=include.option,
        airflow=airflow[1] if airflow else None,
        python=python[1] if python else None,
        ref=airflow[1] if airflow else None,
        pins=None if applying is None else pins,
        ranges=ranges,
        path=include.path,
    )
