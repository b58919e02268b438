"""Where the DAG code of a repository runs a dbt project that lies in its DAGs folder."""

from __future__ import annotations

import ast
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

from mwaalint.discover import Role
from mwaalint.documents.python import begins_with_literal
from mwaalint.documents.python_walk import walk
from mwaalint.model.adapters._python_modules import Modules, holds
from mwaalint.model.dbt_shell import HOLE, Invocation, dbt_invocation, invocation, invocations
from mwaalint.model.dbt_values import Values
from mwaalint.model.layout import is_test
from mwaalint.records import record

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from mwaalint.discover import Project
    from mwaalint.findings import Location
    from mwaalint.model.adapters._python_modules import FunctionNode, Module
    from mwaalint.model.dbt_values import Runtime
    from mwaalint.model.deployment import DbtProject
    from mwaalint.source import SourceFile

_PROCESSES = frozenset(
    {
        *(f"subprocess.{name}" for name in ("run", "call", "check_call", "check_output", "Popen")),
        "os.system",
        "os.popen",
    }
)
# Decorators whose function runs in a container of its own, away from MWAA's file system.
_ELSEWHERE = ("task.docker", "task.kubernetes")
_PROJECT_VARIABLES = ("DBT_PROJECT_DIR", "DBT_ENGINE_PROJECT_DIR")
# The operators of the airflow-dbt package, which run dbt in their ``dir``.
_OPERATORS = {
    "DbtRunOperator": "run",
    "DbtTestOperator": "test",
    "DbtSeedOperator": "seed",
    "DbtSnapshotOperator": "snapshot",
    "DbtDepsOperator": "deps",
    "DbtCleanOperator": "clean",
    "DbtDocsGenerateOperator": "docs generate",
}


@record
class DbtRun:
    """One run of a project in place: where the code asks for it, and what is asked. ``in_shell`` tells that the place
    is a text for bash whose beginning is written out there.
    """

    location: Location
    invocation: Invocation
    project: DbtProject
    file: SourceFile
    in_shell: bool = False


@record
class _Site:
    """A place in the code that runs dbt."""

    node: ast.expr
    module: Module
    found: tuple[Invocation, ...]
    in_shell: bool = False


def dbt_runs(
    project: Project, projects: Sequence[DbtProject], runtime: Runtime, subcommands: Collection[str]
) -> list[DbtRun]:
    """The runs of these projects in place, by the Python files below the DAGs folder; ``subcommands`` are dbt's."""
    folders = {path: each for each in projects if (path := runtime.path(each.folder))}
    if not folders:
        return []
    files = {file.path: file for file in project.with_role(Role.PYTHON)}
    modules = Modules(files, project)
    reader = _Reader(Values(modules, runtime), subcommands)
    found: list[DbtRun] = []
    for path, file in files.items():
        if runtime.path(path) is None or is_test(path) or not holds(file, "dbt"):
            continue
        module = modules.module(path)
        for site in reader.sites(module) if module else ():
            for each in site.found:
                target = _project(each, folders, runtime.dags)
                if target:
                    found.append(DbtRun(site.module.at(site.node, ""), each, target, file, site.in_shell))
    return found


def _project(found: Invocation, folders: dict[str, DbtProject], dags: str) -> DbtProject | None:
    """The project that a run works on, by --project-dir, the variable for it, or the folder and those above."""
    named = found.option("--project-dir")
    if named is None:
        named = next((found.variables[name] for name in _PROJECT_VARIABLES if name in found.variables), None)
    if named is not None:
        path = join(found.folder, named)
        return folders.get(normpath(path)) if path.startswith("/") and HOLE not in path else None
    path = found.folder
    while path == dags or path.startswith(f"{dags}/"):
        if path in folders:
            return folders[path]
        path = dirname(path)
    return None


