"""MW114 index-url-credentials."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.findings import Location
from mwaalint.model.deployment import Deployment
from mwaalint.model.values import Known, known
from mwaalint.patterns import regex
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.requirements import RequirementsFile
    from mwaalint.findings import Finding

# user:secret@host, the secret written out: no ${VARIABLE}, {placeholder}, <placeholder>, `command`, ****; %40 is an @.
_PASSWORD = regex(
    r"https?://[^\s:/@\"']*:(?P<secret>(?:[^\s/@\"'`$<>{}*%]|%[0-9A-Fa-f]{2}){4,})@(?P<host>[^\s/\"':@]+)"
)
# Tokens of code hosts, which need no user name beside them.
_TOKEN = regex(
    r"https?://(?P<secret>(?:gh[opsu]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|glpat-[\w-]{20,}))@(?P<host>[^\s/\"':@]+)"
)
_PLACEHOLDER = regex(
    r"password|passwd|token|secret|change.?me|example|placeholder|redacted|dummy|api.?key|x{4}|\.{3}"
    r"|^(?:your|my|some)[-_ ]",
    re.IGNORECASE,
)
_CODEARTIFACT = regex(r"\.d\.codeartifact\.[\w-]+\.amazonaws\.com")
_PIP_LINE = regex(r"PIP_(?:EXTRA_)?INDEX_URL|--(?:extra-)?index-url|--find-links|pip3? (?:config|install)")
_OPTIONS = ("--index-url", "--extra-index-url", "--find-links", "--requirement", "--constraint")


@check("MW114", on=Deployment)
def index_url_credentials(deployment: Deployment, ctx: Context) -> Iterator[Finding]:
    """A URL that pip is given with the password or token written out. Neither message nor place repeats it."""
    for where, text in (*_in_requirements(deployment, ctx), *_in_options(deployment), *_in_startup(deployment)):
        host = _host_with_secret(text)
        if host is not None:
            message = "codeartifact" if _CODEARTIFACT.search(host) else "default"
            yield ctx.report(where, message, host=host, subject=host)


def _host_with_secret(text: str) -> str | None:
    for pattern in (_PASSWORD, _TOKEN):
        for match in pattern.finditer(text):
            if pattern is _TOKEN or not _PLACEHOLDER.search(match["secret"]):
                return match["host"]
    return None


def _in_requirements(deployment: Deployment, ctx: Context) -> Iterator[tuple[Location, str]]:
    for document in _documents(deployment, ctx):
        for option in document.options:
            if option.name in _OPTIONS:
                yield replace(option.location(), symbol=option.name), option.value or ""
        for requirement in document.requirements:
            yield replace(requirement.location(), symbol=requirement.name or "requirement"), requirement.text


def _documents(deployment: Deployment, ctx: Context) -> list[RequirementsFile]:
    """The requirements file and what it includes, as a file with the index that a program writes to the DAGs folder."""
    from mwaalint.model.includes import Includes, layout

    if deployment.requirements is None:
        return []
    includes = Includes(ctx.project, layout(ctx.catalog, deployment.dags_folder, deployment.plugins_folder))
    includes.follow(deployment.requirements)
    return includes.documents


def _in_options(deployment: Deployment) -> Iterator[tuple[Location, str]]:
    environment = deployment.environment
    options = known(environment.airflow_configuration_options, dict) if environment else None
    for value in (options or {}).values():
        # A connection string has its own rule; an index is recognised by the path pip asks for.
        if isinstance(value, Known) and isinstance(value.value, str) and "/simple" in value.value:
            yield value.origin, value.value


def _in_startup(deployment: Deployment) -> Iterator[tuple[Location, str]]:
    script = deployment.startup_script
    if script is None:
        return
    try:
        count = len(script.line_starts)
    except UnreadableFileError:
        return
    for number in range(1, count + 1):
        line = script.line_text(number)
        if _PIP_LINE.search(line) and not line.lstrip().startswith("#"):
            yield Location(script.path, script.line_span(number), "startup script"), line
