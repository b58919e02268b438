"""MW416 hardcoded-aws-keys."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._selectors import DagFile
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.python_document import PythonDocument
    from mwaalint.findings import Finding

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
_ACCESS_KEY = regex(r"(?<![A-Za-z0-9])(?P<key>(?:AKIA|ASIA)[A-Z2-7]{16})(?![A-Za-z0-9])")
_KEY = regex(rb"A[KS]IA")
_URI = regex(r"\b[a-z][a-z0-9+.-]{2,40}://(?P<user>[^\s:/@{}$]*):(?P<secret>[^\s/@{}$%<>]{4,})@(?P<host>[\w.-]+)")
_ARGUMENT = regex(r"^(?:aws_)?secret_?access_?key$|^(?:db_?)?(?:password|passwd|pwd)$", re.IGNORECASE)
# What stands where a secret would, and is none.
_PLACEHOLDER = regex(
    r"^(?:[x*.#_-]+|(?-i:/[a-z_-]+/[\w./-]+)|.*(?:your|change|example|placeholder|dummy|sample|secret_?manager|\{\{|\$\{|<|vault:|arn:).*|"
    r"user|pass(?:word)?|secret|test(?:ing)?|none|null|todo|tbd|foo|bar)$",
    re.IGNORECASE,
)
# In an address these belong to a container on a laptop: postgresql://airflow:airflow@postgres/airflow.
_DEFAULTS = frozenset({"airflow", "admin", "postgres", "mysql", "root"})
_LOCAL = frozenset({"localhost", "127.0.0.1", "0.0.0.0", "postgres", "redis", "mysql", "db", "host.docker.internal"})
_PLACES = ("dags", "plugins")


@check("MW416", on=DagFile("://", "pass", "pwd", "access_key", "PASS", "AKIA", "ASIA", places=_PLACES))
def hardcoded_aws_keys(document: PythonDocument, ctx: FileContext) -> Iterator[Finding]:
    """Keys and passwords written into code that is copied to the bucket."""
    data = document.file.data
    may_name = _may_name_secrets(data.lower())
    if not may_name and not _may_show_secrets(data):
        return
    names = _named(document) if may_name else {}
    texts = [(node, node.value) for node in document.unordered(ast.Constant) if isinstance(node.value, str)]
    texts = [(node, text) for node, text in texts if "://" in text or "IA" in text or node in names]
    found = [(node, what) for node, text in texts if (what := _what(text, names.get(node)))]
    for node, what in sorted(found, key=lambda each: (each[0].lineno, each[0].col_offset)):
        yield ctx.report(ctx.at(node), what, subject=what)


def _may_name_secrets(lowered: bytes) -> bool:
    """Whether a file may hold a name that says so. Most do not: to see that takes less time than to go through it."""
    return b"secret" in lowered or b"passw" in lowered or b"pwd" in lowered


def _may_show_secrets(data: bytes) -> bool:
    """Whether a file may hold a key, or an address with a name and a password, of which neither has a slash."""
    if b"@" in data and any(b"@" in rest.partition(b"/")[0] for rest in data.split(b"://")[1:]):
        return True
    return _KEY.search(data) is not None


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


def _named(document: PythonDocument) -> dict[ast.Constant, str]:
    """The texts that are passed, stored or assigned under the name of a secret, each with the name."""
    found: list[tuple[ast.Constant, object]] = [
        (node.value, node.arg) for node in document.unordered(ast.keyword) if type(node.value) is ast.Constant
    ]
    for held in document.unordered(ast.Dict):
        entries = zip(held.keys, held.values, strict=True)
        found += [(node, key.value) for key, node in entries if type(key) is type(node) is ast.Constant]
    for node in document.unordered(ast.Assign):
        if type(node.value) is ast.Constant and len(node.targets) == 1:
            found.append((node.value, getattr(node.targets[0], "id", getattr(node.targets[0], "attr", None))))
    return {node: name for node, name in found if type(name) is str and type(node.value) is str and _is_secrets(name)}


# The names in code are the same again and again.
@lru_cache(maxsize=10_000)
def _is_secrets(name: str) -> bool:
    return _ARGUMENT.match(name) is not None


def _is_local(secret: str, host: str) -> bool:
    return secret in _DEFAULTS or host in _LOCAL


def _is_placeholder(text: str) -> bool:
    return bool(_PLACEHOLDER.match(text))
