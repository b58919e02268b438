"""MW104: DAG or plugin code imports a package that nothing installs."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.requirements._edits import unsafe, with_last_line
from mwaalint.checks.requirements._supply import OwnModules, install_plan, supply
from mwaalint.findings import Confidence
from mwaalint.model.deployed_code import DeployedCode
from mwaalint.model.packages import Packages

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mwaalint.findings import Finding, Fix
    from mwaalint.model.deployed_code import FileFacts, ImportFact
    from mwaalint.model.install import InstallPlan
    from mwaalint.model.packages import Origin, Supply

# Where a file changes what Python finds, nobody can tell here what it finds, but for what is inside of Airflow.
_PATHS = ("sys.path.", "site.addsitedir", "sys.meta_path.", "sys.modules.")
_TASK_SDK = "apache-airflow-task-sdk"
_PROVIDERS = "airflow.providers."
# Jobs for a cluster that lie among the plugins are no plugins.
_FOR_CLUSTERS = frozenset({"pyspark"})


@check("MW104", on=DeployedCode, needs_version=True)
def imported_package_not_installed(code: DeployedCode, ctx: Context) -> Iterator[Finding]:
    """Looks at each import of each file that MWAA runs; one finding a package and file."""
    packages, plan = Packages(ctx.catalog), install_plan(ctx)
    installed = supply(ctx, plan, packages)
    if installed is None:
        return
    absent = _Absent(packages, installed, OwnModules(ctx.project), ctx)
    pins = ctx.catalog.pins(ctx.deployment.target.airflow or "")
    image_known = pins is not None and pins.preinstalled_complete
    for file in code.files.values():
        changes_paths = any(name.startswith(_PATHS) for name in file.called)
        for origin, one in _missing(file, absent).items():
            if changes_paths and not origin.module.startswith("airflow."):
                continue
            finding = _report(origin, one, file, plan, ctx)
            yield finding if image_known else replace(finding, confidence=Confidence.MEDIUM)


class _Absent:
    """Tells which imports lead to packages that are not there; each name is looked up once: most files share them."""

    def __init__(self, packages: Packages, installed: Supply, own: OwnModules, ctx: Context) -> None:
        self._packages, self._installed, self._own = packages, installed, own
        stated = ctx.options["provided"]
        self._provided = tuple(f"{name}." for name in stated) if isinstance(stated, list) else ()
        self.origin = cache(self._looked_up)
        self._is_there = cache(self._looked_for)
        old = ctx.catalog.table("airflow1-modules")["rows"]
        self._old_homes, self._not_yet_providers = tuple(old["homes"]), tuple(old["split_off_in_3"])
        on_airflow_2 = (ctx.deployment.target.airflow or "").startswith("2.")
        self._renamed: Mapping[str, str] = (
            ctx.catalog.table("airflow3-removed")["rows"]["instead"] if on_airflow_2 else {}
        )

    def _looked_up(self, dotted: str) -> Origin | None:
        """The absent package; None for what is there or said to be, what is relative, and what is Python's own."""
        top = dotted.partition(".")[0]
        if not top or top in sys.stdlib_module_names or f"{dotted}.".startswith(self._provided):
            return None
        origin = self._of_old_name(dotted) or self._packages.origin(dotted)
        return None if origin is None or self._is_there(origin) else origin

    def _looked_for(self, origin: Origin) -> bool:
        return self._installed.may_hold(origin) or self._own.may_hold(origin.module)

    def _of_old_name(self, dotted: str) -> Origin | None:
        """Where Airflow 2 finds what is imported by one of Airflow 1's names, under that name."""
        if not dotted.startswith(self._old_homes):
            return None
        now = self._renamed.get(dotted, "")
        if not now.startswith(_PROVIDERS) or now.startswith(self._not_yet_providers):
            return None
        origin = self._packages.origin(now)
        return origin and origin._replace(module=dotted.rpartition(".")[0])


def _missing(file: FileFacts, absent: _Absent) -> dict[Origin, ImportFact]:
    """The packages that a file needs and that are not there, each with its first import."""
    found: dict[Origin, ImportFact] = {}
    guarded: set[Origin] = set()
    for one in file.imports:
        origin = absent.origin(one.dotted)
        if origin is None or (file.place == "plugins" and origin.module in _FOR_CLUSTERS):
            continue
        if one.guarded or one.elsewhere:
            guarded.add(origin)
        else:
            found.setdefault(origin, one)
    return {origin: one for origin, one in found.items() if origin not in guarded}


def _report(origin: Origin, one: ImportFact, file: FileFacts, plan: InstallPlan | None, ctx: Context) -> Finding:
    airflow = ctx.deployment.target.airflow or ""
    name, version = _wanted(origin, plan, ctx)
    line = f"{name}=={version}" if version else name
    if name == _TASK_SDK:
        return ctx.report(one.location(file), "airflow3", subject=name, airflow=airflow)
    message = ("file" if one.at_import else "task") if plan else "no_file"
    if plan and origin.module.startswith("airflow.") and not origin.module.startswith(_PROVIDERS):
        message = "old"
    return ctx.report(
        one.location(file),
        message,
        subject=name,
        module=origin.module,
        package=name,
        line=line,
        airflow=airflow,
        fix=_fix(line, plan) if version else None,
    )


def _wanted(origin: Origin, plan: InstallPlan | None, ctx: Context) -> tuple[str, str]:
    """The package to ask for, and the version that the constraints give it, "" where they give none."""
    pins = ctx.catalog.pins(ctx.deployment.target.airflow or "")
    for name in origin.packages:
        enforced = plan.pinned_by(name) if plan else ()
        version = enforced[0].version if enforced else pins.constraints.get(name, "") if pins else ""
        if version:
            return name, version
    return origin.packages[0], ""


def _fix(line: str, plan: InstallPlan | None) -> Fix | None:
    return unsafe(f"Add {line} to the requirements", with_last_line(plan.document.file, line)) if plan else None
