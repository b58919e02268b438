"""MW409 mwaa-login-endpoint-airflow3."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.discover import Role
from mwaalint.findings import Location
from mwaalint.model.deployment import Deployment
from mwaalint.model.layout import is_test
from mwaalint.patterns import regex
from mwaalint.source import Span, UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.discover import Project
    from mwaalint.findings import Finding
    from mwaalint.source import SourceFile

_READ = (Role.PYTHON, Role.SHELL, Role.DEPLOY)
# An address in a line of code: what a comment says does not count.
_PATHS = regex(rb"^[^#\n]*?(/aws_mwaa/login|/api/v1(?=/|[\"'\s]))", re.M)
_LOGIN = b"/aws_mwaa/login"
# What tells that a file speaks to the web server of an environment.
_OF_MWAA = regex(rb"create_web_login_token|create-web-login-token|/aws_mwaa/login|\.airflow\.amazonaws\.com")
# An environment on Airflow 2 in the same repository: whose client a file is, nobody can tell then.
_OLDER = regex(rb"airflow_?version[\"']?\s*[:=]\s*[\"']?[12]\.\d", re.I)
_DECLARING = (Role.CLOUDFORMATION, Role.TERRAFORM, Role.PYTHON, Role.ENVIRONMENT_JSON, Role.PULUMI_YAML)
# What tells that it knows of the other version.
_BOTH = regex(rb"pluginsv2|/api/v2|api/\{|api/v\{")


@check("MW409", on=Deployment, airflow=">=3.0")
def mwaa_login_endpoint_airflow3(deployment: Deployment, ctx: Context) -> Iterator[Finding]:
    """Clients that ask for addresses which the web server of Airflow 3 does not have."""
    files = {file.path: file for role in _READ for file in ctx.project.with_role(role) if not is_test(file.path)}
    found = {file: paths for file in files.values() if (paths := list(_old_paths(file)))}
    if not found or _has_older(ctx.project):
        return
    for file, paths in found.items():
        for span, path in paths:
            message = "default" if path == _LOGIN else "api"
            yield ctx.report(
                Location(file.path, span), message, subject=path.decode(), airflow=deployment.target.airflow
            )


def _has_older(project: Project) -> bool:
    return any(_OLDER.search(_bytes(file)) for role in _DECLARING for file in project.with_role(role))


def _bytes(file: SourceFile) -> bytes:
    try:
        return file.data
    except UnreadableFileError:
        return b""


def _old_paths(file: SourceFile) -> Iterator[tuple[Span, bytes]]:
    """The first use of each address in a file that surely speaks to MWAA, and only as Airflow 2 has it."""
    try:
        if not file.holds(b"/aws_mwaa/login") and not file.holds(b"/api/v1"):
            return
    except UnreadableFileError:
        return
    data = _bytes(file)
    if not _OF_MWAA.search(data) or _BOTH.search(data):
        return
    told: set[bytes] = set()
    for match in _PATHS.finditer(data):
        if match[1] not in told:
            told.add(match[1])
            yield Span(*match.span(1)), match[1]
