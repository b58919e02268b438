"""MW805 local-no-constraint-emulation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.findings import Location
from mwaalint.model.deploy_steps import read_steps
from mwaalint.model.local_runner import LocalRunner
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.requirements import RequirementsFile
    from mwaalint.findings import Finding
    from mwaalint.model.deploy_commands import DeployStep

_PIP = regex(r"pip(?:3(?:\.\d+)?)?")
_CONSTRAINT = regex(r"-c|--constraint(?:=.*)?")
# The file that the user deploys, as the scripts of the local runner name it; the image's own lie at the root.
_DEPLOYED = regex(r"\$\{AIRFLOW_HOME\}|\$\{REQUIREMENTS_FILE\}|/usr/local/airflow/")


@check("MW805", on=LocalRunner, needs_version=True)
def local_no_constraint_emulation(local: LocalRunner, ctx: Context) -> Iterator[Finding]:
    """An entry point that installs the requirements without the constraints that MWAA adds to them."""
    airflow, requirements = ctx.deployment.target.airflow, ctx.deployment.requirements
    if airflow is None or requirements is None or not ctx.catalog.forces_constraints(airflow):
        return
    if not requirements.requirements or _speaks_of_constraints(requirements) or _is_set_for_all(local):
        return
    step = next((step for step in read_steps(local.scripts, (b"pip",)).steps if _installs(step)), None)
    if step is not None:
        yield ctx.report(
            step.location,
            related=[Location(requirements.file.path).noted("no line here names constraints")],
            subject=requirements.file.path,
            requirements=requirements.file.path,
            airflow=airflow,
        )


def _speaks_of_constraints(requirements: RequirementsFile) -> bool:
    return any("-c " in line or "--constraint" in line for line in requirements.physical_lines)


def _is_set_for_all(local: LocalRunner) -> bool:
    """Whether every pip of the image is given constraints by a variable."""
    by_image = any(one.value("PIP_CONSTRAINT") for one in local.dockerfiles)
    return by_image or any(one.value("PIP_CONSTRAINT") for one in local.services)


def _installs(step: DeployStep) -> bool:
    if not _PIP.fullmatch(step.program) or "install" not in step.words:
        return False
    files = [after for word, after in zip(step.words, step.words[1:], strict=False) if word in ("-r", "--requirement")]
    named = any(_DEPLOYED.search(file) for file in files)
    # A variable may hold the option, and a file before it the constraints.
    unknown = any(re.search(r"\$\{\w*(?:CONSTRAINT|PIP_OPTION)", word, re.I) for word in step.words)
    return named and not unknown and not any(_CONSTRAINT.fullmatch(word) for word in step.words)
