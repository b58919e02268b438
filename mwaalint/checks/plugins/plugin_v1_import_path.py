"""MW655 plugin-v1-import-path."""

from __future__ import annotations

from posixpath import basename
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks._selectors import PLUGINS
from mwaalint.findings import Location
from mwaalint.model.deployed_code import DeployedCode
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding

_IMPORT = regex(r"airflow\.(?P<kind>operators|hooks|sensors)\.(?P<module>\w+)(?:\.\w+)?$")


@check("MW655", on=DeployedCode, airflow=">=2.0.2")
def plugin_v1_import_path(code: DeployedCode, ctx: Context) -> Iterator[Finding]:
    """An import of a plugin's module through ``airflow.operators``, as Airflow 1 had it."""
    airflows: dict[str, list[str]] = ctx.catalog.table("airflow-operator-modules")["rows"]
    own = {basename(file.path).removesuffix(".py"): file.path for file in code.place(PLUGINS)}
    for file in code.files.values() if own else ():
        seen: set[str] = set()
        for one in file.imports:
            match = _IMPORT.match(one.dotted)
            if match is None or one.guarded or match["module"] not in own or match["module"] in airflows[match["kind"]]:
                continue
            dotted, path = f"airflow.{match['kind']}.{match['module']}", own[match["module"]]
            if dotted not in seen:
                seen.add(dotted)
                related = [Location(path, note="the module")]
                yield ctx.report(one.location(file), related=related, subject=dotted, dotted=dotted, path=path)
