"""MW809 local-s3-dags-startup-env."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.local_runner._places import data_of, mounted_file
from mwaalint.findings import Location
from mwaalint.model.local_runner import Kind, LocalRunner
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding
    from mwaalint.model.local_runner import AirflowService
    from mwaalint.source import SourceFile

_STARTUP = "/usr/local/airflow/startup"
# What the entry point does to the folder, and the file that it then looks for in another one.
_CHANGES = regex(rb"^\s*cd\s+\"?\$\{?AIRFLOW_HOME\}?\"?/dags", re.M)
_READS = regex(rb"^\s*(?:source|\.)\s+(?:\./)?stored_env\s*$", re.M)
_EXPORTS = regex(rb"^\s*(?:export|declare\s+-x)\s+\w", re.M)


@check("MW809", on=LocalRunner)
def local_s3_dags_startup_env(local: LocalRunner, ctx: Context) -> Iterator[Finding]:
    """DAGs that the local runner copies from S3, beside a startup script with variables, which then are lost."""
    if not all(_has_the_defect(file) for file in local.scripts if file.path.endswith("entrypoint.sh")):
        return
    for one in local.services:
        path = one.value("S3_DAGS_PATH")
        if one.kind is not Kind.RUNNER or one.helper or not path or not path.strip("\"'") or "$" in path:
            continue
        script = _startup_script(one, ctx)
        where = _where(one)
        if script is not None and where is not None:
            yield ctx.report(
                where,
                related=[Location(script.path).noted("the variables are set here")],
                path=path,
                script=script.path,
                subject=one.service.name,
            )


def _where(one: AirflowService) -> Location | None:
    """Where the path is set: in the Compose file, else in the last file of variables that does."""
    variable = one.service.variable("S3_DAGS_PATH")
    if variable and variable.text:
        return Location(variable.text.file.path, variable.text.span, "S3_DAGS_PATH")
    for file in reversed(one.env_files):
        for each in file.variables:
            if each.name == "S3_DAGS_PATH":
                return Location(file.file.path, each.span, "S3_DAGS_PATH")
    return None


def _startup_script(one: AirflowService, ctx: Context) -> SourceFile | None:
    """The script with exports that the service mounts where the entry point looks for it."""
    for mount in one.service.mounts:
        if mount.target.rstrip("/") == _STARTUP:
            file = mounted_file(one, mount, "startup.sh", ctx.project)
            if file is not None and _EXPORTS.search(data_of(file)):
                return file
    return None


def _has_the_defect(file: SourceFile) -> bool:
    data = data_of(file)
    return bool(_CHANGES.search(data) and _READS.search(data))
