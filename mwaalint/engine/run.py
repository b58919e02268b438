"""One run over one project: discover, read, resolve, check, suppress, sort."""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from mwaalint import __version__
from mwaalint.checks._api import Check, Context
from mwaalint.config import Config, ConfigError
from mwaalint.discover import Role, excluded
from mwaalint.engine.baseline import load
from mwaalint.engine.files import sources_of, unread
from mwaalint.engine.known import remembered, told_apart
from mwaalint.engine.merge import finished, in_reading_order, merged
from mwaalint.engine.notices import of_files, of_settings, of_the_baseline, of_the_past, of_versions
from mwaalint.engine.registry import checks_for, suits
from mwaalint.engine.result import Accepted, RunResult, Since
from mwaalint.engine.subjects import evidence_of, place_of, startup_script
from mwaalint.engine.suppress import read_comments, suppress, useless
from mwaalint.findings import Confidence, Finding, Location, Suppression, check_crashed, not_analysed
from mwaalint.model.deployed_code import DeployedCode
from mwaalint.model.previous import with_previous
from mwaalint.model.resolve import Stated, resolve
from mwaalint.past import project_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date

    from mwaalint.catalog import Catalog
    from mwaalint.discover import Project
    from mwaalint.engine.baseline import Baseline
    from mwaalint.engine.cache import Cache
    from mwaalint.engine.code_run import Analyse
    from mwaalint.engine.suppress import IgnoreComment
    from mwaalint.model.deployment import Deployment
    from mwaalint.rulebook import Rulebook
    from mwaalint.source import SourceFile


def run(
    project: Project,
    config: Config,
    *,
    catalog: Catalog,
    rulebook: Rulebook,
    today: date,
    only: Sequence[str] = (),
    since: str | None = None,
    jobs: int = 1,
    cache: Cache | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> RunResult:
    """Checks a project of which nothing was read yet.

    ``only`` limits what is reported to findings at these paths (relative to the root), be it as a related place or
    because a fix changes them; everything is read all the same. With ``since``, a commit, what is found in the project
    as it was then is left out. ``jobs`` processes check DAG and plugin code; what is found is the same for any number,
    and with a ``cache`` that has results of single files. Raises PastError.
    """
    root = project.root
    _stated_files_exist(config, project)
    baseline = load(root, config)
    with ExitStack() as stack:
        progress(f"reading the state at {since}" if since is not None else f"reading {len(project.files)} files")
        past = stack.enter_context(project_at(root, since, config.exclude, config.base)) if since is not None else None
        before = _state(_Runner(past, config, catalog, rulebook, today, None, jobs, cache)) if past else None
        runner = _Runner(project, config, catalog, rulebook, today, past, jobs, cache, progress)
        now = _state(runner, before.deployments if before else (), progress)
    introduced = _since_then(now.kept, before, project) if before else now.kept
    used = _accepted(now.kept, baseline, runner) if baseline else None
    accepted = {finding.fingerprint for finding in used.findings} if used else set()
    new = [finding for finding in introduced if finding.fingerprint not in accepted]
    silent = in_reading_order([*now.suppressed, *(used.findings if used else ())])
    return RunResult(
        root=root,
        findings=tuple(finding for finding in new if _concerns(finding, only)),
        suppressed=tuple(finding for finding in silent if _concerns(finding, only)),
        sources=now.sources,
        deployments=now.deployments,
        notices=(
            *of_files(project, only),
            *(of_the_past(past, str(since), crashed=before.crashed) if past and before else ()),
            *(of_the_baseline(used) if used and not only else ()),
            *of_settings(config.environments, now.deployments),
            *of_versions(now.deployments, runner.skipped),
        ),
        crashed=now.crashed,
        rulebook=rulebook,
        version=__version__,
        files_analysed=sum(file.was_read for file in project.files.values()),
        since=Since(since, len(now.kept) - len(accepted) - len(new)) if since is not None else None,
        baseline=used,
        today=today,
        ran=frozenset(runner.ran),
        unfinished=frozenset(runner.failed),
    )


class _State(NamedTuple):
    """What one state of the project comes to."""

    deployments: tuple[Deployment, ...]
    kept: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]
    sources: dict[str, SourceFile]
    crashed: bool


