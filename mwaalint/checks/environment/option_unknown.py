"""MW224: a configuration option that the environment's Airflow does not have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._options import alike, entry, for_one_version, options, rename
from mwaalint.checks.environment._values import argument_elsewhere
from mwaalint.discover import Role
from mwaalint.findings import Finding, Fix, Safety
from mwaalint.model.environment import Environment
from mwaalint.patterns import regex
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.catalog import Catalog
    from mwaalint.findings import Location
    from mwaalint.source import SourceFile

# Where the value of an option is found, or one argument of those that are read as JSON.
_INDIRECT = regex(r"_(?:cmd|secret)$")
_ARGUMENT = regex(r"kwarg__.+$")


class _Unknown(NamedTuple):
    """What is wrong with a name: the message, the name that was meant, the version that has the option."""

    message: str
    meant: str = ""
    since: str = ""


@check("MW224", on=Environment, needs_version=True)
def option_unknown(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports each option of Airflow's own sections that Airflow does not read and no file of the project names."""
    airflow = ctx.deployment.target.airflow
    entries = options(environment)
    if airflow is None or not entries:
        return
    names = ctx.catalog.airflow_option_names(airflow)
    for name, value in entries.items():
        unknown = None if _known(name, airflow, names, ctx.catalog) else _judge(name, names, ctx.catalog)
        place = entry(name, value.origin, environment, ctx)
        if unknown is None or unknown.meant in entries or _read_by_the_project(name, place.path, ctx):
            continue
        yield ctx.report(
            place,
            unknown.message,
            related=argument_elsewhere(environment, "airflow_configuration_options", place, ctx.project),
            fix=_fix(name, unknown, value.origin, environment, ctx),
            subject=name,
            name=name,
            version=airflow,
            meant=unknown.meant,
            since=unknown.since,
        )


def _known(name: str, airflow: str, names: frozenset[str], catalog: Catalog) -> bool:
    """Whether Airflow reads a name, or MWAA does, or another rule has something to say of it."""
    if name in names or catalog.option_change(name, airflow) or catalog.option(name, airflow):
        return True
    section = _parted(name)[0]
    if section == "mwaa" or section in catalog.table("airflow-options")["free"]:
        return True
    if _ARGUMENT.search(name):
        return _ARGUMENT.sub("kwargs", name) in names
    indirect = catalog.airflow_option(_INDIRECT.sub("", name))
    return indirect is not None and indirect.sensitive and _INDIRECT.search(name) is not None


def _judge(name: str, names: frozenset[str], catalog: Catalog) -> _Unknown | None:
    """What is wrong with a name that is not known; None for sections that are not Airflow's."""
    section, key = _parted(name)
    if not section:
        meant = _elsewhere(key, names)
        return _Unknown("sectionless" if meant else "formless", meant)
    later = catalog.airflow_option(name)
    if later is not None:
        # A provider may be newer than the one in MWAA's image.
        return None if later.provider else _later(name, names, catalog, later.since)
    own = {_parted(option)[1]: option for option in names if _parted(option)[0] == section}
    if not own:
        return _of_another_section(section, key, names)
    near = alike(key, own)
    meant = _elsewhere(key, names) or (own[near[0]] if near else "")
    if meant:
        return _Unknown("default", meant)
    return _Unknown("nothing") if any(_of_the_core(option, catalog) for option in own.values()) else None


def _later(name: str, names: frozenset[str], catalog: Catalog, since: str) -> _Unknown:
    """An option of a newer Airflow, with the name it has in this one."""
    rows = catalog.table("airflow-options")["rows"]
    before = [old for old in names if any(stage["to"] == name for stage in rows[old].get("changes", ()))]
    return _Unknown("later_renamed" if len(before) == 1 else "later", before[0] if len(before) == 1 else "", since)


def _of_another_section(section: str, key: str, names: frozenset[str]) -> _Unknown | None:
    """An option whose section is misspelt; any other section is somebody's own."""
    sections = alike(section, sorted({_parted(name)[0] for name in names}))
    meant = f"{sections[0]}.{key}" if sections else ""
    return _Unknown("default", meant) if meant in names else None


def _elsewhere(key: str, names: frozenset[str]) -> str:
    """The one option of that name in any section; "" when none or several have it."""
    found = [name for name in names if _parted(name)[1] == key]
    return found[0] if len(found) == 1 else ""


def _of_the_core(name: str, catalog: Catalog) -> bool:
    option = catalog.airflow_option(name)
    return option is not None and not option.provider


def _parted(name: str) -> tuple[str, str]:
    section, _, key = name.rpartition(".")
    return section, key


def _read_by_the_project(name: str, declared_in: str, ctx: Context) -> bool:
    """Whether Python code names the option's last part by itself, as one that reads an option of its own would."""
    files = (file for file in ctx.project.with_role(Role.PYTHON) if file.path != declared_in)
    quoted = re.compile(rb"[\"']" + re.escape(_parted(name)[1].encode()) + rb"[\"']")
    variable = f"AIRFLOW__{name.replace('.', '__')}".upper().encode()
    return any(_mentions(file, quoted, variable) for file in files)


def _mentions(file: SourceFile, quoted: re.Pattern[bytes], variable: bytes) -> bool:
    try:
        return variable in file.data or quoted.search(file.data) is not None
    except UnreadableFileError:
        return True


def _fix(name: str, unknown: _Unknown, origin: Location, environment: Environment, ctx: Context) -> Fix | None:
    if not unknown.meant or not for_one_version(environment, origin):
        return None
    edit = rename(name, unknown.meant, origin, ctx)
    return Fix(f"Rename to {unknown.meant}", Safety.UNSAFE, (edit,)) if edit else None
