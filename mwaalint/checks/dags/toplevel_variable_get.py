"""MW403 toplevel-variable-get."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._selectors import PLUGINS, Call
from mwaalint.checks.dags._calls_at_import import called_at
from mwaalint.documents.python import source_of

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from mwaalint.documents.python_blocks import FunctionNode
    from mwaalint.findings import Finding

_VARIABLE = ("airflow.models.Variable.get", "airflow.models.variable.Variable.get", "airflow.sdk.Variable.get")
_CONNECTION = (
    "airflow.hooks.base.BaseHook.get_connection",
    "airflow.hooks.base_hook.BaseHook.get_connection",
    "airflow.sdk.BaseHook.get_connection",
    "airflow.sdk.bases.hook.BaseHook.get_connection",
    "airflow.sdk.Connection.get",
    "airflow.models.Connection.get_connection_from_secrets",
    "airflow.models.connection.Connection.get_connection_from_secrets",
)
# What a hook does with these needs its connection.
_HOOK = tuple(
    f"*Hook().{method}"
    for method in (
        "get_conn",
        "get_connection",
        "get_records",
        "get_first",
        "get_pandas_df",
        "get_uri",
        "get_credentials",
    )
)


@check("MW403", on=Call(*_VARIABLE, *_CONNECTION, *_HOOK, places=("dags", "plugins")))
def toplevel_variable_get(call: ast.Call, ctx: FileContext) -> Iterator[Finding]:
    """A variable or connection that is looked up when the file is imported."""
    if not ctx.runs_at_import(call):
        return
    name = next(name for name in ctx.document.origins(call.func))
    is_variable = name.endswith("Variable.get")
    key = ctx.literal_argument(call, 0, "key" if is_variable else "conn_id")
    function = ctx.document.function_around(call)
    yield ctx.report(
        ctx.at(call),
        _message(is_variable, function, ctx),
        related=called_at(function, ctx),
        subject=str(key or source_of(call.func)),
        call=_called(call, key),
        function=function.name if function else "",
    )


def _message(is_variable: bool, function: FunctionNode | None, ctx: FileContext) -> str:
    what = "variable" if is_variable else "connection"
    if ctx.place == PLUGINS and (function is None or function.name not in ctx.document.called_from_outside):
        return f"{what}_in_plugin"
    return f"{what}_in_function" if function else what


def _called(call: ast.Call, key: object) -> str:
    name = source_of(call.func)
    return f'{name}("{key}")' if isinstance(key, str) else f"{name}(…)" if call.args or call.keywords else f"{name}()"
