"""MW416 hardcoded-aws-keys."""

from __future__ import annotations

import ast
import re
from itertools import chain
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
    r"^(?:[x*.#_-]+|(?-i:/[a-z_-]+/[\w./-]+)|.*(?:your|change|example|placeholder|dummy|sample|secret_?manager|\{\{|\$\{|<|vault:|arn:).*|"
    r"user|pass(?:word)?|secret|test(?:ing)?|none|null|todo|tbd|foo|bar)$",
    re.IGNORECASE,
)
# In an address these belong to a container on a laptop: postgresql://airflow:airflow@postgres/airflow.
_DEFAULTS = frozenset({"airflow", "admin", "postgres", "mysql", "root"})
_LOCAL = frozenset({"localhost", "127.0.0.1", "0.0.0.0", "postgres", "redis", "mysql", "db", "host.docker.internal"})
_PLACES = ("dags", "plugins")


@check("MW416", on=DagFile("AKIA", "ASIA", "access_key", "pass", "pwd", "PASS", "://", places=_PLACES))
def hardcoded_aws_keys(document: PythonDocument, ctx: FileContext) -> Iterator[Finding]:
    """Keys and passwords written into code that is copied to the bucket."""
    names = dict(_named(document))
    texts = ((node, node.value) for node in document.unordered(ast.Constant))
    found = [(node, what) for node, text in texts if type(text) is str and (what := _what(text, names.get(node)))]
    for node, what in sorted(found, key=lambda each: (each[0].lineno, each[0].col_offset)):
        yield ctx.report(ctx.at(node), what, subject=what)


def _what(text: str, name: str | None) -> str | None:
    """What a literal gives away; ``name`` is what it is called, where that says that it is a secret."""
    key = _ACCESS_KEY.search(text) if "AKIA" in text or "ASIA" in text else None
    if key is not None and "EXAMPLE" not in key["key"]:
        return "access_key"
    uri = _URI.search(text) if "://" in text else None
    if uri is not None and not _is_placeholder(uri["secret"]) and not _is_local(uri["secret"], uri["host"]):
        return "uri"
    if name is None or len(text) < 4 or _is_placeholder(text):
        return None
    return "secret_key" if "secret" in name.lower() else "password"


def _named(document: PythonDocument) -> Iterator[tuple[ast.expr, str]]:
    """The literals that are passed, stored or assigned under the name of a secret, each with the name."""
    for node, name in chain(_passed(document), _stored(document), _assigned(document)):
        if type(node) is ast.Constant and name is not None and _ARGUMENT.match(name):
            yield node, name


def _passed(document: PythonDocument) -> Iterator[tuple[ast.expr, str | None]]:
    return ((node.value, node.arg) for node in document.unordered(ast.keyword))


def _stored(document: PythonDocument) -> Iterator[tuple[ast.expr, str | None]]:
    for node in document.unordered(ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield value, key.value


def _assigned(document: PythonDocument) -> Iterator[tuple[ast.expr, str | None]]:
    for node in document.unordered(ast.Assign):
        target = node.targets[0]
        if len(node.targets) == 1 and isinstance(target, ast.Name | ast.Attribute):
            yield node.value, target.id if isinstance(target, ast.Name) else target.attr


def _is_local(secret: str, host: str) -> bool:
    return secret in _DEFAULTS or host in _LOCAL


def _is_placeholder(text: str) -> bool:
    return bool(_PLACEHOLDER.match(text))
