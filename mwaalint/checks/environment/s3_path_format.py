"""MW228: a path in the bucket, or the bucket's ARN, in a form that MWAA does not take."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._values import argument_elsewhere, arms, replacement
from mwaalint.findings import Finding, Fix, Safety
from mwaalint.model.environment import Environment
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.model.values import Known

_FILES = ("requirements_s3_path", "plugins_s3_path", "startup_script_s3_path")
_URI = regex(r"s3://[^/]*/?(?P<key>.*)", re.DOTALL)
_LONG_ARN = regex(r"(?P<bucket>arn:aws[a-z-]*:s3:::[a-z0-9.-]+)/\*?")


@check("MW228", on=Environment)
def s3_path_format(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports URIs where a key is wanted, folders where a file is wanted, and objects where a bucket is wanted."""
    for argument in ("dag_s3_path", *_FILES, "source_bucket_arn"):
        found = [(_problem(argument, text), text, value) for text, value in arms(environment.get(argument), str)]
        if not all(problem for problem, _, _ in found):
            continue
        for problem, text, value in found:
            yield ctx.report(
                value.origin,
                problem,
                related=argument_elsewhere(environment, argument, value.origin, ctx.project),
                fix=_fix(value, text, ctx),
                subject=argument,
                argument=argument,
                value=text,
            )


def _problem(argument: str, text: str) -> str:
    """The message for a value, "" for one that is right, or wrong in a way that is not sure."""
    if argument == "source_bucket_arn":
        return "bucket" if _LONG_ARN.fullmatch(text) else ""
    if text.startswith("s3://"):
        return "default"
    return "folder" if argument in _FILES and text.endswith("/") else ""


def _fix(value: Known, text: str, ctx: Context) -> Fix | None:
    uri, arn = _URI.fullmatch(text), _LONG_ARN.fullmatch(text)
    right = uri["key"] if uri else arn["bucket"] if arn else ""
    edit = replacement(value, right, ctx.project) if right else None
    return Fix(f"Use {right}", Safety.UNSAFE, (edit,)) if edit else None
