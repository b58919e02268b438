"""What MWAA is, per version, as data with sources: versions, pins, classes, prices, options, limits.

Nothing is read at import or by ``load()``; each file of ``data/`` is read when first asked for, and of the pins only
the file of the version asked for.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mwaalint.cached import cached_property
from mwaalint.catalog._types import (
    AirflowOption,
    ApiField,
    EnvironmentClass,
    Option,
    OptionChange,
    Pins,
    Price,
    ProtectedVariables,
    Release,
    version_key,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "AirflowOption",
    "ApiField",
    "Catalog",
    "EnvironmentClass",
    "Option",
    "OptionChange",
    "Pins",
    "Price",
    "ProtectedVariables",
    "Release",
    "load",
    "version_key",
]

_DATA = Path(__file__).parent / "data"


class Catalog:
    """The catalogue in a folder; each answer is read once and kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, Any] = {}
        self._pins: dict[str, Pins | None] = {}

    @cached_property
    def compiled(self) -> date:
        """The day the facts were compiled."""
        return date.fromisoformat(self._document("releases")["date"])

    @cached_property
    def releases(self) -> Mapping[str, Release]:
        """Every version, by name, oldest first."""
        rows = self._document("releases")["releases"]
        return {name: _release(name, rows[name]) for name in sorted(rows, key=version_key)}

    @cached_property
    def latest(self) -> str:
        """The version MWAA picks when an environment names none."""
        return str(self._document("releases")["latest"]["value"])

    @cached_property
    def monthly_hours(self) -> int:
        """The hours AWS counts in a month when it estimates a bill."""
        return int(self._document("prices")["monthly_hours"])

    @cached_property
    def classes(self) -> Mapping[str, EnvironmentClass]:
        """Every environment class, by name, smallest first."""
        document = self._document("classes")
        rows = sorted(document["classes"].items(), key=lambda item: int(item[1]["rank"]))
        return {name: _environment_class(name, row, document["source"][0]) for name, row in rows}

    @cached_property
    def api_fields(self) -> Mapping[str, ApiField]:
        """The fields of CreateEnvironment by API name, nested lists as ``NetworkConfiguration.SubnetIds``."""
        return {name: _api_field(name, row) for name, row in self._document("api")["fields"].items()}

    def release(self, airflow: str) -> Release | None:
        """The version, None when MWAA never offered it or offers it since ``compiled``."""
        return self.releases.get(airflow)

    def pins(self, airflow: str) -> Pins | None:
        """The version's pins, None for a version not in the catalogue. Reads only that version's file."""
        if airflow not in self._pins:
            self._pins[airflow] = self._read_pins(airflow)
        return self._pins[airflow]

    def environment_class(self, name: str) -> EnvironmentClass | None:
        """The class, None when MWAA has none of that name."""
        return self.classes.get(name)

    def price(self, environment_class: str, region: str = "us-east-1") -> Price | None:
        """The class's price in a region, None when not catalogued; a catalogued price may still lack numbers."""
        table = self._document("prices")["regions"].get(region)
        row = table and table["classes"].get(environment_class)
        if row is None:
            return None
        return Price(
            region, environment_class, **row, source=table["source"][0], date=date.fromisoformat(table["date"])
        )

    def forces_constraints(self, airflow: str) -> bool:
        """Whether MWAA adds its own constraints to requirements that name none; False for what is not a version."""
        try:
            return version_key(airflow) >= version_key(str(self.fact("constraints.forced.observed_from")))
        except ValueError:
            return False

    def option(self, name: str, airflow: str) -> Option | None:
        """What MWAA does to a configuration option ("core.executor") in a version, None when nothing is recorded."""
        from mwaalint.catalog._options import option

        return option(self._document("options"), name, airflow)

    def option_change(self, name: str, airflow: str) -> OptionChange | None:
        """What became of an option's name by a version of Airflow; None when it is still the name, or was never one."""
        from mwaalint.catalog._airflow_options import change

        return change(self.table("airflow-options"), name, airflow)

    def airflow_option(self, name: str) -> AirflowOption | None:
        """What is known of an option, whichever versions of Airflow have it; None when none of the table has."""
        from mwaalint.catalog._airflow_options import option

        return option(self.table("airflow-options"), name)

    def airflow_option_names(self, airflow: str) -> frozenset[str]:
        """The options that a version of Airflow reads under these very names; ValueError for what is not a version."""
        from mwaalint.catalog._airflow_options import names

        return names(self.table("airflow-options"), airflow)

    def protected_variables(self, airflow: str) -> ProtectedVariables:
        """The environment variables a startup script cannot change; ValueError for what is not a version."""
        from mwaalint.catalog._options import protected_variables

        return protected_variables(self._document("protected"), airflow)

    def fact(self, name: str) -> object:
        """A limit or constant by its dotted name ("limits.workers.default_quota_max"); KeyError when there is none."""
        return self._document("facts")["facts"][name]["value"]

    def fact_source(self, name: str) -> tuple[str, ...]:
        """Where a fact is from; KeyError when there is none of that name."""
        document = self._document("facts")
        return tuple(document["sources"][document["facts"][name]["from"]]["source"])

    def table(self, name: str) -> Mapping[str, Any]:
        """A table of ``data/tables``: {"source": [...], "date": "...", "rows": ...}; KeyError when there is none."""
        try:
            table: Mapping[str, Any] = self._document(f"tables/{name}")
        except FileNotFoundError:
            raise KeyError(name) from None
        return table

    def _read_pins(self, airflow: str) -> Pins | None:
        try:
            version_key(airflow)  # the text may come from a user's file and becomes part of a path
        except ValueError:
            return None
        try:
            content = (self._folder / "pins" / f"{airflow}.json").read_bytes()
        except OSError:
            return None
        return _pins(json.loads(content))

    def _document(self, name: str) -> Any:
        if name not in self._read:
            self._read[name] = json.loads((self._folder / f"{name}.json").read_bytes())
        return self._read[name]


