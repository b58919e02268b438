"""Answers about Airflow's own configuration options, from the table that tools/refresh_options.py generates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mwaalint.catalog._types import AirflowOption, OptionChange, version_key

if TYPE_CHECKING:
    from collections.abc import Mapping


def change(table: Mapping[str, Any], name: str, airflow: str) -> OptionChange | None:
    """What became of a name by a version; None when it is still the name, or was never one."""
    try:
        version = version_key(airflow)
    except ValueError:  # a placeholder, which is somebody else's finding
        return None
    stages = table["rows"].get(name, {}).get("changes", ())
    begun = [stage for stage in stages if version_key(stage["from"]) <= version]
    return OptionChange(begun[-1]["to"] or "", begun[-1]["read"], begun[-1]["from"]) if begun else None


def option(table: Mapping[str, Any], name: str) -> AirflowOption | None:
    """What is known of a name, whichever versions use it; None when none of the table does."""
    row = table["rows"].get(name)
    if row is None:
        return None
    since, provider, kind = row.get("since", ""), row.get("provider", ""), row.get("type", "string")
    return AirflowOption(name, since, provider, kind, row.get("default"), row.get("sensitive", False))


def names(table: Mapping[str, Any], airflow: str) -> frozenset[str]:
    """The options that a version reads under these very names; ValueError for what is not a version."""
    version = version_key(airflow)
    return frozenset(
        name
        for name, row in table["rows"].items()
        if version_key(row.get("since", "0")) <= version and change(table, name, airflow) is None
    )
