"""MW114 index-url-credentials."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.model.deployment import Deployment
from mwaalint.model.values import Known, known
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding, Location

# user:secret@host, the secret written out: no ${VARIABLE}, no {placeholder}, no <placeholder>, no ****.
_CREDENTIALS = re.compile(r"https?://(?P<user>[^\s:/@\"']*):(?P<secret>[^\s/@\"'$<>{}*%]{4,})@(?P<host>[^\s/\"':]+)")
_PLACEHOLDER = re.compile(r"(your|my|some)[-_ ]?|password|passwd|token|secret|changeme|example|placeholder|x{4,}", re.I)
_CODEARTIFACT = re.compile(r"\.d\.codeartifact\.[\w-]+\.amazonaws\.com")
_PIP_LINE = re.compile(r"PIP_(?:EXTRA_)?INDEX_URL|--(?:extra-)?index-url|--find-links|pip config")
_OPTIONS = ("--index-url", "--extra-index-url", "--find-links")


@check("MW114", on=Deployment)
def index_url_credentials(deployment: Deployment, ctx: Context) -> Iterator[Finding]:
    """A URL that pip is given with a user name and the secret itself."""
    for where, text in (*_in_requirements(deployment), *_in_options(deployment), *_in_startup(deployment)):
        match = _CREDENTIALS.search(text)
        if match is None or _PLACEHOLDER.fullmatch(match["secret"]) or _PLACEHOLDER.match(match["secret"]):
            continue
        message = "codeartifact" if _CODEARTIFACT.search(match["host"]) else "default"
        yield ctx.report(where, message, host=match["host"], subject=match["host"])


def _in_requirements(deployment: Deployment) -> Iterator[tuple[Location, str]]:
    if deployment.requirements is None:
        return
    for name in _OPTIONS:
        for option in deployment.requirements.options_named(name):
            yield option.location(), option.value or ""
    for requirement in deployment.requirements.requirements:
        yield requirement.location(), requirement.url or ""


def _in_options(deployment: Deployment) -> Iterator[tuple[Location, str]]:
    environment = deployment.environment
    options = known(environment.airflow_configuration_options, dict) if environment else None
    for value in (options or {}).values():
        # A connection string has its own rule; an index is recognised by the path pip asks for.
        if isinstance(value, Known) and isinstance(value.value, str) and "/simple" in value.value:
            yield value.origin, value.value


def _in_startup(deployment: Deployment) -> Iterator[tuple[Location, str]]:
    from mwaalint.findings import Location

    script = deployment.startup_script
    try:
        lines = script.text.splitlines() if script else []
    except UnreadableFileError:
        return
    for number, line in enumerate(lines, start=1):
        if script and _PIP_LINE.search(line) and not line.lstrip().startswith("#"):
            yield Location(script.path, script.line_span(number), "startup script"), line
