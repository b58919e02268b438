"""MW705 migration-swallowed-exceptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.model.deployed_code import DeployedCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding
    from mwaalint.model.deployed_code import FileFacts


@check("MW705", on=DeployedCode)
def migration_swallowed_exceptions(code: DeployedCode, ctx: Context) -> Iterator[Finding]:
    """A failure that is printed, or not even that, and leaves a green task."""
    loading = [(facts.path, name) for facts in code.files.values() for name in facts.loading]
    for facts in code.place("dags"):
        for hidden in facts.hidden:
            of = "rows" if any(_is(called, facts, *one) for called in hidden.calls for one in loading) else hidden.of
            if of:
                yield ctx.report(
                    hidden.location, of, subject=hidden.function, function=hidden.function, does=hidden.does
                )


def _is(called: str, facts: FileFacts, path: str, name: str) -> bool:
    """Whether a dotted name that a file calls is this function of another file."""
    module, _, function = called.rpartition(".")
    file = path.removesuffix(".py").removesuffix("/__init__")
    return function == name and path != facts.path and f"/{file}".endswith(f"/{module.lstrip('.').replace('.', '/')}")
