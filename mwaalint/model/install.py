"""What MWAA does with a requirements file: which constraints it finds or adds, which lines apply, which pins hold."""

from __future__ import annotations

import re
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Literal, NamedTuple

from mwaalint.documents.requirements import line_of
from mwaalint.findings import Location
from mwaalint.model.constraints import ConstraintSource, constraint_source, forced_constraints
from mwaalint.model.includes import DAGS_ON_MWAA, Include, Includes, in_repository, layout
from mwaalint.model.markers import marker_environment, sorted_by_marker
from mwaalint.patterns import regex
from mwaalint.records import record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from packaging.specifiers import SpecifierSet

    from mwaalint.catalog import Catalog
    from mwaalint.discover import Project
    from mwaalint.documents.requirements import Option, Requirement, RequirementsFile
    from mwaalint.model.constraints import Kind
    from mwaalint.model.deployment import Target
    from mwaalint.source import SourceFile, Span

__all__ = [
    "DAGS_ON_MWAA",
    "ConstraintSource",
    "Detection",
    "Include",
    "InstallPlan",
    "Pin",
    "in_repository",
    "plan_install",
]

# How pip, and the same function in MWAA's image, finds the encoding of a file without a byte order mark.
_CODING = regex(rb"coding[:=]\s*([-\w.]+)")


@record
class Detection:
    """A physical line in which MWAA's test sees a constraint; ``span`` is what matched.

    ``kind`` says what it really is: an option, a comment, or something else, such as a package whose name ends in "-c".
    """

    file: SourceFile
    line: int
    span: Span
    text: str
    kind: Literal["option", "comment", "other"]

    @property
    def is_comment(self) -> bool:
        return self.kind == "comment"

    def location(self) -> Location:
        return Location(self.file.path, self.span, self.text.strip())


class Pin(NamedTuple):
    """A version that pip enforces, and by what: MWAA's essential packages or a ``constraint`` of kind ``source``."""

    version: str
    source: Kind | Literal["essential"]
    constraint: ConstraintSource | None = None


@record
class InstallPlan:
    """One run of pip on MWAA.

    ``detection`` are the lines that switch MWAA's own constraints off. With ``scan_failed`` MWAA cannot decode the file
    and adds them in any case. ``forced``: it adds them; False also when the Airflow version is not known.
    ``constraints`` are all files of constraints that apply. ``requirements`` apply to the target's Python, also those
    of included files; ``skipped`` do not, and for ``undecided`` a marker asks for something that is not known.
    ``options`` are those of all files that pip reads, ``documents`` those files, ``includes`` what leads to them.
    """

    document: RequirementsFile
    target: Target
    detection: tuple[Detection, ...]
    scan_failed: bool
    forced: bool
    constraints: tuple[ConstraintSource, ...]
    essential: Mapping[str, str]
    essential_known: bool
    requirements: tuple[Requirement, ...]
    skipped: tuple[Requirement, ...]
    undecided: tuple[Requirement, ...]
    options: tuple[Option, ...]
    includes: tuple[Include, ...]
    documents: tuple[RequirementsFile, ...]

    @property
    def offline(self) -> bool:
        """Whether pip looks at no package index."""
        return any(option.name == "--no-index" for option in self.options)

    @property
    def complete(self) -> bool:
        """Whether all that is installed is known: every included file was read, no line hangs on a variable."""
        read = all(include.document for include in self.includes if include.option.name == "--requirement")
        return read and not any(document.unresolved for document in self.documents)

    @property
    def constraints_known(self) -> bool:
        """Whether the content of every constraints file is known."""
        return all(source.pins is not None for source in self.constraints)

    def pinned_by(self, name: str) -> tuple[Pin, ...]:
        """Every exact version that pip enforces on a package, MWAA's essential one first."""
        from packaging.utils import canonicalize_name

        return tuple(self._pins(canonicalize_name(name)))

    def _pins(self, name: str) -> Iterator[Pin]:
        if name in self.essential:
            yield Pin(self.essential[name], "essential")
        for source in self.constraints:
            if source.pins and name in source.pins:
                yield Pin(source.pins[name], source.kind, source)

    def conflict(self, requirement: Requirement) -> Pin | None:
        """The first pin that the requirement excludes, None when there is none, or when it is a URL or path."""
        if requirement.name is None or requirement.url is not None or not len(requirement.specifier):
            return None
        return next((pin for pin in self._pins(requirement.name) if _excludes(requirement, pin.version)), None)

    def out_of_range(self, requirement: Requirement) -> tuple[ConstraintSource, SpecifierSet] | None:
        """The first constraint that is no exact version and that a pinned requirement does not meet."""
        if requirement.name is None or requirement.url is not None or requirement.pin is None:
            return None
        for source in self.constraints:
            allowed = source.ranges.get(requirement.name)
            if allowed is not None and not _contains(allowed, requirement.pin):
                return source, allowed
        return None


