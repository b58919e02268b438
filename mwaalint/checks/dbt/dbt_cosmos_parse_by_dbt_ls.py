"""MW502 dbt-cosmos-parse-by-dbt-ls."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._selectors import Call
from mwaalint.documents.python import source_of
from mwaalint.model.cosmos import MAKERS, argument, configuration, passes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding

# Cosmos asks dbt with these; with AUTOMATIC it does where it is given no manifest.
_BY_DBT = frozenset({"DBT_LS", "AUTOMATIC", "dbt_ls", "automatic"})


@check("MW502", on=Call(*MAKERS))
def dbt_cosmos_parse_by_dbt_ls(call: ast.Call, ctx: FileContext) -> Iterator[Finding]:
    """A DAG or task group of Cosmos that runs ``dbt ls`` when Airflow reads the file."""
    project, render = (
        configuration(call, "project_config", ctx.document),
        configuration(call, "render_config", ctx.document),
    )
    if project is None or render is None or isinstance(project, bool):
        return
    method = _method(render)
    if method is None or method not in _BY_DBT:
        return
    if passes(project, "manifest_path", 5) is not False and method not in ("DBT_LS", "dbt_ls"):
        return
    yield ctx.report(ctx.at(call), subject=source_of(call.func), maker=source_of(call.func), method=method)


def _method(render: ast.Call | bool) -> str | None:
    """How the models are found; None when the file does not tell."""
    if isinstance(render, bool):
        return "AUTOMATIC"
    node = argument(render, "load_method")
    match node:
        case None:
            return "AUTOMATIC" if passes(render, "load_method", 1) is False else None
        case ast.Attribute(attr=name):
            return name
        case ast.Constant(value=str() as name):
            return name
        case _:
            return None
