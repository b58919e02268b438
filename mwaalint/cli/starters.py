"""What ``mwaalint init`` adds to a repository: the settings, a hook of pre-commit, a workflow of GitHub.

Each module-level function gives the new text of one file, or None where it cannot or need not be changed. Files that
people wrote are only added to; nothing in them is written anew.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mwaalint import __version__
from mwaalint.documents import yaml_nodes
from mwaalint.findings import Confidence
from mwaalint.model.values import known
from mwaalint.patterns import regex
from mwaalint.report._terminal import visible
from mwaalint.source import SourceFile, Span, UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mwaalint.model.deployment import Deployment

PROJECT = "https://github.com/mwaalint/mwaalint"
_WORKFLOW = Path(__file__).with_name("workflow.yml")
_HOOK = ("repo: " + PROJECT, f"rev: v{__version__}", "hooks:", "  - id: mwaalint")
_DASH = regex(r"(?P<indent> *)-(?P<gap> +)")


class Table(NamedTuple):
    """The names of the settings' tables: with ``tool.mwaalint`` in pyproject.toml, without in mwaalint.toml."""

    header: str
    environment: str


IN_PYPROJECT = Table("[tool.mwaalint]\n", "[[tool.mwaalint.environment]]")
OWN_FILE = Table("", "[[environment]]")


def settings(deployments: Sequence[Deployment], profile: str | None, table: Table) -> str:
    """A settings table that says in comments what was found, and how to state what was inferred from folders alone.

    Stating it is left to people: mwaalint takes a setting at its word, and would no longer say what looks wrong.
    """
    lines = [f"# {_found(deployment)}" for deployment in deployments] or [
        "# nothing related to MWAA was found here yet"
    ]
    if profile:
        lines.append(f"profile = {json.dumps(profile)}")
    if any(deployment.target.airflow is None for deployment in deployments):
        lines.append('# airflow-version = "2.10.3"  # the repository does not tell; state it and more rules run')
    guessed = [line for deployment in deployments for line in _stated(deployment, table)]
    return table.header + "".join(f"{line}\n" for line in [*lines, *guessed])


def _found(deployment: Deployment) -> str:
    target, file = deployment.target, deployment.requirements
    parts = [f"Airflow {target.airflow} {target.source}".rstrip() if target.airflow else "Airflow version unknown"]
    parts += [file.file.path] if file else []
    parts += [f"DAGs in {deployment.dags_folder or '.'}"] if deployment.dags_folder is not None else []
    label = deployment.label or "known by its folders"
    return visible(f"{label}: {', '.join(parts)}")


def _stated(deployment: Deployment, table: Table) -> Iterator[str]:
    evidence = deployment.requirements_evidence
    if deployment.requirements is None or evidence is None or evidence.confidence is Confidence.HIGH:
        return
    environment = deployment.environment
    yield ""
    yield f"# Inferred: {visible(evidence.reason)}. If that is right, state it:"
    yield f"# {table.environment}"
    if environment:
        yield f"# name = {json.dumps(known(environment.name, str) or environment.symbol)}"
    yield f"# requirements = {json.dumps(deployment.requirements.file.path)}"
    if deployment.dags_folder is not None:
        yield f"# dags = {json.dumps(deployment.dags_folder or '.')}"


def pyproject(file: SourceFile, table: str) -> str | None:
    """The text of a pyproject.toml with the table at its end; None where that would be no TOML."""
    import tomllib

    try:
        before = file.text
    except UnreadableFileError:
        return None
    gap = "" if not before else "\n" if before.endswith("\n") else "\n\n"
    after = before + (gap + table).replace("\n", file.newline)
    try:
        tomllib.loads(after)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None
    return after


def hooks() -> str:
    """A new .pre-commit-config.yaml."""
    return "repos:\n" + "".join(f"{line}\n" for line in _item("  ", " "))


def with_hook(file: SourceFile) -> str | None:
    """The text of a .pre-commit-config.yaml with the hook after the last one; None where that is not certain to be
    right.
    """
    try:
        items = _repos(file)
        last = _DASH.fullmatch(_before(file, items[-1])) if items else None
        if last is None:
            return None
        end = _end(file.text, len(file.slice(Span(len(file.mark), items[-1].span.end))))
        lines = "".join(f"{line}\n" for line in _item(last["indent"], last["gap"])).replace("\n", file.newline)
        head, rest = file.text[:end], file.text[end:]
        after = head + ("" if head.endswith("\n") else file.newline) + lines + rest
        made = SourceFile(file.path, file.absolute, after.encode(file.encoding))
        return after if len(_repos(made)) == len(items) + 1 else None
    except (yaml_nodes.YamlError, UnreadableFileError):
        return None


def _repos(file: SourceFile) -> Sequence[yaml_nodes.Node]:
    roots = yaml_nodes.read(file)
    repos = roots[0].get("repos") if len(roots) == 1 and isinstance(roots[0], yaml_nodes.Mapping) else None
    return repos.items if isinstance(repos, yaml_nodes.Sequence) else ()


def _before(file: SourceFile, node: yaml_nodes.Node) -> str:
    """What stands before a node on its line."""
    place = file.position(node.span.start)
    return file.line_text(place.line)[: place.column - 1]


def _end(text: str, end: int) -> int:
    """Where the lines of a list end that itself ends at a character: a comment on its last line belongs to it, blank
    lines and the comments after them to what follows.
    """
    if not text[:end].endswith("\n"):
        end = text.find("\n", end) + 1 or len(text)
    lines = text[:end].splitlines(keepends=True)
    while lines and (not lines[-1].strip() or lines[-1].startswith("#")):
        lines.pop()
    return sum(map(len, lines))


def _item(indent: str, gap: str) -> Iterator[str]:
    first, *rest = _HOOK
    yield f"{indent}-{gap}{first}"
    yield from (f"{indent} {gap}{line}" for line in rest)


def workflow(branch: str) -> str:
    """A new workflow of GitHub Actions, run on pushes to a branch and on pull requests."""
    text = _WORKFLOW.read_text(encoding="utf-8").partition("\n")[2]
    return text.replace(
        "branches: [main]", f"branches: [{json.dumps(branch)}]" if branch != "main" else "branches: [main]"
    )
