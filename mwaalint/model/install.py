"""How MWAA installs a requirements file: which constraints pip is given, and what they pin.

MWAA runs one pip command for the whole file: its essential constraints always, the file's own ``-c`` lines, and its
bundled constraints when no line of the file looks like a constraint line. The facts and their sources are in the
catalogue (``install.*``); the image's code is ``mwaa/utils/user_requirements.py``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mwaalint.catalog import Catalog
    from mwaalint.discover import Project
    from mwaalint.documents.requirements import Option, Requirement, RequirementsFile
    from mwaalint.model.deployment import Target
    from mwaalint.source import SourceFile

# MWAA's own test of a line, verbatim from user_requirements.py in the images 2.9.2 to 3.3.1: comments count.
DETECTION = re.compile(r"-c |--constraint ")
DAGS_ON_MWAA = "/usr/local/airflow/dags/"
_AIRFLOW_URL = re.compile(
    r"^https?://(?:raw\.githubusercontent\.com/apache/airflow|github\.com/apache/airflow/(?:raw|blob))/"
    r"(?:refs/(?:tags|heads)/)?constraints-(?P<ref>[^/]+)/constraints-(?:[a-z-]+-)?(?P<python>\d+\.\d+)\.txt$"
)
_IN_A_NAME = re.compile(r"constraints?-(?P<ref>\d+\.\d+\.\d+)(?:[-_/].*?(?P<python>3\.\d+))?")
_VERSION = re.compile(r"\d+\.\d+\.\d+")
_MAX_INCLUDES = 20


class Detection(NamedTuple):
    """A physical line that makes MWAA leave its own constraints out."""

    line: int
    text: str
    is_comment: bool


class Pin(NamedTuple):
    """A version that pip enforces, and by what: the essential constraints, MWAA's bundled ones or a ``-c`` line."""

    version: str
    source: str  # "essential", "mwaa", "upstream" or "local"


@dataclass(frozen=True, slots=True)
class ConstraintSource:
    """One constraints file that pip is given. ``option`` is None for the one MWAA adds by itself.

    ``kind`` is upstream (Airflow's published file), mwaa (the image's own), local (a file of the repository) or
    unknown. ``pins`` are its exact pins by name, None when its content is not known here; ``approximate`` when they
    are those of the same Airflow version for another Python. ``ref`` is what the URL names ("2.10.3", "main"),
    ``airflow`` the same when it is a version.
    """

    option: Option | None
    kind: str
    ref: str | None = None
    airflow: str | None = None
    python: str | None = None
    pins: Mapping[str, str] | None = None
    approximate: bool = False
    path: str | None = None


@dataclass(frozen=True, slots=True)
class InstallPlan:
    """What pip is told to do with a requirements file on MWAA.

    ``requirements`` are those whose markers hold on MWAA, with those of included files that are in the repository;
    ``skipped`` those whose markers do not. ``forced`` says that MWAA adds its own constraints.
    """

    document: RequirementsFile
    detection: tuple[Detection, ...]
    forced: bool
    constraints: tuple[ConstraintSource, ...]
    essential: Mapping[str, str]
    essential_known: bool
    requirements: tuple[Requirement, ...]
    skipped: tuple[Requirement, ...]
    offline: bool

    def pinned_by(self, name: str) -> tuple[Pin, ...]:
        """Every exact pin that pip enforces on a package: essential, then each constraints file whose content is
        known.
        """
        pins = [Pin(self.essential[name], "essential")] if name in self.essential else []
        pins += [
            Pin(source.pins[name], source.kind) for source in self.constraints if source.pins and name in source.pins
        ]
        return tuple(pins)

    def conflict(self, requirement: Requirement) -> Pin | None:
        """The first enforced pin that the requirement's own versions exclude."""
        if requirement.name is None or requirement.url is not None:
            return None
        for pin in self.pinned_by(requirement.name):
            if not requirement.specifier.contains(pin.version, prereleases=True):
                return pin
        return None

    @property
    def constraints_known(self) -> bool:
        """Whether the content of every constraints file is known."""
        return all(source.pins is not None for source in self.constraints)