def load(folder: Path | None = None) -> Catalog:
    """The catalogue in ``folder``, by default the one that comes with the package. Reads nothing yet."""
    return Catalog(folder or _DATA)


def _release(airflow: str, row: Mapping[str, Any]) -> Release:
    end = row["end_of_support"]
    return Release(
        airflow=airflow,
        python=row["python"],
        mwaa_release=date.fromisoformat(row["mwaa_release"]),
        upstream_release=date.fromisoformat(row["upstream_release"]),
        end_of_support=None if end is None else date.fromisoformat(end),
        creatable=row["creatable"],
        os=row["os"],
        constraints_url=row["constraints_url"],
        source=row["source"],
    )


def _pins(row: Mapping[str, Any]) -> Pins:
    return Pins(
        airflow=row["airflow"],
        python=row["python"],
        python_full=row["python_full"],
        constraints=row["constraints"],
        essential=row["essential"],
        essential_known=row["essential_known"],
        preinstalled=row["preinstalled"],
        preinstalled_complete=row["preinstalled_complete"],
        preinstalled_derived=row["preinstalled_derived"],
        sources=tuple(row["source"]),
    )


def _environment_class(name: str, row: Mapping[str, Any], source: str) -> EnvironmentClass:
    return EnvironmentClass(
        name=name,
        dag_capacity=row["dag_capacity"],
        tasks_per_worker=row["tasks_per_worker"],
        rank=row["rank"],
        worker_ram_gb=float(row["worker_ram_gb"]),
        worker_vcpu=float(row["worker_vcpu"]),
        autoscaling=row["autoscaling"],
        source=source,
        parsing_processes_max=row["parsing_processes_max"],
        triggerer_default_capacity=row["triggerer_default_capacity"],
    )


def _api_field(name: str, row: Mapping[str, Any]) -> ApiField:
    return ApiField(name=name, **{**row, "enum": tuple(row["enum"])})
