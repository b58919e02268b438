"""MW244: an Airflow version that MWAA does not offer and never did."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from mwaalint.catalog import version_key
from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._values import argument_elsewhere, arms, replacement
from mwaalint.findings import Finding, Fix, Safety
from mwaalint.model.environment import Environment
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mwaalint.catalog import Catalog
    from mwaalint.model.values import Known

_FULL = regex(r"\d{1,4}\.\d{1,4}\.\d{1,4}", re.ASCII)
_NUMBERS = regex(r"\d{1,4}(?:\.\d{1,4}){0,2}", re.ASCII)
# What people write for a version; other texts are placeholders, to be filled in by somebody.
_MEANT_AS_VERSION = regex(r"v?\d[\w.+-]*|latest|stable|default", re.ASCII | re.IGNORECASE)
# MWAA adds a patch release to a minor line within months of the one before, or not at all.
_LINE_IS_OVER = timedelta(days=365)


@check("MW244", on=Environment)
def airflow_version_not_offered(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports a version that is in no row of the catalogue, with the nearest one that MWAA offers."""
    found = [
        (_problem(version, ctx.catalog), version, value) for version, value in arms(environment.airflow_version, str)
    ]
    if not all(problem for problem, _, _ in found):
        return
    for problem, version, value in found:
        nearest = _nearest(version, ctx.catalog)
        yield ctx.report(
            value.origin,
            problem,
            related=argument_elsewhere(environment, "airflow_version", value.origin, ctx.project),
            fix=None if problem == "newer" else _fix(value, version, nearest, ctx),
            version=version,
            nearest=nearest,
            compiled=ctx.catalog.compiled.isoformat(),
        )


def _problem(version: str, catalog: Catalog) -> str:
    """The message for a version, "" for one that MWAA offers or offered, or that is no version at all."""
    if catalog.release(version):
        return ""
    if not _FULL.fullmatch(version):
        return "malformed" if _MEANT_AS_VERSION.fullmatch(version) else ""
    return "newer" if _may_be_newer(version, catalog) else "default"


def _may_be_newer(version: str, catalog: Catalog) -> bool:
    """Whether MWAA may offer the version by now: it is newer than all that is known of a line that is still going."""
    if version in _never_offered(catalog):
        return False
    key = version_key(version)
    releases = list(catalog.releases.values())
    line = [release for release in releases if release.key[:2] == key[:2]]
    major = [release for release in releases if release.key[0] == key[0]]
    newest = (line or major or releases)[-1]
    quiet = line and catalog.compiled - newest.mwaa_release > _LINE_IS_OVER
    return key > newest.key and not quiet


def _never_offered(catalog: Catalog) -> set[str]:
    rows = catalog.fact("versions.never_offered")
    assert isinstance(rows, list)
    return {version for row in rows for version in _FULL.findall(_text(row))}


def _text(row: Mapping[str, object]) -> str:
    return str(row["airflow"])


def _nearest(version: str, catalog: Catalog) -> str:
    """The offered version that differs least: of the same minor line, else the next of the same major, else newer."""
    match = _NUMBERS.search(version)
    if match is None:
        return catalog.latest
    key = version_key(match[0])
    offered = [release for release in catalog.releases.values() if release.creatable]
    line = [release for release in offered if release.key[:2] == key[:2]]
    if line:
        wanted = key[2] if len(key) > 2 else line[-1].key[2]
        return min(line, key=lambda release: (abs(release.key[2] - wanted), -release.key[2])).airflow
    if len(key) == 1:
        key = (key[0], 9999)
    major = [release for release in offered if release.key[0] == key[0]]
    newer = [release for release in major or offered if release.key > key]
    return newer[0].airflow if newer else (major or offered)[-1].airflow


def _fix(value: Known, version: str, nearest: str, ctx: Context) -> Fix | None:
    """None across major versions: what runs on Airflow 1 does not run on 2 because a number says so."""
    match = _NUMBERS.search(version)
    if match is None or version_key(match[0])[0] != version_key(nearest)[0]:
        return None
    edit = replacement(value, nearest, ctx.project)
    return Fix(f"Use Airflow {nearest}", Safety.UNSAFE, (edit,)) if edit else None