def plan_install(
    document: RequirementsFile, *, project: Project, catalog: Catalog, target: Target, dags_folder: str | None
) -> InstallPlan:
    """The plan for a deployment's requirements file. Pure: reads files of the project and the catalogue only."""
    detection = tuple(_detected(document))
    pins = catalog.pins(target.airflow) if target.airflow else None
    forced = not detection and target.airflow is not None and catalog.forces_constraints(target.airflow)
    included = list(_with_includes(document, project, dags_folder))
    constraints = [
        _constraint(option, file, project, catalog, dags_folder)
        for file in included
        for option in file.options_named("--constraint")
    ]
    if forced and pins is not None:
        constraints.append(
            ConstraintSource(None, "mwaa", pins.airflow, pins.airflow, pins.python, pins=pins.constraints)
        )
    applying, skipped = _by_marker(included, target, pins.python_full if pins else None)
    return InstallPlan(
        document=document,
        detection=detection,
        forced=forced,
        constraints=tuple(constraints),
        essential=pins.essential if pins else {},
        essential_known=pins is not None and pins.essential_known,
        requirements=applying,
        skipped=skipped,
        offline=any(file.options_named("--no-index") for file in included),
    )


def _detected(document: RequirementsFile) -> Iterator[Detection]:
    for number, line in enumerate(document.physical_lines, start=1):
        match = DETECTION.search(line)
        if match:
            yield Detection(number, line, "#" in line[: match.start()])


def _with_includes(document: RequirementsFile, project: Project, dags_folder: str | None) -> Iterator[RequirementsFile]:
    """The file and, once each, the files of the repository that its ``-r`` lines include."""
    from mwaalint.documents.requirements import read_requirements

    seen = {document.file.path}
    waiting = [document]
    while waiting and len(seen) <= _MAX_INCLUDES:
        current = waiting.pop(0)
        yield current
        for option in current.options_named("--requirement"):
            file = in_repository(option.value or "", current.file, project, dags_folder)
            if file is not None and file.path not in seen:
                seen.add(file.path)
                try:
                    waiting.append(read_requirements(file))
                except UnreadableFileError:
                    continue


def in_repository(value: str, file: SourceFile, project: Project, dags_folder: str | None) -> SourceFile | None:
    """The file of the repository that a path in a requirements file means: one in the DAGs folder, or relative to the
    file.
    """
    if "://" in value:
        return None
    if value.startswith(DAGS_ON_MWAA):
        return project.get(join(dags_folder, value[len(DAGS_ON_MWAA) :])) if dags_folder is not None else None
    return None if value.startswith("/") else project.get(normpath(join(dirname(file.path), value)))


def _constraint(
    option: Option, file: RequirementsFile, project: Project, catalog: Catalog, dags_folder: str | None
) -> ConstraintSource:
    value = option.value or ""
    match = _AIRFLOW_URL.match(value)
    if match:
        return _upstream(option, match["ref"], match["python"], catalog)
    local = in_repository(value, file.file, project, dags_folder)
    named = _IN_A_NAME.search(value)
    ref, python = (named["ref"], named["python"]) if named else (None, None)
    pins = _local_pins(local) if local else None
    return ConstraintSource(
        option,
        "local" if local else "unknown",
        ref,
        ref,
        python,
        pins=pins,
        path=local.path if local else None,
    )


def _upstream(option: Option, ref: str, python: str, catalog: Catalog) -> ConstraintSource:
    version = ref if _VERSION.fullmatch(ref) else None
    known = catalog.pins(version) if version else None
    if known is None:
        return ConstraintSource(option, "upstream", ref, version, python)
    differing = catalog.table("upstream-differences")["rows"].get(version, {})
    pins = {name: version for name, version in known.constraints.items() if name not in differing} | differing
    return ConstraintSource(option, "upstream", ref, version, python, pins=pins, approximate=python != known.python)


def _local_pins(file: SourceFile) -> Mapping[str, str] | None:
    from mwaalint.documents.requirements import read_requirements

    try:
        document = read_requirements(file)
    except UnreadableFileError:
        return None
    return {line.name: line.pin for line in document.requirements if line.name and line.pin}


def _by_marker(
    files: list[RequirementsFile], target: Target, python_full: str | None
) -> tuple[tuple[Requirement, ...], tuple[Requirement, ...]]:
    from packaging.markers import UndefinedEnvironmentName

    environment = _marker_environment(target, python_full)
    applying: list[Requirement] = []
    skipped: list[Requirement] = []
    for requirement in (requirement for file in files for requirement in file.requirements):
        try:
            holds = requirement.marker is None or environment is None or requirement.marker.evaluate(environment)
        except UndefinedEnvironmentName:
            holds = True
        (applying if holds else skipped).append(requirement)
    return tuple(applying), tuple(skipped)


def _marker_environment(target: Target, python_full: str | None) -> dict[str, str] | None:
    if target.python is None:
        return None
    return {
        "implementation_name": "cpython",
        "implementation_version": python_full or f"{target.python}.0",
        "os_name": "posix",
        "platform_machine": "x86_64",
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Linux",
        "platform_version": "",
        "python_full_version": python_full or f"{target.python}.0",
        "python_version": target.python,
        "sys_platform": "linux",
        "extra": "",
    }
