"""MW657 plugin-vendored-tree-imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.findings import Location
from mwaalint.model.airflowignore import NAME
from mwaalint.model.deployment import Deployment
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding

_VENDORED = regex(r"(?:.*/)?(?:site-packages|dist-packages|node_modules|[^/]+-bin|lib/py)(?=/)")
# One file may be anything; a tree is somebody else's.
_FEWEST = 5


@check("MW657", on=Deployment)
def plugin_vendored_tree_imported(deployment: Deployment, ctx: Context) -> Iterator[Finding]:
    """A tree of somebody else's Python below the plugins that no ignore file covers."""
    folder = _plugins(deployment, ctx)
    if folder is None or any(file.path.endswith(f"/{NAME}") for file in ctx.project.below(folder)):
        return
    trees: dict[str, list[str]] = {}
    for file in ctx.project.below(folder):
        inside = file.path.removeprefix(f"{folder}/")
        if inside.endswith(".py") and (match := _VENDORED.match(inside)) is not None:
            trees.setdefault(match[0], []).append(file.path)
    for tree, paths in sorted(trees.items()):
        if len(paths) >= _FEWEST:
            tree = f"{folder}/{tree}"
            yield ctx.report(Location(min(paths)), subject=tree, tree=tree, count=len(paths))


def _plugins(deployment: Deployment, ctx: Context) -> str | None:
    """The plugins folder: the stated one, else the one beside the DAGs."""
    if deployment.plugins_folder:
        return deployment.plugins_folder
    if not deployment.dags_folder:
        return None
    parent = deployment.dags_folder.rpartition("/")[0]
    beside = f"{parent}/plugins" if parent else "plugins"
    return beside if ctx.project.has_folder(beside) else None
