"""MW413 path-not-on-mwaa."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._selectors import DagFile
from mwaalint.checks.dags._path_fixes import below_home
from mwaalint.checks.dags._values import is_for_a_laptop
from mwaalint.model.values import Absent
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeGuard

    from mwaalint.documents.python_document import PythonDocument
    from mwaalint.findings import Finding

# What runs in a container or on a machine of its own has its own paths.
_ELSEWHERE = regex(r"Kubernetes|Docker|Eks|Ecs|Batch|SSH|Pod\b|Volume|Mount")
# Calls that ask whether a path is there, or have it as a value of last resort.
_ASKING = frozenset(
    {"get", "getenv", "setdefault", "pop", "replace", "startswith", "exists", "isdir", "isfile", "print"}
)
_MAKES = regex(r"\b(?:mkdir|clone|cp|mv|unzip|tar|sync|venv|virtualenv)\b")
_SAYING = frozenset({"doc", "doc_md", "description", "help", "default", "default_var", "fallback"})
# Cosmos takes the folder of the dbt project by these.
_PROJECT = frozenset({"dbt_root_path", "dbt_project_path"})


@check("MW413", on=DagFile("/airflow", places=("dags", "plugins")))
def path_not_on_mwaa(document: PythonDocument, ctx: FileContext) -> Iterator[Finding]:
    """A text with a path below another Airflow's home, or a command that works in a folder that MWAA does not have."""
    if is_for_a_laptop(document.file.path):
        return
    homes: dict[str, str] = ctx.catalog.table("other-airflow-homes")["rows"]
    home: str = ctx.catalog.table("home-contents")["home"]
    foreign, working, below = _pattern(tuple(homes)), _working_folder(home), _below(home)
    # Code that has the same path in MWAA's home chooses between the two.
    found = [(node, node.value) for node in document.unordered(ast.Constant) if _is_path(node.value)]
    texts = {text.rstrip("/") for _, text in found}
    # What names lead to takes long to see, and few files have a folder of the home that may be one of these.
    led_to = _led_to(document, home, ctx) if any(map(below.fullmatch, texts)) else set()
    for node, text in sorted(found, key=lambda each: (each[0].lineno, each[0].col_offset)):
        if (match := foreign.search(text)) is not None:
            # A text with both homes looks for the one that is there.
            path = match["home"] + match["rest"]
            here = f"{home}{match['rest']}".rstrip("/") in texts or _is_default(text, match.start())
            if (
                home not in foreign.sub("", text)
                and not here
                and not (path.startswith(home) and _has_startup_script(ctx))
                and not _is_no_use(node, document)
                and not _is_for_elsewhere(node, document)
            ):
                fix = below_home(node, match["home"], ctx)
                yield ctx.report(ctx.at(node), fix=fix, subject=path, path=path, owner=homes[match["home"]])
        elif ((match := working.search(text)) is not None and _is_missing(match["entry"], text, ctx)) or (
            (match := below.fullmatch(text)) is not None and match["entry"] in led_to
        ):
            path = f"{home}/{match['entry']}"
            yield ctx.report(ctx.at(node), "not_copied", subject=path, path=path)


def _is_path(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and "/airflow" in value


@lru_cache(maxsize=1)
def _working_folder(home: str) -> re.Pattern[str]:
    """A command that changes into a folder of the home, or names it as dbt's project."""
    return re.compile(rf"(?:\bcd\s+|--project-dir[= ]|--profiles-dir[= ])[\"']?{re.escape(home)}/(?P<entry>[\w.-]+)")


@lru_cache(maxsize=1)
def _below(home: str) -> re.Pattern[str]:
    """A path in the home."""
    return re.compile(rf"{re.escape(home)}/(?P<entry>[\w.-]+)(?:/[\w./-]*)?")


def _led_to(document: PythonDocument, home: str, ctx: FileContext) -> set[str]:
    """The folders of the home that the file gives to dbt or changes into by a name, and that are missing there."""
    working, below = _working_folder(home), _below(home)
    given = [word.value for call in document.unordered(ast.Call) for word in call.keywords if word.arg in _PROJECT]
    commands = [ctx.text(node) for node in document.unordered(ast.JoinedStr)]
    matches = [(below.fullmatch(text), text) for text in map(ctx.text, given)]
    matches += [(working.search(text), text) for text in commands]
    return {match["entry"] for match, text in matches if match and _is_missing(match["entry"], text, ctx)}


def _is_missing(entry: str, text: str, ctx: FileContext) -> bool:
    """Whether surely nobody makes a folder: not MWAA, not the command itself, not a startup script."""
    if entry.startswith(".") or entry in ctx.catalog.table("home-contents")["rows"] or _MAKES.search(text):
        return False
    return ctx.environment is not None and not _has_startup_script(ctx)


def _has_startup_script(ctx: FileContext) -> bool:
    return ctx.environment is not None and not isinstance(ctx.environment.startup_script_s3_path, Absent)


@lru_cache(maxsize=1)
def _pattern(homes: tuple[str, ...]) -> re.Pattern[str]:
    home = "|".join(map(re.escape, homes))
    return re.compile(rf"(?<![\w./-])(?P<home>{home})(?P<rest>(?:/(?:(?!\{{\{{)[^\s'\"`;|&<>)])*)?)(?![\w.-])")


def _is_no_use(node: ast.Constant, document: PythonDocument) -> bool:
    """Whether the text is a docstring, asked for, compared with, or one of two alternatives."""
    match document.parent(node):
        case ast.Expr() | ast.Compare() | ast.BoolOp() | ast.IfExp():
            return True
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
            return name in _ASKING
        case ast.keyword(arg=name):
            return name in _SAYING
        case _:
            return False


def _is_default(text: str, place: int) -> bool:
    """Whether a path is the value of last resort of a look-up in a template."""
    before = text[:place]
    start = before.rfind("{{")
    return start > before.rfind("}}") and re.search(r"\bget\(|\bdefault\(|\bor\s*['\"]$", before[start:]) is not None


def _is_for_elsewhere(node: ast.AST, document: PythonDocument) -> bool:
    parent = document.parent(node)
    while parent is not None and not isinstance(parent, ast.stmt):
        if isinstance(parent, ast.Call) and _ELSEWHERE.search(document.dotted(parent.func)):
            return True
        parent = document.parent(parent)
    return False
