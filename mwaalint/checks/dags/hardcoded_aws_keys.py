"""MW416 hardcoded-aws-keys."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._selectors import DagFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.python_document import PythonDocument
    from mwaalint.findings import Finding

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
_ACCESS_KEY = re.compile(r"(?<![A-Za-z0-9])(?P<key>(?:AKIA|ASIA)[A-Z2-7]{16})(?![A-Za-z0-9])")
_URI = re.compile(r"\b[a-z][a-z0-9+.-]{2,}://(?P<user>[^\s:/@{}$]*):(?P<secret>[^\s/@{}$%<>]{4,})@(?P<host>[\w.-]+)")
_ARGUMENT = re.compile(r"^(?:aws_)?secret_?access_?key$|^(?:db_?)?(?:password|passwd|pwd)$", re.IGNORECASE)
# What stands where a secret would, and is none.
_PLACEHOLDER = re.compile(
    r"^(?:[x*.#_-]+|.*(?:your|change|example|placeholder|dummy|sample|secret_?manager|\{\{|\$\{|<|vault:|arn:).*|"
    r"user|pass(?:word)?|secret|test(?:ing)?|none|null|todo|tbd|foo|bar)$",
    re.IGNORECASE,
)
# These belong to a container on a laptop: postgresql://airflow:airflow@postgres/airflow.
_DEFAULTS = frozenset({"airflow", "admin", "postgres", "mysql", "root"})
_LOCAL = frozenset({"localhost", "127.0.0.1", "0.0.0.0", "postgres", "redis", "mysql", "db", "host.docker.internal"})
_PLACES = ("dags", "plugins")


@check("MW416", on=DagFile("AKIA", "ASIA", "access_key", "pass", "pwd", "PASS", "://", places=_PLACES))
def hardcoded_aws_keys(document: PythonDocument, ctx: FileContext) -> Iterator[Finding]:
    """Keys and passwords written into code that is copied to the bucket."""
    for node in document.nodes(ast.Constant):
        what = _what(node, document) if isinstance(node.value, str) else None
        if what is not None:
            yield ctx.report(ctx.at(node), what, subject=what)


def _what(node: ast.Constant, document: PythonDocument) -> str | None:
    text = str(node.value)
    key = _ACCESS_KEY.search(text)
    if key is not None and "EXAMPLE" not in key["key"]:
        return "access_key"
    uri = _URI.search(text)
    if uri is not None and not _is_placeholder(uri["secret"]) and not _is_local(uri["secret"], uri["host"]):
        return "uri"
    name = _name(node, document)
    if name is None or not _ARGUMENT.match(name) or len(text) < 4 or _is_placeholder(text) or text in _DEFAULTS:
        return None
    return "secret_key" if "secret" in name.lower() else "password"


def _name(node: ast.Constant, document: PythonDocument) -> str | None:
    """What a literal is called where it is passed, stored or assigned."""
    match document.parent(node):
        case ast.keyword(arg=name):
            return name
        case ast.Dict(keys=keys, values=values):
            place = next((index for index, value in enumerate(values) if value is node), None)
            key = keys[place] if place is not None else None
            return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else None
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.Assign(targets=[ast.Attribute(attr=name)]):
            return name
        case _:
            return None


def _is_local(secret: str, host: str) -> bool:
    return secret in _DEFAULTS or host in _LOCAL


def _is_placeholder(text: str) -> bool:
    return bool(_PLACEHOLDER.match(text))
