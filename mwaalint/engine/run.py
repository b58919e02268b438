"""One run over one project: discover, read, resolve, check, suppress, sort."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import PurePosixPath
from traceback import extract_tb
from typing import TYPE_CHECKING

from mwaalint import __version__
from mwaalint.checks._api import Check, Context
from mwaalint.discover import discover, excluded
from mwaalint.engine.registry import checks_for
from mwaalint.engine.result import Notice, RunResult
from mwaalint.engine.suppress import read_comments, suppress, useless
from mwaalint.findings import Confidence, Finding, Location, Suppression, fingerprint
from mwaalint.model.environment import Environment
from mwaalint.model.resolve import Stated, not_analysed, resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from mwaalint.catalog import Catalog
    from mwaalint.config import Config
    from mwaalint.discover import Project
    from mwaalint.engine.suppress import IgnoreComment
    from mwaalint.model.deployment import Deployment
    from mwaalint.rulebook import Rulebook
    from mwaalint.source import SourceFile


def run(
    root: Path,
    config: Config,
    *,
    catalog: Catalog,
    rulebook: Rulebook,
    today: date,
    only: Sequence[str] = (),
    overlay: Mapping[str, bytes] | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> RunResult:
    """Checks the project at ``root``.

    ``only`` limits what is reported to these paths (relative to the root), not what is read; ``overlay`` holds bytes
    that stand for those on the disk, as an editor or the fixer has them.
    """
    progress("looking for files")
    project = discover(root, config.exclude, overlay or {})
    progress(f"reading {len(project.files)} files")
    resolution = resolve(project, catalog, airflow_version=config.airflow_version, stated=_stated(config))
    progress("checking")
    runner = _Runner(project, config, catalog, rulebook, today)
    findings = runner.findings(resolution.deployments)
    findings += [_as_the_page_says(problem, rulebook) for problem in resolution.problems]
    findings += [_as_the_page_says(not_analysed(skipped.path, skipped.reason), rulebook) for skipped in project.skipped]
    sources = _sources(project, findings, resolution.deployments)
    kept, suppressed = runner.suppressed(findings, sources)
    kept = [finding for finding in kept if not only or finding.primary.path in only]
    return RunResult(
        root=root,
        findings=tuple(_finished(kept)),
        suppressed=tuple(_finished(suppressed)),
        sources=sources,
        deployments=resolution.deployments,
        notices=tuple(runner.notices(resolution.deployments)),
        crashed=runner.crashed,
        rulebook=rulebook,
        version=__version__,
        files_analysed=len(sources),
    )


def _stated(config: Config) -> list[Stated]:
    return [Stated(item.name, item.airflow_version, item.requirements, item.dags) for item in config.environments]


class _Runner:
    """Runs the checks over the deployments and remembers what crashed and what was skipped."""

    def __init__(self, project: Project, config: Config, catalog: Catalog, rulebook: Rulebook, today: date) -> None:
        self.project = project
        self.config = config
        self.catalog = catalog
        self.rulebook = rulebook
        self.today = today
        self.crashed = False
        self.ran: set[str] = set()
        self._skipped: dict[int, list[str]] = {}

    def findings(self, deployments: Sequence[Deployment]) -> list[Finding]:
        checks = [check for check in checks_for(deployments) if self.config.selects(check.code)]
        found: list[Finding] = []
        for index, deployment in enumerate(deployments):
            subjects = self._subjects(deployment)
            for check in checks:
                mine = [subject for subject in subjects if isinstance(subject, check.subject)]
                if mine and check.needs_version and not self._version_known(deployment):
                    self._skipped.setdefault(index, []).append(check.code)
                elif mine:
                    self.ran.add(check.code)
                    found += [finding for subject in mine for finding in self._checked(check, subject, deployment)]
        return _merged(found)

    def _subjects(self, deployment: Deployment) -> list[object]:
        subjects: list[object] = [deployment, *deployment.dbt_projects]
        if deployment.environment:
            subjects.append(deployment.environment)
        if deployment.requirements:
            from mwaalint.model.install import plan_install

            subjects.append(
                plan_install(
                    deployment.requirements,
                    project=self.project,
                    catalog=self.catalog,
                    target=deployment.target,
                    dags_folder=deployment.dags_folder,
                )
            )
        return subjects

    def _version_known(self, deployment: Deployment) -> bool:
        return deployment.target.airflow is not None and self.catalog.pins(deployment.target.airflow) is not None

    def _checked(self, check: Check, subject: object, deployment: Deployment) -> Iterator[Finding]:
        context = self._context(check, subject, deployment)
        try:
            yield from [self._configured(finding) for finding in check.function(subject, context)]
        except Exception as error:  # noqa: BLE001 - one broken check must not hide what the others find
            self.crashed = True
            yield self._crash(check, subject, deployment, error)

    def _context(self, check: Check, subject: object, deployment: Deployment) -> Context:
        stated = self.config.rule_options.get(check.code, {})
        cap = deployment.target.confidence if check.needs_version else Confidence.HIGH
        if deployment.requirements_evidence and not isinstance(subject, Environment):
            cap = min(cap, deployment.requirements_evidence.confidence)
        return Context(check.code, self.rulebook, self.project, deployment, self.catalog, self.today, stated, cap)

    def _configured(self, finding: Finding) -> Finding:
        severity = self.config.severity.get(finding.code)
        return replace(finding, severity=severity) if severity else finding

    def _crash(self, check: Check, subject: object, deployment: Deployment, error: Exception) -> Finding:
        frames = extract_tb(error.__traceback__)
        place = f"{PurePosixPath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown place"
        reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        rule = self.rulebook.rule("MW002")
        return Finding(
            code="MW002",
            name=rule.name,
            message=rule.messages["default"].template.format(rule=check.code, error=reason, place=place),
            primary=_where(subject, deployment),
            severity=rule.severity,
            subject=check.code,
        )

    def suppressed(
        self, findings: Sequence[Finding], sources: dict[str, SourceFile]
    ) -> tuple[list[Finding], list[Finding]]:
        comments = read_comments(sources.values(), self.rulebook)
        kept, silenced = suppress(findings, comments, sources)
        if self.config.selects("MW003"):
            kept += [self._useless(*problem) for problem in useless(comments, self.ran)]
        return self._ignored_by_path(kept, silenced)

    def _useless(self, comment: IgnoreComment, key: str, word: str) -> Finding:
        rule = self.rulebook.rule("MW003")
        message = rule.messages[key]
        text = message.template.format(rule=word)
        return Finding("MW003", rule.name, text, comment.location, message.severity, subject=word)

    def _ignored_by_path(self, kept: Sequence[Finding], silenced: list[Finding]) -> tuple[list[Finding], list[Finding]]:
        staying = []
        for finding in kept:
            pattern = next(
                (p for p, codes in self.config.per_file_ignores.items() if self._ignores(finding, p, codes)), None
            )
            if pattern is None:
                staying.append(finding)
            else:
                silenced.append(replace(finding, suppression=Suppression("external", f"per-file-ignores: {pattern}")))
        return staying, silenced

    @staticmethod
    def _ignores(finding: Finding, pattern: str, codes: Iterable[str]) -> bool:
        return finding.code in codes and excluded(finding.primary.path, [pattern])

    def notices(self, deployments: Sequence[Deployment]) -> Iterator[Notice]:
        """What is said once: the versions nobody could tell, with how many rules could not run for them."""
        groups: Counter[tuple[str, int]] = Counter()
        for index, codes in self._skipped.items():
            deployment = deployments[index]
            label = deployment.label or (
                deployment.requirements.file.path if deployment.requirements else "the project"
            )
            reason = _why_unknown(deployment)
            groups[f"{label}: {reason}", len(codes)] += 1
        for text, count in groups:
            rules = "1 rule was" if count == 1 else f"{count} rules were"
            yield Notice(
                "airflow-version-unknown",
                f"{text}, so {rules} skipped. State it with --airflow-version or airflow-version in the settings.",
                None,
            )


def _why_unknown(deployment: Deployment) -> str:
    if deployment.target.airflow:
        return f"Airflow {deployment.target.airflow} is not in the catalogue"
    return "the Airflow version is not known from the repository"


def _where(subject: object, deployment: Deployment) -> Location:
    if isinstance(subject, Environment):
        return subject.location
    if deployment.requirements:
        return Location(deployment.requirements.file.path)
    return deployment.environment.location if deployment.environment else Location(".")


def _as_the_page_says(problem: Finding, rulebook: Rulebook) -> Finding:
    rule = rulebook.rule(problem.code)
    return replace(problem, name=rule.name, severity=rule.severity)


def _merged(findings: Iterable[Finding]) -> list[Finding]:
    """Findings that several environments share become one that names them all."""
    merged: dict[tuple[str, Location, str], Finding] = {}
    for finding in findings:
        key = (finding.code, replace(finding.primary, note=""), finding.message)
        first = merged.get(key)
        names = dict.fromkeys([*(first.environments if first else ()), *finding.environments])
        merged[key] = replace(first or finding, environments=tuple(names))
    return list(merged.values())


def _finished(findings: Iterable[Finding]) -> Iterator[Finding]:
    """In reading order, each with its fingerprint: the ordinal tells apart what is otherwise the same."""
    seen: Counter[tuple[str, str, str, str]] = Counter()
    for finding in sorted(findings, key=lambda f: (f.primary.path, f.primary.span, f.code, f.message)):
        key = (finding.code, finding.primary.path, finding.primary.symbol, finding.subject)
        yield replace(finding, fingerprint=fingerprint(finding, seen[key]))
        seen[key] += 1


def _sources(project: Project, findings: Iterable[Finding], deployments: Iterable[Deployment]) -> dict[str, SourceFile]:
    """The files a report or an ignore comment may speak of: those with findings and those the deployments are made
    of.
    """
    paths = {place.path for finding in findings for place in (finding.primary, *finding.related)}
    for deployment in deployments:
        if deployment.environment:
            paths.add(deployment.environment.location.path)
        if deployment.requirements:
            paths.add(deployment.requirements.file.path)
        paths |= {dbt.file.path for dbt in deployment.dbt_projects}
    return {path: file for path in sorted(paths) if (file := project.get(path))}
