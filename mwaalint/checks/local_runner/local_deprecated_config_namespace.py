"""MW807 local-deprecated-config-namespace."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mwaalint.catalog import version_key
from mwaalint.checks._api import Context, check
from mwaalint.checks.local_runner._moved import moved_into_sections
from mwaalint.checks.local_runner._places import every_service, place, replaced
from mwaalint.findings import Fix, Location, Safety
from mwaalint.model.local_runner import LocalRunner
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.catalog import OptionChange
    from mwaalint.documents.airflow_cfg import AirflowCfg, Option
    from mwaalint.documents.compose import Service, Variable
    from mwaalint.findings import Finding

# Before this version, sections were what they had always been.
_FIRST = "2.3"
# Of executors and services that the local runner does not have: nothing reads these options, so nothing warns of them.
_UNUSED = regex(r"kubernetes|celery|.+_kubernetes|dask|elasticsearch|smart_sensor|ldap|mesos")


class _Moved(NamedTuple):
    option: Option
    change: OptionChange


@check("MW807", on=LocalRunner)
def local_deprecated_config_namespace(local: LocalRunner, ctx: Context) -> Iterator[Finding]:
    """Options under names that the local runner's Airflow has moved, in its settings file and its variables."""
    for settings in local.settings:
        version = _version(local.version_of(settings.file))
        moved = list(_moved(settings, version, ctx)) if version else []
        if moved and version:
            yield _of_file(settings, moved, version, ctx)
    versions = {one.service.text: one.version for one in local.services}
    seen = set()
    for service in every_service(local):
        version = _version(versions.get(service.text))
        for variable in service.environment if version else ():
            key = (variable.name_text.file.path, variable.name_text.span)
            name, change = _change(variable, version, ctx)
            if change is not None and key not in seen and version:
                seen.add(key)
                yield _of_variable(service, variable, name, change, version, ctx)


def _version(airflow: str | None) -> str | None:
    """The version, where it is one that has moved sections."""
    try:
        return airflow if airflow and version_key(airflow) >= version_key(_FIRST) else None
    except ValueError:
        return None


def _moved(settings: AirflowCfg, version: str, ctx: Context) -> Iterator[_Moved]:
    for option in settings.options:
        change = ctx.catalog.option_change(option.name, version)
        if change is not None and change.to and not _UNUSED.match(option.name):
            yield _Moved(option, change)


def _of_file(settings: AirflowCfg, moved: list[_Moved], version: str, ctx: Context) -> Finding:
    first = next((one for one in moved if not one.change.read), moved[0])
    others = len(moved) - 1
    read = {one.option: one.change.to for one in moved if one.change.read and not settings.option(one.change.to)}
    edits = moved_into_sections(settings, read)
    return ctx.report(
        Location(settings.file.path, first.option.key_span, first.option.name),
        "default" if first.change.read else "lost",
        related=[Location(settings.file.path, one.option.key_span).noted(f"now {one.change.to}") for one in moved[:10]],
        fix=Fix("Use the options' current names", Safety.SAFE, edits) if edits else None,
        subject=first.option.name,
        name=first.option.name,
        new=first.change.to,
        since=first.change.since,
        version=version,
        more=f" ({others} more in this file)" if others else "",
    )


def _change(variable: Variable, version: str | None, ctx: Context) -> tuple[str, OptionChange | None]:
    """The option that a variable sets, and what became of it."""
    prefix, _, rest = variable.name.partition("__")
    section, _, key = rest.partition("__")
    name = f"{section}.{key}".lower()
    if prefix != "AIRFLOW" or not section or not key or version is None:
        return name, None
    change = ctx.catalog.option_change(name, version)
    return name, change if change is not None and change.to else None


def _of_variable(
    service: Service, variable: Variable, name: str, change: OptionChange, version: str, ctx: Context
) -> Finding:
    new = f"AIRFLOW__{change.to.replace('.', '__', 1).upper()}"
    edit = None if service.variable(new) else replaced(variable.name_text, variable.name, new)
    safety = Safety.SAFE if change.read else Safety.UNSAFE
    return ctx.report(
        place(variable.name_text, variable.name),
        "default" if change.read else "lost",
        fix=Fix(f"Rename to {new}", safety, (edit,)) if edit else None,
        subject=name,
        name=name,
        new=change.to,
        since=change.since,
        version=version,
        more="",
    )
