"""Answers about configuration options and environment variables, from the rows of options.json and protected.json."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mwaalint.catalog._types import Option, ProtectedVariables, version_key

if TYPE_CHECKING:
    from collections.abc import Mapping


def option(document: Mapping[str, Any], name: str, airflow: str) -> Option | None:
    """What is recorded of ``name`` for the version, None when nothing is."""
    found = Option(name)
    for kind, table in document["tables"].items():
        for row in table["rows"].get(name, ()):
            if _applies(row, airflow):
                found = _with(found, kind, row, table["source"][0])
    if found == Option(name):
        found = _by_section(document["forced_sections"], name, airflow)
    return None if found == Option(name) else found


def protected_variables(document: Mapping[str, Any], airflow: str) -> ProtectedVariables:
    """The protected variables of one version."""
    code, docs = document["code"], document["docs"]
    known = version_key(airflow) >= version_key(code["known_from"])
    return ProtectedVariables(
        code=_names(code["variables"], airflow) if known else frozenset(),
        code_known=known,
        prefixes=tuple(code["prefixes"]) if known else (),
        docs=_names(docs["variables"], airflow),
        code_source=code["source"][0],
        docs_source=docs["source"][0],
    )


def _names(rows: Mapping[str, Any], airflow: str) -> frozenset[str]:
    return frozenset(name for name, row in rows.items() if _applies(row, airflow))


def _applies(row: Mapping[str, Any], airflow: str) -> bool:
    """A row names its versions, or the first one, or (``from`` null) holds for all."""
    if "versions" in row:
        return airflow in row["versions"]
    if row["from"] is None:
        return True
    try:
        return version_key(airflow) >= version_key(row["from"])
    except ValueError:
        return False


def _with(found: Option, kind: str, row: Mapping[str, Any], source: str) -> Option:
    note = row.get("note") or found.note
    match kind:
        case "forced":
            return found._replace(forced=True, value=row["value"], note=note, source=source)
        case "defaults":
            return found._replace(default=row["value"], note=note, source=source)
        case "merged":
            return found._replace(merged=True, note=note, source=source)
        case _:
            return found._replace(ignored=True, note=note, source=source)


def _by_section(sections: Mapping[str, Any], name: str, airflow: str) -> Option:
    """Some sections are forced as a whole, except for options whose value goes elsewhere."""
    section, _, key = name.partition(".")
    row = sections.get(section)
    if row is None or not key or not _applies(row, airflow):
        return Option(name)
    handed_on = key in row["handed_on"]
    return Option(name, forced=not handed_on, merged=handed_on, note=row["note"], source=row["source"][0])
