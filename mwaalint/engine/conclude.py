"""From what the checks found to the result of a run: said once, silenced, sorted, compared with what was known."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from mwaalint import __version__
from mwaalint.discover import excluded
from mwaalint.engine.known import remembered, told_apart
from mwaalint.engine.merge import finished, in_reading_order, merged
from mwaalint.engine.notices import of_files, of_the_baseline, of_the_past
from mwaalint.engine.result import Accepted, Described, Notice, RunResult, Since
from mwaalint.engine.suppress import read_comments, suppress, useless
from mwaalint.findings import Finding, Suppression

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from mwaalint.config import Config
    from mwaalint.discover import Project
    from mwaalint.engine.baseline import Baseline
    from mwaalint.engine.suppress import IgnoreComment
    from mwaalint.model.deployment import Deployment
    from mwaalint.rulebook import Rulebook
    from mwaalint.source import SourceFile


class Gathered(NamedTuple):
    """What the checks of one state of a project came to.

    ``found`` are findings with the index of their deployment, ``of_files`` those of each file of DAG and plugin code;
    ``problems`` are of no deployment. ``contested`` are the files that environments on different versions of Airflow
    use, with these. ``sources`` are what reports may quote beside the files with findings, ``commented`` the code that
    may hold ignore comments, ``uncommented`` the code with findings that holds none; ``ran`` the rules that had
    something to look at, ``failed`` those that could not look at all of it.
    """

    found: tuple[tuple[int, Finding], ...]
    of_files: Mapping[str, tuple[tuple[int, Finding], ...]]
    problems: tuple[Finding, ...]
    contested: Mapping[str, frozenset[int]]
    sources: frozenset[str]
    commented: frozenset[str]
    uncommented: frozenset[str]
    ran: frozenset[str]
    failed: frozenset[str]
    notices: tuple[Notice, ...]
    described: tuple[Described, ...]
    files_analysed: int
    crashed: bool = False


class State(NamedTuple):
    """One state of a project: its findings, those that something silences, and the files that reports may quote."""

    project: Project
    gathered: Gathered
    kept: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]
    sources: dict[str, SourceFile]


def settled(gathered: Gathered, project: Project, config: Config, rulebook: Rulebook) -> State:
    """What was found, said once and in order, apart from what ignore comments and settings silence."""
    of_files = [one for findings in gathered.of_files.values() for one in findings]
    findings = merged([*of_files, *gathered.found], gathered.contested)
    findings = [one for one in (*findings, *gathered.problems) if one.code not in config.ignore]
    sources = _sources(project, findings, gathered)
    ran = gathered.ran - gathered.failed
    commented = [file for path, file in sources.items() if path not in gathered.uncommented]
    every = list(finished(_Silencer(config, rulebook).told(findings, sources, commented, ran)))
    kept, suppressed = (tuple(one for one in every if bool(one.suppression) is silent) for silent in (False, True))
    return State(project, gathered, kept, suppressed, sources)


def concluded(
    now: State,
    config: Config,
    rulebook: Rulebook,
    today: date,
    baseline: Baseline | None,
    only: Sequence[str],
    *,
    since: str | None = None,
    before: State | None = None,
    deployments: tuple[Deployment, ...] | None = None,
) -> RunResult:
    """The result of a run. Without ``deployments`` it is remembered."""
    project, gathered = now.project, now.gathered
    introduced = _since_then(now.kept, before, project) if before else now.kept
    used = _accepted(now, baseline, config) if baseline else None
    accepted = {finding.fingerprint for finding in used.findings} if used else set()
    new = [finding for finding in introduced if finding.fingerprint not in accepted]
    silent = in_reading_order([*now.suppressed, *(used.findings if used else ())])
    return RunResult(
        root=project.root,
        findings=tuple(finding for finding in new if _concerns(finding, only)),
        suppressed=tuple(finding for finding in silent if _concerns(finding, only)),
        sources=now.sources,
        deployments=deployments or (),
        notices=(
            *of_files(project, only),
            *(of_the_past(before.project, str(since), crashed=before.gathered.crashed) if before else ()),
            *(of_the_baseline(used) if used and not only else ()),
            *gathered.notices,
        ),
        crashed=gathered.crashed,
        rulebook=rulebook,
        version=__version__,
        files_analysed=gathered.files_analysed,
        since=Since(since, len(now.kept) - len(accepted) - len(new)) if since is not None else None,
        baseline=used,
        today=today,
        ran=gathered.ran,
        unfinished=gathered.failed,
        remembered=gathered.described if deployments is None else None,
    )


def configured(finding: Finding, config: Config) -> Finding:
    """The finding with the severity that the settings give its rule."""
    severity = config.severity.get(finding.code)
    return replace(finding, severity=severity) if severity else finding


def _sources(project: Project, findings: Iterable[Finding], gathered: Gathered) -> dict[str, SourceFile]:
    """The files a report, a fix or an ignore comment may speak of."""
    paths = gathered.sources.union(gathered.commented, *(finding.paths for finding in findings))
    return {path: file for path in sorted(paths) if (file := project.get(path))}


def _since_then(findings: Sequence[Finding], before: State, project: Project) -> Sequence[Finding]:
    """The findings that are new. A crash is never old news: what it hides, nobody knows."""
    entries = [remembered(finding) for finding in before.kept if finding.code != "MW002"]
    return told_apart(findings, entries, lambda path: path in project.files).new


def _accepted(now: State, baseline: Baseline, config: Config) -> Accepted:
    """The findings that the baseline has, silenced; no crash, which may hide any number of others.

    An entry is stale where its rule could have found it and did not.
    """
    sorted_out = baseline.sorts([one for one in now.kept if one.code != "MW002"], now.project.files.__contains__)
    reason = Suppression("external", f"in the baseline {baseline.name}")
    known = tuple(replace(one, suppression=reason) for one in sorted_out.known)
    failed = now.gathered.failed
    able = [entry for entry in sorted_out.gone if config.selects(entry.code) and entry.code not in failed]
    return Accepted(baseline.name, known, tuple(able))


def _concerns(finding: Finding, only: Sequence[str]) -> bool:
    # A crash says that the answer for these files is not complete, wherever it happened.
    return not only or finding.code == "MW002" or not finding.paths.isdisjoint(only)


class _Silencer(NamedTuple):
    """Ignore comments and settings that silence findings."""

    config: Config
    rulebook: Rulebook

    def told(
        self,
        findings: Iterable[Finding],
        sources: Mapping[str, SourceFile],
        commented: Iterable[SourceFile],
        ran: Iterable[str],
    ) -> Iterable[Finding]:
        """The findings and those about ignore comments, each silenced one with what silences it."""
        comments = read_comments(commented, self.rulebook) if self.config.inline_ignores else {}
        kept, silenced = suppress(findings, comments, sources)
        if self.config.selects("MW003"):
            problems = useless(comments, ran, require_reason=self.config.require_reason)
            kept += [self._useless(*problem) for problem in problems]
        return [*silenced, *map(self._ignored_by_path, kept)]

    def _useless(self, comment: IgnoreComment, key: str, word: str) -> Finding:
        rule = self.rulebook.rule("MW003")
        message = rule.messages[key]
        text = message.template.format(rule=word)
        finding = Finding("MW003", rule.name, text, comment.location, message.severity, subject=word)
        return configured(finding, self.config)

    def _ignored_by_path(self, finding: Finding) -> Finding:
        ignores = self.config.per_file_ignores.items()
        pattern = next((pattern for pattern, codes in ignores if self._ignores(finding, pattern, codes)), None)
        reason = f"per-file-ignores: {pattern}"
        return finding if pattern is None else replace(finding, suppression=Suppression("external", reason))

    def _ignores(self, finding: Finding, pattern: str, codes: Iterable[str]) -> bool:
        return finding.code in codes and excluded(self.config.base + finding.primary.path, [pattern])