def _state(
    runner: _Runner, past: Sequence[Deployment] = (), progress: Callable[[str], None] = lambda _: None
) -> _State:
    project, config = runner.project, runner.config
    resolution = resolve(project, runner.catalog, airflow_version=config.airflow_version, stated=_stated(config))
    deployments = with_previous(resolution.deployments, past) if past else resolution.deployments
    progress("checking")
    with runner.kept_work():
        findings = runner.findings(deployments)
    problems = [*resolution.problems, *(not_analysed(skipped.path, skipped.reason) for skipped in project.skipped)]
    told = {finding.primary.path for finding in (*problems, *findings) if finding.code == "MW001"}
    problems += unread(project, deployments, told)
    findings += [runner.configured(_as_the_page_says(problem, runner.rulebook)) for problem in problems]
    findings = [finding for finding in findings if finding.code not in config.ignore]
    sources = sources_of(project, findings, deployments, runner.commented)
    every = list(finished(runner.suppressed(findings, sources)))
    crashed = runner.crashed or any(problem.code == "MW002" for problem in problems)
    kept, suppressed = (tuple(one for one in every if bool(one.suppression) is silent) for silent in (False, True))
    return _State(deployments, kept, suppressed, sources, crashed)


def _stated_files_exist(config: Config, project: Project) -> None:
    for one in config.environments:
        if one.requirements is not None and project.get(one.requirements) is None:
            raise ConfigError(f"environment.requirements: {one.requirements!r} is no file of the project")
        if one.dags is not None and not project.has_folder(one.dags):
            raise ConfigError(f"environment.dags: {one.dags!r} is no folder of the project")


def _since_then(findings: Sequence[Finding], before: _State, project: Project) -> list[Finding]:
    """The findings that are new. A crash is never old news: what it hides, nobody knows."""
    entries = [remembered(finding) for finding in before.kept if finding.code != "MW002"]
    return told_apart(findings, entries, lambda path: path in project.files).new


def _accepted(findings: Sequence[Finding], baseline: Baseline, runner: _Runner) -> Accepted:
    """The findings that the baseline has, silenced; no crash, which may hide any number of others.

    An entry is stale where its rule could have found it and did not.
    """
    sorted_out = baseline.sorts([one for one in findings if one.code != "MW002"], runner.project.files.__contains__)
    reason = Suppression("external", f"in the baseline {baseline.name}")
    known = tuple(replace(one, suppression=reason) for one in sorted_out.known)
    able = [entry for entry in sorted_out.gone if runner.config.selects(entry.code) and entry.code not in runner.failed]
    return Accepted(baseline.name, known, tuple(able))


def _concerns(finding: Finding, only: Sequence[str]) -> bool:
    # A crash says that the answer for these files is not complete, wherever it happened.
    if not only or finding.code == "MW002":
        return True
    places = {place.path for place in (finding.primary, *finding.related)}
    places |= {change.path for fix in finding.fixes for change in fix.changes}
    return not places.isdisjoint(only)


def _stated(config: Config) -> list[Stated]:
    """What is said of one environment by its name goes before what is said of all."""
    stated = [Stated(one.name, one.airflow_version, one.requirements, one.dags) for one in config.environments]
    return sorted(stated, key=lambda one: not one.name)


