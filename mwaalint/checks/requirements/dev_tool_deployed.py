"""MW125 dev-tool-deployed."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.checks._api import Context, check
from mwaalint.checks.requirements import _edits
from mwaalint.checks.requirements._names import any_of, named, pulled_in
from mwaalint.model.install import InstallPlan
from mwaalint.patterns import regex
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding
    from mwaalint.source import SourceFile

_OF_TESTS = regex(r"(^|/)(tests?/|test_[^/]*$|[^/]*_test\.py$|conftest\.py$)")
_IMPORTED = regex(rb"^[ \t]*(?:import|from)[ \t]+(\w+)", re.MULTILINE)
_STARTED = regex(rb"(?:bash_command|subprocess|os\.system|-m\b)[^\n]*")
_WORD = regex(rb"[\w.-]+")


class _Code(NamedTuple):
    """What the deployed code uses: the modules it imports, the words of the commands it starts."""

    modules: frozenset[str]
    words: frozenset[str]

    def uses(self, package: str, module: str | None) -> bool:
        """``module`` is its name where it is not the package's; ``mypy_boto3`` also stands for ``mypy_boto3_s3``."""
        if package in self.words or package.replace("-", "_") in self.modules:
            return True
        return module is not None and any(f"{found}_".startswith(f"{module}_") for found in self.modules)


@check("MW125", on=InstallPlan)
def dev_tool_deployed(plan: InstallPlan, ctx: Context) -> Iterator[Finding]:
    """A test or formatting tool among what every worker installs at every start."""
    table = ctx.catalog.table("development-tools")
    kinds = {kind: any_of(patterns) for kind, patterns in table["rows"].items()}
    tools = [
        (requirement, name, kind)
        for requirement, name in named(plan)
        if (kind := next((kind for kind, pattern in kinds.items() if pattern.fullmatch(name)), None))
    ]
    if not tools:
        return
    code = _deployed_code(ctx)
    present = {name for _, name in named(plan)}
    transitive = pulled_in(plan)
    for requirement, name, kind in tools:
        needed = not present.isdisjoint(table["needed_by"].get(name, ()))
        if needed or id(requirement) in transitive or code.uses(name, table["modules"].get(name)):
            continue
        fix = _edits.safe("Delete the line", _edits.without(requirement)) if not requirement.options else None
        yield ctx.report(requirement.location(), package=name, kind=kind, fix=fix, subject=name)


def _deployed_code(ctx: Context) -> _Code:
    """Of the Python files in the DAGs and plugins folders, tests aside; of all where the DAGs folder is not known."""
    folders = {ctx.deployment.dags_folder or "", ctx.deployment.plugins_folder or ctx.deployment.dags_folder or ""}
    modules: set[bytes] = set()
    words: set[bytes] = set()
    for file in chain.from_iterable(ctx.project.below(folder) for folder in folders):
        if file.path.endswith(".py") and not _OF_TESTS.search(file.path):
            data = _data(file)
            modules.update(_IMPORTED.findall(data))
            words.update(word for command in _STARTED.findall(data) for word in _WORD.findall(command))
    return _Code(frozenset(map(_decoded, modules)), frozenset(map(_decoded, words)))


def _data(file: SourceFile) -> bytes:
    try:
        return file.data
    except UnreadableFileError:
        return b""


def _decoded(word: bytes) -> str:
    return word.decode("utf-8", "replace")
