"""MW652 plugin-local-settings-policies-dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._selectors import DagFile
from mwaalint.checks.plugins._local_settings import is_local_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.python_document import PythonDocument
    from mwaalint.findings import Finding

_POLICIES = (
    *("task_policy", "dag_policy", "task_instance_mutation_hook", "pod_mutation_hook"),
    *("get_airflow_context_vars", "get_dagbag_import_timeout"),
)


@check("MW652", on=DagFile(*_POLICIES, places=("dags", "plugins")), airflow=">=3.2.1")
def plugin_local_settings_policies_dropped(document: PythonDocument, ctx: FileContext) -> Iterator[Finding]:
    """The policies of a file that MWAA's image runs and takes nothing from."""
    if not is_local_settings(document):
        return
    for function in document.functions:
        if function.name in _POLICIES and document.function_around(function) in (None, function):
            yield ctx.report(ctx.at(function), subject=function.name, policy=function.name)
