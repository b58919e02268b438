"""MW804 local-customisation-not-in-prod."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._options import set_at_startup
from mwaalint.checks.environment._sizing import configuration
from mwaalint.checks.local_runner._installs import python_packages, system_packages
from mwaalint.checks.local_runner._places import place
from mwaalint.checks.local_runner._variables import demanded, set_variables
from mwaalint.checks.requirements._names import any_of
from mwaalint.checks.requirements._startup import startup_text
from mwaalint.checks.requirements._supply import install_plan, supply
from mwaalint.model.local_runner import LocalRunner
from mwaalint.model.packages import Origin, Packages

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mwaalint.checks.local_runner._installs import Installed
    from mwaalint.findings import Finding

_SHOWN = 3
# A settings file of a laptop in the place of a service of AWS.
_LOCAL_BACKEND = "LocalFilesystemBackend"


@check("MW804", on=LocalRunner)
def local_customisation_not_in_prod(local: LocalRunner, ctx: Context) -> Iterator[Finding]:
    """What the local runner has and the deployment has not: packages, programs, variables, options."""
    table = ctx.catalog.table("local-runner")["rows"]
    started = startup_text(ctx)
    yield from _packages(local, table, ctx)
    if started is not None:
        yield from _programs(local, table, started, ctx)
        yield from _variables(local, started, ctx)
    yield from _options(local, table, ctx)


def _packages(local: LocalRunner, table: Mapping[str, Any], ctx: Context) -> Iterator[Finding]:
    """Python packages that neither the image of MWAA nor requirements nor startup script bring."""
    tools = [*table["python"], *table["python_tools"]]
    tools += [name for names in ctx.catalog.table("development-tools")["rows"].values() for name in names]
    left_out = any_of(tools)
    found = [one.without(lambda name: left_out.fullmatch(name) is not None) for one in python_packages(local, ctx)]
    installed = supply(ctx, install_plan(ctx), Packages(ctx.catalog)) if any(one.names for one in found) else None
    if installed is not None:
        missing = [one.without(lambda name: installed.may_hold(Origin(name, (name,)))) for one in found]
        yield from _by_file(missing, "packages", ctx)


def _programs(local: LocalRunner, table: Mapping[str, Any], started: str, ctx: Context) -> Iterator[Finding]:
    known = {*table["system"], *table["tools"]}
    found = [one.without(lambda name: name in known or name.lower() in started) for one in system_packages(local)]
    yield from _by_file(found, "programs", ctx)


def _by_file(found: Sequence[Installed], message: str, ctx: Context) -> Iterator[Finding]:
    """One finding a file, where it first installs something; the other places are related."""
    by_file: dict[str, list[Installed]] = {}
    for one in found:
        if one.names:
            by_file.setdefault(one.location.path, []).append(one)
    for places in by_file.values():
        names = list(dict.fromkeys(name for one in places for name in one.names))
        related = [one.location.noted("installed here, too") for one in places[1:]]
        yield ctx.report(places[0].location, message, related=related, names=_some(names), subject=names[0])


def _variables(local: LocalRunner, started: str, ctx: Context) -> Iterator[Finding]:
    places = {name: place for name, place in set_variables(local).items() if name.lower() not in started}
    for name, read in demanded(set(places), ctx) if places else ():
        related = [read.noted("the DAG asks for it here")]
        yield ctx.report(places[name], "variable", related=related, name=name, path=read.path, subject=name)


def _options(local: LocalRunner, table: Mapping[str, Any], ctx: Context) -> Iterator[Finding]:
    """Settings that decide how DAGs run, where the environment's are all known."""
    environment = ctx.deployment.environment
    stated = configuration(environment) if environment else None
    if environment is None or stated is None:
        return
    seen = set()
    for one in local.running(ctx.deployment.target.airflow):
        for variable in one.service.environment:
            section, _, key = variable.name.removeprefix("AIRFLOW__").partition("__")
            name, text = f"{section}.{key}".lower(), variable.text
            if text is None or name not in table["options"] or name in stated or name in seen or "$" in text.value:
                continue
            if _is_default(text.value, table["options"][name]) or set_at_startup(name, environment, ctx):
                continue
            seen.add(name)
            yield ctx.report(
                place(text, variable.name), "option", name=name, value=text.value, variable=variable.name, subject=name
            )


def _is_default(value: str, default: str) -> bool:
    """Whether an option is set to what it is anyway, or to a file of the laptop."""
    try:
        return float(value) == float(default)
    except ValueError:
        return value.strip().lower() == default.lower() or value.endswith(_LOCAL_BACKEND)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