class _Reader:
    """Finds the places of a file that run dbt."""

    def __init__(self, values: Values, subcommands: Collection[str]) -> None:
        self.values = values
        self.subcommands = subcommands

    def sites(self, module: Module) -> Iterator[_Site]:
        for node in walk(module.tree):
            if isinstance(node, ast.Call):
                for site in self._call(node, module):
                    if site.found and not self._runs_elsewhere(node, module):
                        yield site
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield from self._bash_task(node, module)

    def _call(self, call: ast.Call, module: Module) -> Iterator[_Site]:
        dotted = module.dotted(call.func)
        name = dotted.rpartition(".")[2]
        if name == "BashOperator" or dotted.endswith("BashOperator.partial"):
            command = _argument(call, "bash_command")
            if command:
                yield self._site(command, call, module, bash=True)
        elif dotted in _PROCESSES:
            command = call.args[0] if call.args else _argument(call, "args")
            if command:
                yield self._site(command, call, module)
        elif isinstance(call.func, ast.Attribute) and call.func.attr == "invoke" and call.args:
            yield from self._runner(call.args[0], module)
        elif dotted.startswith("airflow_dbt.") and name in _OPERATORS:
            yield from self._operator(call, _OPERATORS[name], module)

    def _site(self, command: ast.expr, call: ast.Call, module: Module, *, bash: bool = False) -> _Site:
        """A command, as text for a shell or as a list of words, with the folder and variables the call gives it."""
        folder = _argument(call, "cwd")
        variables, complete = self._variables(call, module)
        known = {**self.values.runtime.variables, **variables}
        where = self.values.text(folder, module) if folder else ""
        where = "" if HOLE in where else where.rstrip("/")
        words = self.values.words(command, module)
        if words is not None:
            found = invocation(words, where, known, self.subcommands, certain=complete) if words else []
        else:
            text = self.values.text(command, module)
            found = invocations(text, where, known, self.subcommands, certain=complete)
        return _Site(command, module, tuple(found), bash and begins_with_literal(command))

    def _variables(self, call: ast.Call, module: Module) -> tuple[dict[str, str], bool]:
        """The variables a call sets, and whether these are all: what it spreads may set more."""
        variables, complete = self.values.environment(_argument(call, "env"), module)
        return variables, complete and _argument(call, "**") is None

    def _bash_task(self, function: FunctionNode, module: Module) -> Iterator[_Site]:
        """What functions decorated with ``@task.bash`` return."""
        for decorator in function.decorator_list:
            call = decorator if isinstance(decorator, ast.Call) else ast.Call(decorator, [], [])
            if not module.dotted(call.func).endswith("task.bash"):
                continue
            for node in walk(function):
                if isinstance(node, ast.Return) and node.value and next(module.scopes(node)) is function:
                    yield self._site(node.value, call, module, bash=True)

    def _runner(self, arguments: ast.expr, module: Module) -> Iterator[_Site]:
        """``dbtRunner().invoke([...])``, which works on the project its arguments name."""
        if "dbtRunner" not in {name.rpartition(".")[2] for name in module.imports.values()}:
            return
        words = self.values.words(arguments, module)
        variables = self.values.runtime.variables
        found = dbt_invocation(words, "", variables, self.subcommands, certain=True) if words else None
        if found:
            yield _Site(arguments, module, (found,))

    def _operator(self, call: ast.Call, subcommand: str, module: Module) -> Iterator[_Site]:
        folder = _argument(call, "dir") or self._default("dir", module)
        where = self.values.text(folder, module) if folder else ""
        variables, complete = self._variables(call, module)
        if where.startswith("/") and HOLE not in where:
            words = tuple(subcommand.split())
            found = Invocation(
                subcommand, words, normpath(where), variables, complete and _argument(call, "**") is None
            )
            yield _Site(call.func, module, (found,))

    def _default(self, name: str, module: Module) -> ast.expr | None:
        """What the one dictionary of default arguments in a file gives for an argument."""
        given = {
            argument.value.id: argument.value
            for node in walk(module.tree)
            if isinstance(node, ast.Call)
            for argument in node.keywords
            if argument.arg == "default_args" and isinstance(argument.value, ast.Name)
        }
        bound = [self.values.bound(each, module)[0] for each in given.values()]
        match bound:
            case [ast.Dict(keys=keys, values=values)]:
                found = [value for key, value in zip(keys, values, strict=True) if _is_text(key, name)]
            case [ast.Call(func=ast.Name(id="dict"), keywords=keywords)]:
                found = [each.value for each in keywords if each.arg == name]
            case _:
                found = []
        return found[-1] if found else None

    def _runs_elsewhere(self, node: ast.AST, module: Module) -> bool:
        """Whether a function around the node runs in a container of its own."""
        for scope in module.scopes(node):
            for decorator in getattr(scope, "decorator_list", []):
                dotted = module.dotted(decorator.func if isinstance(decorator, ast.Call) else decorator)
                if dotted.endswith(_ELSEWHERE):
                    return True
        return False


def _argument(call: ast.Call, name: str) -> ast.expr | None:
    """What a call passes by keyword; "**" for what it spreads."""
    return next((each.value for each in call.keywords if (each.arg or "**") == name), None)


def _is_text(node: ast.expr | None, text: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == text
