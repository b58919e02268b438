"""MW230: a password, a key or a token in the environment's configuration options."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._options import options
from mwaalint.checks.environment._values import argument_elsewhere
from mwaalint.model.environment import Environment
from mwaalint.model.values import possible
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding

# An option that ends in _secret or _cmd tells where its value is found; these are options of their own.
_NAME = regex(
    r"(?:^|[._])(?:password|passwd|secret_key|fernet_key|access_key|api_key|apikey|private_key|token|jwt_secret"
    r"|client_secret)$"
)
_URL = regex(r"[a-z][a-z0-9+.-]{0,40}://[^\s/:@]*:(?P<password>[^\s/@]+)@", re.IGNORECASE)
_PLACEHOLDER = regex(
    r"[<>{}$*%]|x{3,}|\.{3}|change|replace|your|todo|tbd|example|dummy|fake|placeholder|insert|redacted|sample|^none$|^null$"
    r"|^true$|^false$|^(?:my)?_?(?:password|passwd|pass|secret|token|key)$",
    re.IGNORECASE,
)
# Where a secret is kept: an ARN or a path, as Secrets Manager and Parameter Store name them.
_REFERENCE = regex(r"^(?:arn:|ssm:|/?[\w.-]+(?:/[\w.-]+)+$)")
_SHORTEST = 4


@check("MW230", on=Environment)
def plaintext_secret_in_options(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports each option whose value is a secret by its name, or has a password in a URL. The value is never shown."""
    for name, value in options(environment).items():
        values = [option for option in possible(value) if isinstance(option.value, str)]
        message = _message(name, [str(option.value) for option in values])
        if not message:
            continue
        place = values[0].origin
        yield ctx.report(
            place,
            message,
            related=argument_elsewhere(environment, "airflow_configuration_options", place, ctx.project),
            subject=name,
            name=name,
        )


def _message(name: str, values: list[str]) -> str:
    """The message for the values an option may have: all of them are secrets, or none is reported."""
    if values and _NAME.search(name) and all(_secret(value) for value in values):
        return "default"
    urls = [_URL.search(value) for value in values]
    if urls and all(match is not None and not _PLACEHOLDER.search(match["password"]) for match in urls):
        return "url"
    return ""


def _secret(value: str) -> bool:
    return len(value) >= _SHORTEST and not _PLACEHOLDER.search(value) and not _REFERENCE.search(value)
