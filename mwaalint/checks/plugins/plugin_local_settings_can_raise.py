"""MW660 plugin-local-settings-can-raise."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._selectors import Call
from mwaalint.checks.plugins._local_settings import is_local_settings
from mwaalint.documents.python import source_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.python_document import PythonDocument
    from mwaalint.findings import Finding

_VARIABLES = tuple(f"airflow.{home}.get" for home in ("models.Variable", "models.variable.Variable", "sdk.Variable"))
_ASKING = (
    *("requests.get", "requests.post", "requests.request", "httpx.get", "httpx.post", "urllib.request.urlopen"),
    *("boto3.client().*", "boto3.resource().*", "boto3.Session().client().*", "*.get_connection", "*Hook().get_conn"),
    *("psycopg2.connect", "psycopg.connect", "pymysql.connect", "snowflake.connector.connect", "open"),
    *("subprocess.run", "subprocess.check_call", "subprocess.check_output"),
)


@check("MW660", on=Call(*_VARIABLES, *_ASKING, places=("dags", "plugins")), airflow=">=2.9.2")
def plugin_local_settings_can_raise(call: ast.Call, ctx: FileContext) -> Iterator[Finding]:
    """A call that may fail, where every ``import airflow`` waits for it."""
    document = ctx.document
    if is_local_settings(document) and ctx.runs_at_import(call) and not _is_caught(call, document):
        name = source_of(call.func)
        yield ctx.report(ctx.at(call), subject=name, call=name if len(name) <= 60 else f"….{name.rpartition('.')[2]}")


def _is_caught(call: ast.Call, document: PythonDocument) -> bool:
    node: ast.AST | None = call
    while node is not None and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        parent = document.parent(node)
        if isinstance(parent, ast.Try) and node in parent.body and parent.handlers:
            return True
        node = parent
    return False
