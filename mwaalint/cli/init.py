"""What ``mwaalint init`` does: it looks, shows what it would add, and adds it when it may."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from difflib import unified_diff
from io import StringIO
from typing import TYPE_CHECKING

import click

from mwaalint import api, atomic, git, rulebook
from mwaalint import config as settings
from mwaalint.cli import starters
from mwaalint.cli.checking import wrong_usage
from mwaalint.cli.console import plain
from mwaalint.cli.output import Progress
from mwaalint.discover import repository_of
from mwaalint.source import SourceFile, UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from mwaalint.engine.result import RunResult
    from mwaalint.model.deployment import Deployment

HOOKS, WORKFLOWS, GITLAB = ".pre-commit-config.yaml", ".github/workflows", ".gitlab-ci.yml"


@dataclass(slots=True)
class Plan:
    """The files to write, each with its old bytes (None for a new one) and its new ones; what is said of others."""

    root: Path
    files: dict[str, tuple[bytes | None, bytes]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def add(self, path: str, text: str) -> None:
        """A new file. One that is there stays as it is."""
        if (self.root / path).exists() or (self.root / path).is_symlink():
            self.remarks.append(f"{path} already exists and stays as it is")
        else:
            self.files[path] = (None, text.encode())

    def extend(self, file: SourceFile, text: str | None, otherwise: str) -> bool:
        """A file with something added to it; False, and a remark, where that is not possible."""
        if text is None or file.absolute.is_symlink():
            self.remarks.append(f"{file.path} {otherwise}")
            return False
        self.files[file.path] = (file.data, file.mark + text.encode(file.encoding))
        return True


def init(root: Path, *, yes: bool, profile: str | None) -> int:
    """Proposes the files, writes them when asked to, and gives the exit code. Raises click.UsageError."""
    top = repository_of(root.resolve())
    if top is not None and top != root.resolve():
        raise click.UsageError(f"hooks and workflows belong at the top of the repository; run mwaalint init {top}")
    with wrong_usage(), Progress() as progress:
        pages = rulebook.shipped()
        config = settings.overridden(settings.load(root.resolve(), pages), pages, profile=profile, baseline=None)
        result = api.check(root, config, progress=progress.show, edits=False)
        plan = planned(root.resolve(), result.deployments, profile)
    for line in _shown(plan):
        click.echo(plain(line), nl=False)
    for remark in plan.remarks:
        click.echo(f"{plain(remark)}.")
    if not plan.files or not _agreed(yes=yes):
        return 0
    write(plan)
    click.echo(f"Wrote {', '.join(plan.files)}. {_next(result)}")
    return 0


def planned(root: Path, deployments: Sequence[Deployment], profile: str | None) -> Plan:
    """What a repository lacks."""
    plan = Plan(root)
    _settings(plan, deployments, profile)
    if repository_of(root) is None:
        plan.remarks.append("This is not a git repository, so there is no hook or workflow to add")
        return plan
    _hook(plan)
    _workflow(plan)
    return plan


def _settings(plan: Plan, deployments: Sequence[Deployment], profile: str | None) -> None:
    path = next((name for name in ("mwaalint.toml", "pyproject.toml") if settings.has_table(plan.root / name)), None)
    if path is not None:
        plan.remarks.append(f"{path} already has settings")
        return
    project = SourceFile("pyproject.toml", plan.root / "pyproject.toml")
    if project.absolute.is_file():
        table = starters.settings(deployments, profile, starters.IN_PYPROJECT)
        text = starters.pyproject(project, table)
        if plan.extend(project, text, "cannot be extended, so the settings get their own file"):
            return
    plan.add("mwaalint.toml", starters.settings(deployments, profile, starters.OWN_FILE))


def _hook(plan: Plan) -> None:
    file = SourceFile(HOOKS, plan.root / HOOKS)
    if not file.absolute.exists():
        plan.add(HOOKS, starters.hooks())
    elif _mentions(file):
        plan.remarks.append(f"{HOOKS} already has the hook")
    else:
        plan.extend(file, starters.with_hook(file), f"cannot be extended safely; the hook is at {starters.PROJECT}")


def _workflow(plan: Plan) -> None:
    folder = plan.root / WORKFLOWS
    there = [SourceFile(f"{WORKFLOWS}/{path.name}", path) for path in sorted(folder.glob("*.y*ml"))]
    using = next((file.path for file in there if _mentions(file)), None)
    if using is not None:
        plan.remarks.append(f"{using} already runs mwaalint")
    elif (plan.root / GITLAB).exists() and not there:
        plan.remarks.append(f"For {GITLAB} there is a job to copy at {starters.PROJECT}")
    else:
        plan.add(f"{WORKFLOWS}/mwaalint.yml", starters.workflow(_branch(plan.root)))


def _mentions(file: SourceFile) -> bool:
    try:
        return b"mwaalint" in file.data
    except UnreadableFileError:
        return False


def _branch(root: Path) -> str:
    """The branch that changes go to: the remote's own choice, else the one that is checked out."""
    for words in (("refs/remotes/origin/HEAD",), ("HEAD",)):
        try:
            return git.ask(root, "symbolic-ref", "--short", *words).decode().strip().removeprefix("origin/")
        except (git.GitError, UnicodeDecodeError):
            continue
    return "main"


def _shown(plan: Plan) -> Iterator[str]:
    """The plan as a unified diff, a line at a time."""
    for path, (before, after) in plan.files.items():
        old = list(StringIO((before or b"").decode(errors="replace"), newline="\n"))
        new = list(StringIO(after.decode(errors="replace"), newline="\n"))
        for line in unified_diff(old, new, f"a/{path}" if before is not None else "/dev/null", f"b/{path}"):
            yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        yield "\n"


def _agreed(*, yes: bool) -> bool:
    if yes:
        return True
    if _is_asked():
        return click.confirm("Write this?")
    click.echo("Nothing was written; mwaalint init --yes writes it.")
    return False


def _is_asked() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin.isatty()


def write(plan: Plan) -> None:
    """Writes the files. One that has changed or come since the plan is left alone. Raises click.UsageError."""
    for path, (before, after) in plan.files.items():
        target = plan.root / path
        try:
            if before is None:
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("xb") as file:
                    file.write(after)
            elif target.read_bytes() == before:
                atomic.write(target, after)
            else:
                raise click.UsageError(f"{path} has changed in the meantime; nothing was written to it")
        except OSError as error:
            raise click.UsageError(f"{path} could not be written: {error.strerror or error}") from error


def _next(result: RunResult) -> str:
    count = len(result.findings)
    if not count:
        return "Next: commit them."
    shown = f"mwaalint check shows {count} finding{'s' * (count != 1)}"
    return f"Next: {shown}; mwaalint baseline accepts what you leave for later."
