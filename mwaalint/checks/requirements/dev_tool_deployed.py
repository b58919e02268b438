"""MW125 dev-tool-deployed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.requirements import _edits
from mwaalint.checks.requirements._names import matches_any, named
from mwaalint.model.install import InstallPlan
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding


@check("MW125", on=InstallPlan)
def dev_tool_deployed(plan: InstallPlan, ctx: Context) -> Iterator[Finding]:
    """A test or formatting tool among what every worker installs at every start."""
    tools = ctx.catalog.table("development-tools")["rows"]
    for requirement, name in named(plan):
        kind = next((kind for kind, patterns in tools.items() if matches_any(name, patterns)), None)
        if kind is None or _imported(name, ctx):
            continue
        fix = _edits.safe("delete the line", _edits.without(requirement)) if not requirement.hashes else None
        yield ctx.report(requirement.location(), package=name, kind=kind, fix=fix, subject=name)


def _imported(name: str, ctx: Context) -> bool:
    """Whether code that MWAA runs imports it; tests in the DAGs folder do not count."""
    folder = ctx.deployment.dags_folder
    if folder is None:
        return False
    module = re.escape(name.replace("-", "_")).encode()
    pattern = re.compile(rb"^\s*(?:import|from)\s+" + module + rb"\b", re.MULTILINE)
    for file in ctx.project.below(folder):
        if file.path.endswith(".py") and not re.search(r"(^|/)(tests?/|test_|conftest)", file.path):
            try:
                if pattern.search(file.data):
                    return True
            except UnreadableFileError:
                continue
    return False
