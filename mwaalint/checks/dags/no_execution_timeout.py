"""MW427 no-execution-timeout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.dags._all_dags import dags_without, examples, of_all, option
from mwaalint.model.deployed_code import DeployedCode
from mwaalint.model.values import Absent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding


@check("MW427", on=DeployedCode)
def no_execution_timeout(code: DeployedCode, ctx: Context) -> Iterator[Finding]:
    """DAGs whose tasks may hang for as long as they like."""
    environment = ctx.deployment.environment
    if environment is None or not isinstance(option(environment, "core.default_task_execution_timeout"), Absent):
        return
    dags, total = dags_without(code, "execution_timeout")
    dags = [dag for dag in dags if "dagrun_timeout" not in dag.passed]
    if len(dags) >= int(str(ctx.options["from_dags"])):
        yield ctx.report(
            environment.where("airflow_configuration_options"),
            related=examples(dags),
            subject="core.default_task_execution_timeout",
            dags=of_all(len(dags), total),
            set="sets" if len(dags) == 1 else "set",
        )