class _Runner:
    """Runs the checks over the deployments and remembers what crashed and what was skipped."""

    def __init__(
        self,
        project: Project,
        config: Config,
        catalog: Catalog,
        rulebook: Rulebook,
        today: date,
        past: Project | None,
        jobs: int,
        cache: Cache | None,
        progress: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.project = project
        self.config = config
        self.catalog = catalog
        self.rulebook = rulebook
        self.today = today
        self.past = past
        self.jobs = jobs
        self.cache = cache
        self.progress = progress
        self.crashed = False
        self.commented: set[str] = set()
        self.ran: set[str] = set()
        # Rules that could not do their whole work somewhere: what they would have found there, nobody knows.
        self.failed: set[str] = set()
        self.skipped: dict[int, list[str]] = {}

    def kept_work(self) -> AbstractContextManager[None]:
        """Spares Python files that are only read for the size of an environment from being read again."""
        if self.cache is None or not self.project.with_role(Role.PYTHON):
            return nullcontext()
        from mwaalint.engine.work_cache import kept_work

        return kept_work(self.cache, self.project)

    def findings(self, deployments: Sequence[Deployment]) -> list[Finding]:
        checks = [check for check in checks_for(deployments) if self.config.selects(check.code)]
        of_files = [check for check in checks if not isinstance(check.subject, type)]
        checks = [check for check in checks if isinstance(check.subject, type)]
        found, code = self._code(of_files, deployments)
        for index, deployment in enumerate(deployments):
            subjects = [*self._subjects(deployment), *code.get(index, ())]
            found += [(index, subject) for subject in subjects if isinstance(subject, Finding)]
            known = self._version_known(deployment)
            for check in checks:
                assert isinstance(check.subject, type)
                mine = [subject for subject in subjects if isinstance(subject, check.subject)]
                if mine and not known:
                    self.failed.add(check.code)
                if not suits(deployment.target.airflow or "", check.airflow) and known:
                    continue
                if mine and check.needs_version and not known:
                    self.skipped.setdefault(index, []).append(check.code)
                elif mine:
                    self.ran.add(check.code)
                    found += [(index, each) for subject in mine for each in self._checked(check, subject, deployment)]
        return merged(found, deployments, {index: set(each.files) for index, (each,) in code.items()})

    def _code(
        self, checks: Sequence[Check], deployments: Sequence[Deployment]
    ) -> tuple[list[tuple[int, Finding]], dict[int, list[DeployedCode]]]:
        """What the checks of DAG and plugin code find, and this code as a subject for others, by deployment."""
        if not self.project.with_role(Role.PYTHON) or not deployments:
            return [], {}
        from mwaalint.engine.code import Rules
        from mwaalint.engine.code_run import check_code

        options = self.config.rule_options
        rules = Rules(checks, self.catalog, self.rulebook, self.today, options)
        result = check_code(
            deployments,
            self.project,
            rules,
            lambda index: self._running(checks, index, deployments[index]),
            self._analyse(),
        )
        self.failed |= result.crashed
        self.commented |= result.commented
        found = []
        for index, finding in result.findings:
            if finding.code == "MW002":
                self.crashed = True
                finding = _as_the_page_says(finding, self.rulebook)
            found.append((index, self.configured(finding)))
        return found, {index: [code] for index, code in result.code.items()}

    def _analyse(self) -> Analyse:
        """What checks files: one process or several, and only those whose results are not in the cache."""
        from mwaalint.engine.counted import Counted
        from mwaalint.engine.pool import Pooled

        analyse = Counted(Pooled(self.jobs), self.progress)
        if self.cache is None:
            return analyse
        from mwaalint.engine.code_cache import KeptCode

        return KeptCode(self.cache, analyse, self.project.files.__contains__)

    def _running(self, checks: Sequence[Check], index: int, deployment: Deployment) -> frozenset[str]:
        """The checks of code that run for a deployment, and the note which of them cannot."""
        known = self._version_known(deployment)
        skipped = [check.code for check in checks if check.needs_version and not known]
        if skipped:
            self.skipped.setdefault(index, []).extend(skipped)
        if not known:
            self.failed |= {check.code for check in checks}
        version = deployment.target.airflow or ""
        running = {check.code for check in checks if check.code not in skipped and suits(version, check.airflow)}
        self.ran |= running
        return frozenset(running)

    def _subjects(self, deployment: Deployment) -> list[object]:
        """What there is to check; in place of an install plan that could not be made, the finding that says so."""
        subjects: list[object] = [deployment, *deployment.dbt_projects]
        subjects += [subject for subject in (deployment.steps, deployment.local) if subject]
        if deployment.environment:
            subjects.append(deployment.environment)
        if deployment.startup_script:
            subjects += self._startup(deployment, deployment.startup_script)
        if deployment.requirements:
            from mwaalint.model.install import InstallPlan, plan_install

            try:
                subjects.append(
                    plan_install(
                        deployment.requirements,
                        project=self.project,
                        catalog=self.catalog,
                        target=deployment.target,
                        dags_folder=deployment.dags_folder,
                    )
                )
            except Exception as error:  # noqa: BLE001 - see _checked
                self.failed |= {check.code for check in checks_for([deployment]) if check.subject is InstallPlan}
                subjects.append(
                    self._crash("all rules on what pip installs", error, Location(deployment.requirements.file.path))
                )
        return subjects

    def _startup(self, deployment: Deployment, file: SourceFile) -> list[object]:
        try:
            found = list(startup_script(deployment, self.catalog))
        except Exception as error:  # noqa: BLE001 - see _checked
            return [self._crash("all rules on the startup script", error, Location(file.path))]
        said = (_as_the_page_says(one, self.rulebook) if isinstance(one, Finding) else one for one in found)
        return [self.configured(one) if isinstance(one, Finding) else one for one in said]

    def _version_known(self, deployment: Deployment) -> bool:
        return deployment.target.airflow is not None and self.catalog.pins(deployment.target.airflow) is not None

    def _checked(self, check: Check, subject: object, deployment: Deployment) -> Iterator[Finding]:
        context = self._context(check, subject, deployment)
        try:
            yield from [self.configured(finding) for finding in check.function(subject, context)]
        except Exception as error:  # noqa: BLE001 - one broken check must not hide what the others find
            self.failed.add(check.code)
            yield self._crash(check.code, error, place_of(subject, deployment))

    def _crash(self, what: str, error: Exception, where: Location) -> Finding:
        self.crashed = True
        return self.configured(_as_the_page_says(check_crashed(what, error, where), self.rulebook))

    def _context(self, check: Check, subject: object, deployment: Deployment) -> Context:
        stated = self.config.rule_options.get(check.code, {})
        cap = deployment.target.confidence if check.needs_version else Confidence.HIGH
        if evidence := evidence_of(subject, deployment):
            cap = min(cap, evidence.confidence)
        if isinstance(subject, DeployedCode):
            cap = min(cap, subject.confidence)
        return Context(
            code=check.code,
            rulebook=self.rulebook,
            catalog=self.catalog,
            day=lambda: self.today,
            stated=stated,
            label=deployment.label,
            cap=cap,
            project=self.project,
            deployment=deployment,
            past=self.past,
        )

    def configured(self, finding: Finding) -> Finding:
        """The finding with the severity that the settings give its rule."""
        severity = self.config.severity.get(finding.code)
        return replace(finding, severity=severity) if severity else finding

    def suppressed(self, findings: Sequence[Finding], sources: dict[str, SourceFile]) -> list[Finding]:
        """The findings and those about ignore comments, each silenced one with what silences it."""
        comments = read_comments(sources.values(), self.rulebook) if self.config.inline_ignores else {}
        kept, silenced = suppress(findings, comments, sources)
        if self.config.selects("MW003"):
            kept += [
                self._useless(*problem)
                for problem in useless(comments, self.ran - self.failed, require_reason=self.config.require_reason)
            ]
        return [*silenced, *map(self._ignored_by_path, kept)]

    def _useless(self, comment: IgnoreComment, key: str, word: str) -> Finding:
        rule = self.rulebook.rule("MW003")
        message = rule.messages[key]
        text = message.template.format(rule=word)
        return self.configured(Finding("MW003", rule.name, text, comment.location, message.severity, subject=word))

    def _ignored_by_path(self, finding: Finding) -> Finding:
        ignores = self.config.per_file_ignores.items()
        pattern = next((pattern for pattern, codes in ignores if self._ignores(finding, pattern, codes)), None)
        reason = f"per-file-ignores: {pattern}"
        return finding if pattern is None else replace(finding, suppression=Suppression("external", reason))

    def _ignores(self, finding: Finding, pattern: str, codes: Iterable[str]) -> bool:
        return finding.code in codes and excluded(self.config.base + finding.primary.path, [pattern])


def _as_the_page_says(problem: Finding, rulebook: Rulebook) -> Finding:
    rule = rulebook.rule(problem.code)
    text = rule.messages["default"].template
    message = text.format_map(problem.args) if problem.args else problem.message
    return replace(problem, name=rule.name, severity=rule.severity, message=message)
