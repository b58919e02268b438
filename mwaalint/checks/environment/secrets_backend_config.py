"""MW212: a secrets backend whose class or arguments are wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mwaalint.catalog import version_key
from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._options import alike, entry, options, set_at_startup
from mwaalint.checks.environment._secrets import PAIRS, backends, parsed
from mwaalint.checks.environment._values import argument_elsewhere, arms, replacement
from mwaalint.findings import Finding, Fix, Safety
from mwaalint.model.environment import Environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.model.values import Known, OneOf, Unresolved


class _Wrong(NamedTuple):
    """A message, the class or argument it is about, and what is meant instead."""

    message: str
    given: str
    meant: str


@check("MW212", on=Environment)
def secrets_backend_config(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports classes that cannot be imported, arguments that are no JSON or unknown, and arguments of no backend."""
    entries = options(environment)
    for backend, arguments in PAIRS:
        if backend in entries:
            yield from _classes(backend, entries[backend], environment, ctx)
        if arguments in entries:
            yield from _arguments(backend, arguments, entries[arguments], environment, ctx)
    yield from _names(environment, ctx)


def _classes(name: str, value: Known | OneOf | Unresolved, environment: Environment, ctx: Context) -> Iterator[Finding]:
    found = [(_class(path.strip(), ctx), given) for path, given in arms(value, str)]
    for wrong, given in found if all(wrong for wrong, _ in found) else ():
        if wrong is None:
            continue
        edit = replacement(given, wrong.meant, ctx.project)
        fix = Fix(f"Use {wrong.meant}", Safety.UNSAFE, (edit,)) if edit else None
        yield _report(name, given, wrong, environment, ctx, fix)


def _class(path: str, ctx: Context) -> _Wrong | None:
    """What is wrong with the path of a class; None also for classes of others, which are not known here."""
    table = ctx.catalog.table("secrets-backends")
    paths = {row["path"] for row in table["rows"].values()}
    if path in paths:
        return None
    if path in table["legacy"]:
        airflow = ctx.deployment.target.airflow
        gone = airflow is not None and ctx.catalog.release(airflow) is not None
        if gone and version_key(airflow or "") >= version_key(table["legacy_until"]):
            return _Wrong("legacy", path, table["rows"][table["legacy"][path]]["path"])
        return None
    if "." in path and not path.startswith("airflow.providers.amazon."):
        return None
    meant = table["rows"].get(path.rpartition(".")[2], {}).get("path")
    near = [meant] if meant else alike(path, paths)
    return _Wrong("default", path, near[0]) if near else None


def _arguments(
    backend: str, name: str, value: Known | OneOf | Unresolved, environment: Environment, ctx: Context
) -> Iterator[Finding]:
    if backend not in options(environment):
        if not set_at_startup(backend, environment, ctx):
            yield _report(name, value, _Wrong("orphan", backend, ""), environment, ctx)
        return
    found = [(parsed(text), given) for text, given in arms(value, str)]
    for content, given in found if all(not isinstance(content, dict) for content, _ in found) else ():
        yield _report(name, given, _Wrong("json" if content is None else "object", "", ""), environment, ctx)


def _names(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Arguments that are one slip away from a real one: the connection to AWS takes any others without a word."""
    connection = ctx.catalog.table("secrets-backends")["connection"]
    for backend in backends(environment, ctx.catalog):
        known = [*backend.row["arguments"], *connection]
        for name in backend.given:
            meant = [] if name in known else alike(name, known)
            if meant and meant[0] not in backend.given:
                yield _report(backend.entry, backend.value, _Wrong("argument", name, meant[0]), environment, ctx)


def _report(
    name: str,
    value: Known | OneOf | Unresolved,
    wrong: _Wrong,
    environment: Environment,
    ctx: Context,
    fix: Fix | None = None,
) -> Finding:
    place = entry(name, value.origin, environment, ctx)
    return ctx.report(
        place,
        wrong.message,
        related=argument_elsewhere(environment, "airflow_configuration_options", place, ctx.project),
        fix=fix,
        subject=f"{name} {wrong.given}".strip(),
        name=name,
        given=wrong.given,
        meant=wrong.meant,
        version=ctx.deployment.target.airflow or "",
    )
