"""MW220: a secrets backend that is asked first also for what is kept elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.catalog import version_key
from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._options import entry
from mwaalint.checks.environment._secrets import backends
from mwaalint.checks.environment._values import argument_elsewhere
from mwaalint.discover import Role
from mwaalint.model.environment import Environment
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mwaalint.checks.environment._secrets import Backend
    from mwaalint.findings import Finding, Location
    from mwaalint.source import SourceFile

_PROVIDER = "apache-airflow-providers-amazon"
_SET = frozenset({"airflow.models.Variable.set", "airflow.models.variable.Variable.set", "airflow.sdk.Variable.set"})
_INFRASTRUCTURE = (Role.TERRAFORM, Role.CLOUDFORMATION, Role.PYTHON, Role.DEPLOY, Role.SHELL)


@check("MW220", on=Environment, needs_version=True)
def secrets_no_lookup_pattern(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports a backend without a pattern while the DAGs write variables to Airflow's database or use aws_default."""
    if not _has_patterns(ctx):
        return
    for backend in backends(environment, ctx.catalog):
        written = _variable_set(ctx) if _asked_for_all(backend, "variables") else None
        if written is not None:
            yield _report("default", backend, [written.noted("the value goes to Airflow's database")], environment, ctx)
        elif _drops_the_guard(backend, ctx) and _uses_aws_default(ctx):
            yield _report("guard", backend, [], environment, ctx)


def _has_patterns(ctx: Context) -> bool:
    """Whether the provider that the environment's version of Airflow comes with knows patterns."""
    pins = ctx.catalog.pins(ctx.deployment.target.airflow or "")
    version = pins and (pins.preinstalled.get(_PROVIDER) or pins.constraints.get(_PROVIDER))
    first: str = ctx.catalog.table("secrets-backends")["patterns_from"]
    return bool(version) and version_key(version or "") >= version_key(first)


def _asked_for_all(backend: Backend, kind: str) -> bool:
    return backend.prefix(kind) is not None and not backend.given.get(f"{kind}_lookup_pattern")


def _drops_the_guard(backend: Backend, ctx: Context) -> bool:
    """Whether MWAA would keep aws_default from the backend, did the arguments not take the place of its own."""
    option = ctx.catalog.option(backend.entry, ctx.deployment.target.airflow or "")
    return option is not None and option.default is not None and _asked_for_all(backend, "connections")


def _variable_set(ctx: Context) -> Location | None:
    """The first call in the DAGs folder that writes a variable."""
    from mwaalint.documents.python_document import read_python

    for file in _code(ctx).values():
        document = read_python(file) if b"Variable" in _data(file) else None
        for call, names in document.named_calls if document else ():
            if not _SET.isdisjoint(names):
                assert document is not None
                return document.location(call)
    return None


def _uses_aws_default(ctx: Context) -> bool:
    """Whether the DAGs use AWS through the provider, and nothing here keeps the connection as a secret."""
    inside = _code(ctx)
    if not any(b"airflow.providers.amazon" in _data(file) for file in inside.values()):
        return False
    others = (file for role in _INFRASTRUCTURE for file in ctx.project.with_role(role) if file.path not in inside)
    return not any(b"aws_default" in _data(file) for file in others)


def _code(ctx: Context) -> Mapping[str, SourceFile]:
    from mwaalint.model.deployed_code import code_files

    return code_files(ctx.deployment, ctx.project).dags


def _data(file: SourceFile) -> bytes:
    try:
        return file.data
    except UnreadableFileError:
        return b""


def _report(message: str, backend: Backend, related: list[Location], environment: Environment, ctx: Context) -> Finding:
    place = entry(backend.entry, backend.value.origin, environment, ctx)
    elsewhere = argument_elsewhere(environment, "airflow_configuration_options", place, ctx.project)
    return ctx.report(
        place,
        message,
        related=[*related, *elsewhere],
        subject=backend.entry,
        service=backend.row["service"],
        prefix=backend.prefix("variables" if message == "default" else "connections"),
        name=backend.entry,
    )
