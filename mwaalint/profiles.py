"""The profiles: settings under a name, kept as data."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mwaalint.rulebook import Rulebook

_FILE = Path(__file__).with_name("profiles.toml")


@cache
def _tables() -> dict[str, dict[str, Any]]:
    import tomllib

    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def names() -> list[str]:
    """The names of the profiles."""
    return list(_tables())


def about(name: str) -> str:
    """What a profile does, in words. KeyError when there is no such profile."""
    return str(_tables()[name].get("about", "the settings as they are"))


def settings(name: str, rulebook: Rulebook) -> dict[str, Any]:
    """A profile as a table of settings. Reads the pages when it selects by tag; KeyError when there is no such
    profile.
    """
    table = dict(_tables()[name])
    table.pop("about", None)
    if tags := set(table.pop("tags", ())):
        table["select"] = [rule.code for rule in rulebook.all() if tags.intersection(rule.tags)]
    if major := table.pop("airflow-major", None):
        table["airflow-version"] = _newest(major)
    return table


def _newest(major: int) -> str:
    from mwaalint import catalog

    return [each.airflow for each in catalog.load().releases.values() if each.major == major and each.creatable][-1]
