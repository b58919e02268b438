"""MW426 airflowignore-missing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.discover import Role
from mwaalint.findings import Location
from mwaalint.model.airflowignore import NAME, Ignored
from mwaalint.model.dags import is_imported
from mwaalint.model.deployed_code import DeployedCode, ignore_syntaxes
from mwaalint.patterns import regex
from mwaalint.source import SourceFile, UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding

_INSTALLED = regex(r"(?:^|/)(?P<name>\.?venv|site-packages|node_modules|dbt_packages|dbt_modules)/")
_TESTS = regex(r"(?:^|/)(?:tests?/|test_[^/]*\.py$|[^/]*_test\.py$|conftest\.py$)")
# What tells a test from a DAG that is only called so.
_BY_PYTEST = regex(rb"^[ \t]*(?:import|from)[ \t]+(?:pytest|unittest)\b|\bDagBag\(", re.MULTILINE)

_MOST_LINES = 200
_WAYS = {"regexp": "regular expressions", "glob": "patterns as in .gitignore"}


@check("MW426", on=DeployedCode)
def airflowignore_missing(code: DeployedCode, ctx: Context) -> Iterator[Finding]:
    """Tests and installed packages below the DAGs folder that Airflow imports to look for DAGs."""
    folder = code.deployment.dags_folder
    if folder is None or _left_out(ctx):
        return
    folder = "" if folder == "." else folder
    told: set[str] = set()
    for finding, missed in _misread(folder, ctx):
        told.update(missed)
        yield finding
    found: dict[str, list[SourceFile]] = {"tests": [], "installed": []}
    for file, inside in _read_for_dags(folder, ctx):
        if file.path in told:
            continue
        if _INSTALLED.search(inside):
            found["installed"].append(file)
        elif _TESTS.search(inside) and _BY_PYTEST.search(file.data):
            found["tests"].append(file)
    for message, files in found.items():
        if files:
            first, *others = files
            yield ctx.report(
                Location(first.path),
                message,
                related=[Location(file.path, note="this too") for file in others[:5]],
                subject=message,
                what="this file" if not others else f"{len(files)} such files",
            )


def _misread(folder: str, ctx: Context) -> Iterator[tuple[Finding, list[str]]]:
    """Lines of ignore files that name nothing as this version of Airflow reads them, and files in the other way."""
    listings = [file for file in ctx.project.below(folder) if file.path.endswith(NAME)]
    syntaxes = ignore_syntaxes(ctx.deployment)
    if not listings or len(syntaxes) != 1:
        return
    other = "glob" if syntaxes == ("regexp",) else "regexp"
    ignored = Ignored(folder, listings, syntaxes)
    paths = [file.path for file in ctx.project.below(folder) if file.path.endswith(".py")]
    read = [path for path in paths if path not in ignored and _is_read(path, ctx)]
    for listing in listings if read else ():
        for number, line in enumerate(_lines(listing), 1):
            alone = SourceFile(listing.path, listing.absolute, line.encode())
            meant = Ignored(folder, [alone], (other,))
            missed = [path for path in read if path in meant]
            if missed and not any(path in Ignored(folder, [alone], syntaxes) for path in paths):
                yield _of_line(listing, number, missed, syntaxes[0], ctx), missed


def _of_line(listing: SourceFile, number: int, missed: list[str], syntax: str, ctx: Context) -> Finding:
    pattern = listing.line_text(number).strip()
    return ctx.report(
        Location(listing.path, listing.line_span(number)),
        "syntax",
        related=[Location(path, note="read for DAGs") for path in missed[:5]],
        subject=pattern,
        pattern=pattern,
        way=_WAYS[syntax],
        other=_WAYS["glob" if syntax == "regexp" else "regexp"],
        what=missed[0] if len(missed) == 1 else f"{len(missed)} files",
    )


def _lines(file: SourceFile) -> list[str]:
    try:
        return file.text.splitlines()[:_MOST_LINES]
    except UnreadableFileError:
        return []


def _is_read(path: str, ctx: Context) -> bool:
    file = ctx.project.get(path)
    try:
        return file is not None and is_imported(file.data)
    except UnreadableFileError:
        return False


def _read_for_dags(folder: str, ctx: Context) -> Iterator[tuple[SourceFile, str]]:
    """The Python files that Airflow imports, with their paths below the DAGs folder."""
    listings = [file for file in ctx.project.below(folder) if file.path.endswith(NAME)]
    ignored = Ignored(folder, listings, ignore_syntaxes(ctx.deployment))
    prefix = f"{folder}/" if folder else ""
    for file in ctx.project.with_role(Role.PYTHON):
        inside = file.path.removeprefix(prefix)
        if file.path.startswith(prefix) and (_TESTS.search(inside) or _INSTALLED.search(inside)):
            try:
                read = is_imported(file.data)
            except UnreadableFileError:
                continue
            if read and file.path not in ignored:
                yield file, inside


def _left_out(ctx: Context) -> bool:
    """Whether a deploy step names something that it does not copy: which files reach the bucket is not known then."""
    try:
        files = (*ctx.project.with_role(Role.DEPLOY), *ctx.project.with_role(Role.SHELL))
        return any(b"--exclude" in file.data for file in files)
    except UnreadableFileError:
        return True
