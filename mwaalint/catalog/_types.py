"""The catalogue's entries. Names of packages are PEP 503 normalised, money is US dollars, memory gigabytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

_LONGEST_NUMBER = 9


def version_key(airflow: str) -> tuple[int, ...]:
    """A key that orders versions numerically ("2.10.3" after "2.9.2").

    Raises ValueError for anything but dotted ASCII numbers of reasonable length: a user's file may say anything.
    """
    parts = airflow.split(".")
    if not all(part.isascii() and part.isdigit() and len(part) <= _LONGEST_NUMBER for part in parts):
        raise ValueError(f"not a version of Airflow: {airflow[:80]!r}")
    return tuple(int(part) for part in parts)


class Release(NamedTuple):
    """An Airflow version MWAA offers or offered; ``end_of_support`` is None while no date is announced.

    ``creatable`` tells whether a new environment may use it, ``os`` is AL2 or AL2023, ``source`` the page it is from.
    """

    airflow: str
    python: str
    mwaa_release: date
    upstream_release: date
    end_of_support: date | None
    creatable: bool
    os: str
    constraints_url: str
    source: str

    @property
    def major(self) -> int:
        return self.key[0]

    @property
    def key(self) -> tuple[int, ...]:
        return version_key(self.airflow)


class Pins(NamedTuple):
    """What is pinned and installed in one version's image.

    ``constraints`` is the file MWAA applies when the requirements name none, ``essential`` the one it always applies;
    when ``essential_known`` is False an empty ``essential`` means unknown. ``preinstalled`` is observed,
    ``preinstalled_derived`` is resolved from the image's recipe (empty when not needed).
    """

    airflow: str
    python: str
    python_full: str | None
    constraints: Mapping[str, str]
    essential: Mapping[str, str]
    essential_known: bool
    preinstalled: Mapping[str, str]
    preinstalled_complete: bool
    preinstalled_derived: Mapping[str, str]
    sources: tuple[str, ...]


class EnvironmentClass(NamedTuple):
    """An environment class; ``rank`` 0 is the smallest, ``tasks_per_worker`` the default of celery.worker_autoscale.

    ``parsing_processes_max`` and ``triggerer_default_capacity`` (per scheduler) are None where no number is published.
    """

    name: str
    dag_capacity: int
    tasks_per_worker: int
    rank: int
    worker_ram_gb: float
    worker_vcpu: float
    autoscaling: bool
    source: str
    parsing_processes_max: int | None = None
    triggerer_default_capacity: int | None = None


class Price(NamedTuple):
    """Dollars an hour for one class in one region; None is a price that is not known, never zero."""

    region: str
    environment_class: str
    environment_per_hour: float | None
    additional_worker_per_hour: float | None
    additional_scheduler_per_hour: float | None
    additional_webserver_per_hour: float | None
    source: str
    date: date


class Option(NamedTuple):
    """What MWAA does to one Airflow configuration option in one version.

    ``forced``: the user's value is replaced (by ``value``, where one is published). ``merged``: MWAA's keys win over
    the user's, or the value is handed to another process. ``ignored``: it has no effect. ``default`` is MWAA's own
    default where it differs from upstream's.
    """

    name: str
    forced: bool = False
    merged: bool = False
    ignored: bool = False
    value: str | None = None
    default: str | None = None
    note: str = ""
    source: str = ""


class OptionChange(NamedTuple):
    """What became of an option's name: ``to`` is the new one, "" when there is none; ``read``: the old still works."""

    to: str
    read: bool
    since: str


class AirflowOption(NamedTuple):
    """An option that Airflow reads: since which version ("" for all), and the provider it comes with, "" for none.

    ``default`` is that of the newest version which has the option, None for texts and where it is not written down.
    ``sensitive``: ``<name>_cmd`` and ``<name>_secret`` are read as well.
    """

    name: str
    since: str
    provider: str
    type: str
    default: str | None
    sensitive: bool


class ProtectedVariables(NamedTuple):
    """Environment variables a startup script cannot change in one version.

    ``code`` and ``prefixes`` are what the image does and are empty when ``code_known`` is False; ``docs`` is what AWS
    documents. The two differ: a variable of ``docs`` alone may in fact be changeable.
    """

    code: frozenset[str]
    code_known: bool
    prefixes: tuple[str, ...]
    docs: frozenset[str]
    code_source: str
    docs_source: str

    def enforced(self, variable: str) -> bool:
        """Whether the image itself restores the variable."""
        return variable in self.code or (bool(self.prefixes) and variable.startswith(self.prefixes))


class ApiField(NamedTuple):
    """A field of CreateEnvironment (or, with ``on_create`` False, of UpdateEnvironment alone).

    ``min`` and ``max`` bound a number's value, a text's length, a list's or map's size. A name is None where the
    dialect lacks the field. ``updatable`` is None when unknown.
    """

    name: str
    cloudformation: str | None
    terraform: str | None
    boto3: str | None
    type: str
    on_create: bool
    required_api: bool
    required_cfn: bool
    min: int | None
    max: int | None
    pattern: str | None
    pattern_cfn: str | None
    enum: tuple[str, ...]
    default: str | None
    updatable: bool | None
    note: str
