"""MW658 plugin-fab-views-airflow3."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._selectors import PluginFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.python_document import PythonDocument
    from mwaalint.findings import Finding

_OF_FLASK = ("appbuilder_views", "flask_blueprints")
_OF_FASTAPI = frozenset({"fastapi_apps", "external_views", "react_apps"})


@check("MW658", on=PluginFile(*_OF_FLASK), airflow=">=3.0")
def plugin_fab_views_airflow3(document: PythonDocument, ctx: FileContext) -> Iterator[Finding]:
    """Pages of a plugin that are made for the web server of Airflow 2."""
    for node in document.nodes(ast.ClassDef):
        if not any(document.dotted(base).endswith("AirflowPlugin") for base in node.bases):
            continue
        given = dict(_given(node))
        # Who has pages for the new server as well knows of it.
        if not _OF_FASTAPI.isdisjoint(given):
            continue
        for name in _OF_FLASK:
            value = given.get(name)
            if isinstance(value, ast.List | ast.Tuple) and value.elts:
                yield ctx.report(ctx.at(value), subject=name, name=name, airflow=ctx.target.airflow)
                break


def _given(node: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    """The attributes that the body of a class sets in any case."""
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, value
            case _:
                pass
