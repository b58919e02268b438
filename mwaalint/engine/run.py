"""One run over one project: discover, read, resolve, check, suppress, sort."""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

from mwaalint.checks._api import Check, Context
from mwaalint.config import Config, ConfigError
from mwaalint.discover import Role
from mwaalint.engine.baseline import load
from mwaalint.engine.conclude import Gathered, State, concluded, configured, settled
from mwaalint.engine.files import sources_of, unread
from mwaalint.engine.merge import contested
from mwaalint.engine.notices import of_settings, of_versions
from mwaalint.engine.registry import checks_for, suits
from mwaalint.engine.result import RunResult, described
from mwaalint.engine.subjects import evidence_of, place_of, startup_script
from mwaalint.findings import Confidence, Finding, Location, check_crashed, not_analysed
from mwaalint.model.deployed_code import DeployedCode
from mwaalint.model.previous import with_previous
from mwaalint.model.resolve import Stated, resolve
from mwaalint.past import project_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date

    from mwaalint.catalog import Catalog
    from mwaalint.discover import Project
    from mwaalint.engine.cache import Cache
    from mwaalint.engine.code_run import Analyse, CodeResult
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
    keep: Callable[[Gathered, CodeResult | None], None] = lambda *_: None,
    progress: Callable[[str], None] = lambda _: None,
) -> RunResult:
    """Checks a project of which nothing was read yet.

    ``only`` limits what is reported to findings at these paths (relative to the root), be it as a related place or
    because a fix changes them; everything is read all the same. With ``since``, a commit, what is found in the project
    as it was then is left out. ``jobs`` processes check DAG and plugin code; what is found is the same for any number,
    and with a ``cache`` that has results of single files. ``keep`` is told what the checks came to. Raises PastError.
    """
    root = project.root
    _stated_files_exist(config, project)
    baseline = load(root, config)
    before: State | None = None
    past_deployments: tuple[Deployment, ...] = ()
    with ExitStack() as stack:
        progress(f"reading the state at {since}" if since is not None else f"reading {len(project.files)} files")
        past = stack.enter_context(project_at(root, since, config.exclude, config.base)) if since is not None else None
        if past is not None:
            before, past_deployments = _state(_Runner(past, config, catalog, rulebook, today, None, jobs, cache))
        runner = _Runner(project, config, catalog, rulebook, today, past, jobs, cache, progress)
        now, deployments = _state(runner, past_deployments, keep)
    return concluded(now, config, rulebook, today, baseline, only, since=since, before=before, deployments=deployments)


def _state(
    runner: _Runner,
    past: Sequence[Deployment] = (),
    keep: Callable[[Gathered, CodeResult | None], None] = lambda *_: None,
) -> tuple[State, tuple[Deployment, ...]]:
    """What one state of the project comes to, and its deployments."""
    project, config = runner.project, runner.config
    resolution = resolve(project, runner.catalog, airflow_version=config.airflow_version, stated=_stated(config))
    deployments = with_previous(resolution.deployments, past) if past else resolution.deployments
    runner.progress("checking")
    with runner.kept_work():
        found, of_files, contested_files = runner.findings(deployments)
    problems = [*resolution.problems, *(not_analysed(skipped.path, skipped.reason) for skipped in project.skipped)]
    every = (*problems, *(one for _, one in found), *(one for group in of_files.values() for _, one in group))
    problems += unread(project, deployments, {one.primary.path for one in every if one.code == "MW001"})
    gathered = Gathered(
        found=tuple(found),
        of_files=of_files,
        problems=tuple(runner.configured(_as_the_page_says(problem, runner.rulebook)) for problem in problems),
        contested=contested_files,
        sources=sources_of(project, deployments),
        commented=frozenset(runner.commented),
        uncommented=frozenset(runner.uncommented.intersection(path for one in every for path in one.paths)),
        ran=frozenset(runner.ran),
        failed=frozenset(runner.failed),
        notices=(*of_settings(config.environments, deployments), *of_versions(deployments, runner.skipped)),
        described=tuple(map(described, deployments)),
        files_analysed=sum(file.was_read for file in project.files.values()),
        crashed=runner.crashed or any(problem.code == "MW002" for problem in problems),
    )
    # Before anybody reads files for what is made of it.
    keep(gathered, runner.code)
    return settled(gathered, project, config, runner.rulebook), deployments


def _stated_files_exist(config: Config, project: Project) -> None:
    for one in config.environments:
        if one.requirements is not None and project.get(one.requirements) is None:
            raise ConfigError(f"environment.requirements: {one.requirements!r} is not a file of the project")
        if one.dags is not None and not project.has_folder(one.dags):
            raise ConfigError(f"environment.dags: {one.dags!r} is not a folder of the project")


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
        self.uncommented: set[str] = set()
        self.code: CodeResult | None = None
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

    def findings(
        self, deployments: Sequence[Deployment]
    ) -> tuple[list[tuple[int, Finding]], Mapping[str, tuple[tuple[int, Finding], ...]], dict[str, frozenset[int]]]:
        """What is found for the deployments, what in each file of code, and the files they want to differ."""
        checks = [check for check in checks_for(deployments) if self.config.selects(check.code)]
        of_files = [check for check in checks if not isinstance(check.subject, type)]
        checks = [check for check in checks if isinstance(check.subject, type)]
        found: list[tuple[int, Finding]] = []
        found_in_files, code = self._code(of_files, deployments)
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
        files = {index: each.files.keys() for index, (each,) in code.items()}
        return found, found_in_files, contested(deployments, files)

    def _code(
        self, checks: Sequence[Check], deployments: Sequence[Deployment]
    ) -> tuple[dict[str, tuple[tuple[int, Finding], ...]], dict[int, list[DeployedCode]]]:
        """What the checks of DAG and plugin code find by file, and this code as a subject for others, by deployment."""
        if not self.project.with_role(Role.PYTHON) or not deployments:
            return {}, {}
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
        self.code = result
        self.failed |= result.crashed
        self.commented |= result.commented
        self.uncommented |= result.uncommented
        found = {
            path: tuple((index, self._of_file(finding)) for index, finding in findings)
            for path, findings in result.findings.items()
        }
        return found, {index: [code] for index, code in result.code.items()}

    def _of_file(self, finding: Finding) -> Finding:
        if finding.code == "MW002":
            self.crashed = True
            finding = _as_the_page_says(finding, self.rulebook)
        return self.configured(finding)

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
        return configured(finding, self.config)


def _as_the_page_says(problem: Finding, rulebook: Rulebook) -> Finding:
    rule = rulebook.rule(problem.code)
    text = rule.messages["default"].template
    message = text.format_map(problem.args) if problem.args else problem.message
    return replace(problem, name=rule.name, severity=rule.severity, message=message)
