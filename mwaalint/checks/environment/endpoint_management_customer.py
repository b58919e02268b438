"""MW226: endpoints of one's own with a provider that gives up on the environment that waits for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._provider import excluding
from mwaalint.model.environment import Environment
from mwaalint.model.values import Known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding

_ARGUMENT = "endpoint_management"


@check("MW226", on=Environment)
def endpoint_management_customer(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports ``CUSTOMER`` where the project allows only releases of the provider that fail on it."""
    value = environment.endpoint_management
    if not (isinstance(value, Known) and value.value == "CUSTOMER"):
        return
    rows = ctx.catalog.table("terraform-arguments")["rows"]
    (needed,) = (row["since"] for row in rows if row["argument"] == f"{_ARGUMENT}=CUSTOMER")
    pin = excluding(environment, needed)
    if pin is not None:
        yield ctx.report(
            environment.where(_ARGUMENT),
            related=[pin.origin.noted("allows no newer release")],
            pin=pin.value,
            needed=needed,
        )
