"""MW505 dbt-profile-secrets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.checks._api import Context, check
from mwaalint.documents import yaml_nodes
from mwaalint.documents.yaml_nodes import Mapping, Scalar, YamlError
from mwaalint.findings import Location
from mwaalint.model.deployment import Deployment
from mwaalint.model.layout import dags_folders
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.yaml_nodes import Entry, Node
    from mwaalint.findings import Finding
    from mwaalint.source import SourceFile

_PROFILES = regex(r"(^|/)profiles\.ya?ml$")
_NOT_DEPLOYED = regex(r"(^|/)(dbt_packages|dbt_modules|integration_tests|node_modules|site-packages|\.?venv)/")
# What dbt's adapters call a secret that is written into the profile itself.
_SECRETS = regex(
    r"password|pass|token|private_key|private_key_passphrase|client_secret|oauth_client_secret|refresh_token"
    r"|aws_secret_access_key|secret_access_key|aws_session_token"
)
_PLACEHOLDER = regex(
    r"^\$|\$\{|\{\{|\{%|<.+>|\*{3,}|x{3,}|\.{3}|change|replace|your|todo|tbd|example|dummy|fake|placeholder|insert|redacted|sample|^none$|^null$"
    r"|^(?:my|db)?_?(?:password|passwd|pass|secret|token|key)$",
    re.IGNORECASE,
)
_HOSTS = ("host", "server", "hostname")
# A name without a dot is a container beside this one, as docker compose names them.
_ON_A_LAPTOP = regex(r"localhost|127\.0\.0\.1|0\.0\.0\.0|::1|host\.docker\.internal|[\w-]+", re.IGNORECASE)


class _Output(NamedTuple):
    """One target of one profile."""

    profile: str
    name: str
    settings: Mapping


@check("MW505", on=Deployment)
def dbt_profile_secrets(deployment: Deployment, ctx: Context) -> Iterator[Finding]:
    """Passwords, tokens and keys in the profiles that are copied to the bucket with the DAGs."""
    for file in _profiles(deployment, ctx):
        try:
            roots = yaml_nodes.read(file)
        except YamlError as error:
            yield yaml_nodes.problem(file, error)
            continue
        for output in _outputs(roots):
            if not _local(output.settings):
                yield from (_report(entry, output, file, ctx) for entry in output.settings.entries if _secret(entry))


def _profiles(deployment: Deployment, ctx: Context) -> Iterator[SourceFile]:
    known = deployment.dags_folder
    folders = [known] if known is not None else dags_folders(ctx.project)
    for folder in folders:
        for file in ctx.project.below("" if folder == "." else folder):
            if _PROFILES.search(file.path) and not _NOT_DEPLOYED.search(file.path):
                yield file


def _outputs(roots: list[Node]) -> Iterator[_Output]:
    for root in roots:
        for profile in root.entries if isinstance(root, Mapping) else ():
            outputs = profile.value.get("outputs") if isinstance(profile.value, Mapping) else None
            for output in outputs.entries if isinstance(outputs, Mapping) else ():
                if isinstance(output.value, Mapping):
                    yield _Output(profile.key, output.key, output.value)


def _local(settings: Mapping) -> bool:
    """Whether a target is a database on the machine itself or in a container there."""
    found = (settings.get(name) for name in _HOSTS)
    return any(isinstance(node, Scalar) and _ON_A_LAPTOP.fullmatch(node.text) for node in found)


def _secret(entry: Entry) -> bool:
    value = entry.value
    return (
        isinstance(value, Scalar)
        and _SECRETS.fullmatch(entry.key) is not None
        and len(value.text) >= 4
        and not _PLACEHOLDER.search(value.text)
    )


def _report(entry: Entry, output: _Output, file: SourceFile, ctx: Context) -> Finding:
    target = f"{output.profile}.{output.name}"
    place = Location(file.path, entry.value.span, f"{target}.{entry.key}")
    return ctx.report(place, subject=entry.key, key=entry.key, target=target)
