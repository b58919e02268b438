"""MW603: what only the workers get, although reading the DAGs, which the scheduler's container does, needs it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.checks._api import Context, check
from mwaalint.checks.startup._script import is_component, replaced, table
from mwaalint.documents.python_document import read_python
from mwaalint.documents.shell_syntax import Compare, Test, inside
from mwaalint.findings import Fix, Safety
from mwaalint.model.deployed_code import code_files
from mwaalint.model.startup import StartupScript
from mwaalint.patterns import regex
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mwaalint.documents.python_document import PythonDocument
    from mwaalint.findings import Finding, Location
    from mwaalint.model.startup import Program, Step
    from mwaalint.source import SourceFile

_PYTHON = regex(r"python[\d.]*")
_COSMOS = regex(rb"\bDbtDag\b|\bDbtTaskGroup\b")
# With one of these Cosmos reads a project without calling dbt.
_WITHOUT_DBT = regex(rb"DBT_MANIFEST|LoadMode\.CUSTOM|manifest_path|DBT_LS_FILE|DBT_LS_CACHE")


class _Need(NamedTuple):
    """A place that needs something when DAGs are read."""

    kind: str
    what: str
    step: Step
    place: Location


@check("MW603", on=StartupScript)
def startup_component_gate_wrong(script: StartupScript, ctx: Context) -> Iterator[Finding]:
    """Reports the step that makes it, once for each thing that is needed."""
    there = set(table(ctx)["container"])
    variables = {name: step for name, step in _only_workers(_exports(script)).items() if name not in there}
    folders = _only_workers(_virtual_environments(script))
    if not variables and not folders:
        return
    seen: set[str] = set()
    files = list(code_files(ctx.deployment, ctx.project).dags.values())
    if any(_reads_manifest(file) for file in files):
        folders = {}
    for file in files:
        for need in _needs(file, variables, folders):
            if need.what not in seen:
                seen.add(need.what)
                yield ctx.report(
                    script.location(need.step.span, need.what),
                    need.kind,
                    related=[need.place.noted("needed here each time the DAGs are read")],
                    what=need.what,
                    components=", ".join(sorted(need.step.components)),
                    fix=_fix(script, need.step),
                    subject=need.what,
                )


def _reads_manifest(file: SourceFile) -> bool:
    try:
        return b"cosmos" in file.data and _WITHOUT_DBT.search(file.data) is not None
    except UnreadableFileError:
        return False


def _exports(script: StartupScript) -> Iterator[tuple[str, Step]]:
    for step in script.own:
        if step.exports:
            yield from ((item.name, step) for item in step.assignments)


def _virtual_environments(script: StartupScript) -> Iterator[tuple[str, Step]]:
    for step in script.steps:
        if step.program and (folder := _made(step.program)):
            yield folder, step


def _made(program: Program) -> str:
    """The folder of a virtual environment that a command makes, "" where it makes none."""
    module = program.arguments[:2] in (("-m", "venv"), ("-m", "virtualenv"))
    is_venv = (_PYTHON.fullmatch(program.name) and module) or program.name == "virtualenv"
    if program.name == "uv" and program.operands[:1] == ("venv",):
        is_venv = True
    folder = program.arguments[-1].rstrip("/") if is_venv and program.arguments else ""
    return folder if "/" in folder and not folder.startswith("-") else ""


def _only_workers(made: Iterator[tuple[str, Step]]) -> Mapping[str, Step]:
    """What no step makes where the DAGs are read, with the first step that makes it."""
    found: dict[str, Step] = {}
    everywhere: set[str] = set()
    for name, step in made:
        found.setdefault(name, step)
        if "scheduler" in step.components:
            everywhere.add(name)
    return {name: step for name, step in found.items() if name not in everywhere}


def _needs(file: SourceFile, variables: Mapping[str, Step], folders: Mapping[str, Step]) -> Iterator[_Need]:
    try:
        data = file.data
    except UnreadableFileError:
        return
    named = [name for name in variables if name.encode() in data]
    cosmos = b"dbt_executable_path" in data and _COSMOS.search(data) is not None
    document = read_python(file) if named or cosmos else None
    if document is None:
        return
    for node in document.nodes(ast.Subscript):
        name = _environment_name(node, document)
        if name in named and document.runs_at_import(node) and not _caught(node, document):
            yield _Need("variable", name, variables[name], document.location(node))
    for folder, step in folders.items() if cosmos else ():
        place = _executable(folder, document)
        if place is not None:
            yield _Need("venv", folder, step, place)


def _environment_name(node: ast.Subscript, document: PythonDocument) -> str:
    is_environ = document.dotted(node.value) == "os.environ" and isinstance(node.ctx, ast.Load)
    return str(node.slice.value) if is_environ and isinstance(node.slice, ast.Constant) else ""


def _caught(node: ast.AST, document: PythonDocument) -> bool:
    """Whether an exception of the node may be caught around it."""
    parent = document.parent(node)
    while parent is not None:
        if isinstance(parent, ast.Try):
            return True
        parent = document.parent(parent)
    return False


def _fix(script: StartupScript, step: Step) -> Fix | None:
    """Asks for the web server where the one condition in front of the step asks for the worker."""
    gates = {gate.span for gate in script.gates}
    asked = [
        one.condition
        for one in inside(script.document.body)
        if isinstance(one, Test) and one.span in gates and one.span.start < step.span.start
    ]
    if len(asked) != 1 or not isinstance(asked[0], Compare) or not is_component(asked[0].left, script):
        return None
    operator = {"==": "!=", "=": "!=", "!=": "=="}.get(asked[0].operator)
    if operator is None or asked[0].right.literal != "worker":
        return None
    text = f'{script.file.slice(asked[0].left.span)} {operator} "webserver"'
    return Fix("Test for the web server instead", Safety.UNSAFE, (replaced(script, asked[0].span, text),))


def _executable(folder: str, document: PythonDocument) -> Location | None:
    """Where the code names dbt in the folder, in one text or with the folder's name in another."""
    ending = f"{folder.rpartition('/')[2]}/bin/dbt"
    for node in document.nodes(ast.Constant):
        if isinstance(node.value, str) and node.value.endswith(ending):
            return document.location(node)
    return None