def plan_install(
    document: RequirementsFile,
    *,
    project: Project,
    catalog: Catalog,
    target: Target,
    dags_folder: str | None,
    plugins_folder: str | None = None,
) -> InstallPlan:
    """What happens when MWAA installs a file. Folders are relative to the project's root, None when not known."""
    includes = Includes(project, layout(catalog, dags_folder, plugins_folder))
    includes.follow(document)
    environment = marker_environment(target, catalog)
    lines = chain.from_iterable(read.requirements for read in includes.installed)
    requirements, skipped, undecided = sorted_by_marker(lines, environment)
    detection = tuple(_detect(document, re.compile(str(catalog.fact("constraints.detection_regex")))))
    scan_failed = not _decodes(document.file)
    forced = bool(target.airflow and catalog.forces_constraints(target.airflow) and (scan_failed or not detection))
    pins = catalog.pins(target.airflow) if target.airflow else None
    return InstallPlan(
        document=document,
        target=target,
        detection=() if scan_failed else detection,
        scan_failed=scan_failed,
        forced=forced,
        constraints=tuple(_constraints(includes.found, environment, catalog, target, forced)),
        essential=pins.essential if pins and pins.essential_known else {},
        essential_known=bool(pins and pins.essential_known),
        requirements=requirements,
        skipped=skipped,
        undecided=undecided,
        options=tuple(chain.from_iterable(read.options for read in includes.documents)),
        includes=tuple(includes.found),
        documents=tuple(includes.documents),
    )


def _constraints(
    found: list[Include], environment: Mapping[str, str], catalog: Catalog, target: Target, forced: bool
) -> Iterator[ConstraintSource]:
    for include in found:
        if include.option.name == "--constraint":
            lines = sorted_by_marker(include.document.requirements, environment)[0] if include.document else None
            yield constraint_source(include, lines, catalog, target)
    if forced and target.airflow:
        yield forced_constraints(target.airflow, catalog)


def _detect(document: RequirementsFile, test: re.Pattern[str]) -> Iterator[Detection]:
    """The lines that match MWAA's own test, which knows nothing of comments and options."""
    file, offset = document.file, 0
    comments = [comment.span for comment in document.comments]
    options = [option.span for option in document.options_named("--constraint")]
    for line, ended in zip(document.physical_lines, file.text.splitlines(keepends=True), strict=True):
        match = test.search(line)
        if match:
            start = offset + match.start()
            span = file.span(start, offset + match.end())
            within = partial(_within, span)
            kind: Literal["option", "comment", "other"]
            kind = "comment" if any(map(within, comments)) else "option" if any(map(within, options)) else "other"
            yield Detection(file, line_of(file, start), span, line, kind)
        offset += len(ended)


def _within(inner: Span, outer: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _decodes(file: SourceFile) -> bool:
    """Whether MWAA's scan can decode the file: by its mark, a "coding" comment in the first two lines, or as UTF-8."""
    if file.encoding != "latin-1":
        return True
    declared = (_CODING.search(line) for line in file.data.split(b"\n")[:2] if line.startswith(b"#"))
    codec = next((match[1].decode("ascii", "replace") for match in declared if match), "utf-8")
    try:
        file.data.decode(codec)
    except (LookupError, UnicodeDecodeError):
        return False
    return True


def _excludes(requirement: Requirement, version: str) -> bool:
    """Whether no version satisfies both; "2.1.0+cpu" is another version than "2.1.0", yet "==2.1.0" allows it."""
    from packaging.specifiers import SpecifierSet
    from packaging.version import InvalidVersion

    try:
        if _contains(requirement.specifier, version):
            return False
        return requirement.pin is None or not _contains(SpecifierSet(f"=={version}"), requirement.pin)
    except (ValueError, InvalidVersion):
        return False


def _contains(specifier: SpecifierSet, version: str) -> bool:
    return specifier.contains(version, prereleases=True)
