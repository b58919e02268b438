"""What is said once a run rather than at a place."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from mwaalint.engine.result import Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mwaalint.config import StatedEnvironment
    from mwaalint.discover import Project
    from mwaalint.engine.result import Accepted
    from mwaalint.model.deployment import Deployment


def of_files(project: Project, only: Sequence[str]) -> Iterator[Notice]:
    """What git did not tell, and files that were asked for and are not read."""
    for note in project.notes:
        yield Notice("files-not-listed", f"{note}.")
    skipped = {skipped.path for skipped in project.skipped}
    for path in only:
        if path not in project.files and path not in skipped:
            yield Notice("file-not-checked", "git ignores this file or the settings exclude it.", path)


def of_the_past(past: Project, ref: str, *, crashed: bool) -> Iterator[Notice]:
    """Why findings of the past may be missing, so that those of today look new."""
    reasons = [*past.notes, *(["a check failed there (MW002)"] if crashed else [])]
    lost = [file for file in past.files.values() if file.problem]
    if lost:
        reasons.append(f"{lost[0].path} could not be read there ({lost[0].problem})")
    for reason in reasons:
        yield Notice("past-incomplete", f"{ref}: {reason}, so older findings may be reported as new.")


def of_the_baseline(used: Accepted) -> Iterator[Notice]:
    """Entries of the baseline that nothing answers to any more."""
    if used.stale:
        count = len(used.stale)
        what = "1 finding in the baseline has" if count == 1 else f"{count} findings in the baseline have"
        first = f"{used.stale[0].code} in {used.stale[0].path}"
        yield Notice(
            "baseline-stale",
            f"{what} been fixed ({first}{', …' * (count > 1)}); mwaalint baseline --prune drops them.",
            used.name,
        )


def of_settings(stated: Iterable[StatedEnvironment], deployments: Sequence[Deployment]) -> Iterator[Notice]:
    """Environments that only the settings know."""
    if not stated:
        return
    from mwaalint.model.values import known

    declared = [deployment.environment for deployment in deployments if deployment.environment]
    called = {name for one in declared for name in (one.symbol, known(one.name, str))}
    for name in (one.name for one in stated if one.name):
        if declared and name not in called:
            others = _listed(one.label for one in declared)
            yield Notice(
                "environment-not-declared",
                f"the settings refer to an environment {name!r}, but none has that name; declared: {others}.",
            )


def of_versions(deployments: Sequence[Deployment], skipped: Mapping[int, Iterable[str]]) -> Iterator[Notice]:
    """The versions nobody could tell, with how many rules could not run for them: ``skipped`` has their codes, by the
    index of the deployment.
    """
    labels: dict[str, list[str]] = defaultdict(list)
    rules: dict[str, set[str]] = defaultdict(set)
    for index, codes in skipped.items():
        reason = _why_unknown(deployments[index])
        labels[reason].append(_called(deployments[index]))
        rules[reason].update(codes)
    for reason, names in labels.items():
        count = "1 rule was" if len(rules[reason]) == 1 else f"{len(rules[reason])} rules were"
        yield Notice(
            "airflow-version-unknown",
            f"{_listed(names)}: {reason}, so {count} skipped. "
            "Set it with --airflow-version or airflow-version in the settings.",
        )


def _why_unknown(deployment: Deployment) -> str:
    if deployment.target.airflow:
        return f"Airflow {deployment.target.airflow} is not in the catalog"
    return "the Airflow version cannot be determined from the repository"


def _called(deployment: Deployment) -> str:
    return deployment.label or (deployment.requirements.file.path if deployment.requirements else "the project")


def _listed(names: Iterable[str]) -> str:
    """At most three of the names; the rest as a number."""
    different = list(dict.fromkeys(names))
    more = [f"{len(different) - 3} more"] if len(different) > 3 else []
    *first, last = different[:3] + more
    return f"{', '.join(first)} and {last}" if first else last
