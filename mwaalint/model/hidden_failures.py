"""Failures that code hides from Airflow: handlers that print or pass, and the task is green."""

from __future__ import annotations

import ast
import re
import sys
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.cached import cached_property
from mwaalint.documents.python import source_of
from mwaalint.documents.python_walk import walk
from mwaalint.findings import Location
from mwaalint.model.metadata_scripts import method
from mwaalint.model.values import known
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mwaalint.documents.python_blocks import FunctionNode
    from mwaalint.documents.python_document import PythonDocument
    from mwaalint.model.dag_model import Task
    from mwaalint.model.dag_reading import DagCode

_PLAIN = frozenset({"PythonOperator", "PythonVirtualenvOperator", "ExternalPythonOperator"})
_DECORATED = frozenset({"task", "task.python", "task.virtualenv", "task.external_python"})
_BROAD = frozenset({"Exception", "BaseException"})
_SAYS = frozenset({"debug", "info", "warning", "warn", "error", "critical", "exception", "log", "print_exc", "print"})
_UNDOES = frozenset({"rollback", "close"})
_LOADS = frozenset({"copy_expert", "copy_from", "add_all", "merge", "put_log_events"})
_LOGS = frozenset({"put_log_events"})
_RUNS = frozenset({"execute", "executemany"})
_FETCHES = frozenset({"download_file", "download_fileobj", "get_object", "read_key", "get_key"})
_OF_METADATA = _LOADS | _RUNS | _FETCHES
_PACKAGES = frozenset({"airflow", "boto3", "botocore", "sqlalchemy", "pandas", "requests", "numpy"})
# A step whose failure nobody wants to fail for.
_OPTIONAL = regex(r"notif|alert|clean|tear_?down|purge|slack|e?mail|telegram|metric|audit|diagnos|test|debug", re.I)
_SETS_UP = regex(
    r"^(?:get_conn|get_connection|client|resource|Session|getLogger|get|getenv|join|format|now|today|makedirs|mkdir|exists)$"
)


class HiddenFailure(NamedTuple):
    """A handler that takes every failure and lets none of them out.

    ``of`` says what fails: "rows" of Airflow's database, "logs", a "file" with such rows, a "statement" on that
    database, or a "task"; "" where nothing of this is seen here. ``calls`` are the functions of other files that are
    called there, by dotted name.
    """

    location: Location
    function: str
    does: str
    of: str
    calls: frozenset[str] = frozenset()


def hidden_failures(code: DagCode, done: MetadataWork | None) -> Iterator[HiddenFailure]:
    """The failures that a file hides, or may hide. ``done`` is what it does with Airflow's database, None without."""
    document = code.document
    swallowing = [(each, found) for each in document.nodes(ast.Try) if (found := _swallowing(each)) is not None]
    tasks = _functions(code) if swallowing else {}
    for attempt, handler in swallowing:
        function = document.function_around(attempt)
        if function is None:
            continue
        of = _of_metadata(function, attempt, handler, done) if done else ""
        if not of and _fails_green(function, attempt, handler, tasks):
            of = "task"
        calls = frozenset(_foreign(attempt.body, document))
        if of or calls:
            where = Location(document.file.path, document.line(handler), "")
            yield HiddenFailure(where, function.name, _does(handler), of, calls)


class MetadataWork:
    """What is done with Airflow's database, its logs and its files: by statements, and by the functions they call."""

    def __init__(self, document: PythonDocument) -> None:
        self._document = document
        self._methods = {method(call) for call in document.calls}
        self.loads = not self._methods.isdisjoint(_LOADS)

    @cached_property
    def by_functions(self) -> dict[FunctionNode, set[str]]:
        """What each function of the file does."""
        found: dict[FunctionNode, set[str]] = {function: set() for function in self._document.functions}
        callers: dict[FunctionNode, set[FunctionNode]] = {}
        for call in self._document.calls:
            for function in self._functions_around(call):
                found[function] |= {method(call)} & _OF_METADATA
                for each in self._called(call):
                    callers.setdefault(each, set()).add(function)
        changed = [function for function, done in found.items() if done]
        while changed:
            function = changed.pop()
            for caller in callers.get(function, ()):
                if not found[function] <= found[caller]:
                    found[caller] |= found[function]
                    changed.append(caller)
        return found

    def by(self, body: Sequence[ast.AST]) -> set[str]:
        """What statements do, and the functions of the file that they call."""
        calls = list(_calls(body))
        called = {each for call in calls for each in self._called(call)}
        return ({method(call) for call in calls} & _OF_METADATA).union(*(self.by_functions[each] for each in called))

    def loading(self) -> Iterator[str]:
        """The functions of the file that load rows into Airflow's own database."""
        loads = _LOADS - _LOGS
        if not self._methods.isdisjoint(loads):
            yield from (function.name for function, done in self.by_functions.items() if done & loads)

    def _called(self, call: ast.Call) -> Iterator[FunctionNode]:
        if isinstance(call.func, ast.Name):
            called = self._document.function(call.func, self._document.block(call))
            yield from () if called is None else (called,)

    def _functions_around(self, call: ast.Call) -> Iterator[FunctionNode]:
        for block in self._document.block(call).around():
            if isinstance(block.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield block.node


def _of_metadata(function: FunctionNode, attempt: ast.Try, handler: ast.ExceptHandler, done: MetadataWork) -> str:
    """What of a migration the attempt does, "" for nothing."""
    called = done.by(attempt.body)
    if called & _LOADS:
        return "rows" if called & _LOADS - _LOGS else "logs"
    if called & _RUNS:
        return "rows" if done.loads else "statement"
    leaves = isinstance(handler.body[-1], ast.Return)
    return "file" if leaves and called & _FETCHES and done.by_functions[function] & _LOADS else ""


def _foreign(body: Sequence[ast.AST], document: PythonDocument) -> Iterator[str]:
    """The dotted names of what is called and comes from another file; Python's own and known packages aside."""
    for call in _calls(body):
        dotted = document.dotted(call.func)
        name = dotted.split(".")[0]
        if dotted and "()" not in dotted and name not in sys.stdlib_module_names and name not in _PACKAGES:
            root = call.func
            while isinstance(root, ast.Attribute):
                root = root.value
            if isinstance(root, ast.Name) and root.id in document.imported:
                yield dotted


def _calls(body: Sequence[ast.AST]) -> Iterator[ast.Call]:
    return (node for each in body for node in walk(each) if isinstance(node, ast.Call))


def _fails_green(
    function: FunctionNode, attempt: ast.Try, handler: ast.ExceptHandler, tasks: dict[FunctionNode, list[Task]]
) -> bool:
    """Whether the function is a task's, the attempt is its work, and nobody else is told how it ended."""
    if function not in tasks or _OPTIONAL.search(function.name) or not _is_the_work(function.body, attempt):
        return False
    return not any(_is_optional(task) or (_tells(handler) and _is_read(task)) for task in tasks[function])


def _functions(code: DagCode) -> dict[FunctionNode, list[Task]]:
    """The functions that tasks run as they are, not to decide on a branch or whether to wait."""
    found: dict[FunctionNode, list[Task]] = {}
    for task in code.tasks:
        called = task.arguments.nodes.get("python_callable")
        if task.function is not None and task.operator in _DECORATED:
            found.setdefault(task.function, []).append(task)
        elif isinstance(called, ast.Name) and task.class_name in _PLAIN:
            function = code.document.function(called, task.block)
            if function is not None:
                found.setdefault(function, []).append(task)
    return found


def _swallowing(attempt: ast.Try) -> ast.ExceptHandler | None:
    """The handler that takes every failure and lets none of them out."""
    return next((each for each in attempt.handlers if _is_broad(each) and all(map(_lets_go, each.body))), None)


def _is_broad(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or (isinstance(kind, ast.Name) and kind.id in _BROAD) for kind in kinds)


def _lets_go(statement: ast.stmt) -> bool:
    """Whether a statement of a handler does nothing about the failure; it may name its text before it prints it."""
    match statement:
        case ast.Assign(targets=[ast.Name()], value=ast.Call(func=ast.Name(id="str" | "repr")) | ast.JoinedStr()):
            return True
        case _:
            return _says_only(statement)


def _says_only(statement: ast.stmt) -> bool:
    """Whether a statement passes, prints, logs, undoes, or returns something that was fixed beforehand."""
    match statement:
        case ast.Pass() | ast.Continue() | ast.Import() | ast.Expr(value=ast.Constant()) | ast.Return(value=None):
            return True
        case ast.Expr(value=ast.Call() as call):
            return method(call) in _SAYS | _UNDOES
        case ast.Return(value=ast.expr() as value):
            return _is_fixed(value)
        case _:
            return False


def _is_fixed(value: ast.expr) -> bool:
    """Whether a value does not depend on any other work: literals, and the text of the exception."""
    calls = (node for node in walk(value) if isinstance(node, ast.Call))
    literal = isinstance(value, ast.Constant | ast.List | ast.Tuple | ast.Dict | ast.JoinedStr | ast.UnaryOp)
    return literal and all(method(call) in ("str", "repr") for call in calls)


def _tells(handler: ast.ExceptHandler) -> bool:
    """Whether the handler returns something that says that it failed."""
    return any(isinstance(each, ast.Return) and not _is_none(each.value) for each in handler.body)


def _is_none(value: ast.expr | None) -> bool:
    return value is None or (isinstance(value, ast.Constant) and value.value is None)


def _is_the_work(body: list[ast.stmt], attempt: ast.Try) -> bool:
    """Whether the attempt is what a function does: before it only preparations for it, after it only words."""
    read = _names(attempt.body)
    for at, statement in enumerate(body):
        inside = isinstance(statement, ast.With | ast.AsyncWith) and any(node is attempt for node in walk(statement))
        if statement is attempt or inside:
            read -= _names(body[at + 1 :])
            around = _prepare(body[:at], read) and all(map(_ends, body[at + 1 :]))
            return around and (statement is attempt or _is_the_work(getattr(statement, "body", []), attempt))
    return False


def _prepare(statements: list[ast.stmt], read: set[str]) -> bool:
    """Whether statements only get things ready for what reads these names, from the last to the first."""
    for statement in reversed(statements):
        if not _prepares(statement, read):
            return False
        read |= _names([statement])
    return True


def _prepares(statement: ast.stmt, read: set[str]) -> bool:
    """Whether a statement only gets things ready: clients, settings, words, and what the attempt reads."""
    match statement:
        case ast.Import() | ast.ImportFrom() | ast.FunctionDef() | ast.Global() | ast.Pass():
            return True
        case ast.If(body=body, orelse=[]):
            return all(isinstance(each, ast.Raise) or _says_only(each) or _prepares(each, read) for each in body)
        case ast.Assign() if not _stored(statement).isdisjoint(read):
            return True
        case ast.Expr() | ast.Assign() | ast.AnnAssign():
            calls = [node for node in walk(statement) if isinstance(node, ast.Call)]
            return all(_SETS_UP.match(name) or name in _SAYS or name[:1].isupper() for name in map(method, calls))
        case _:
            return False


def _stored(statement: ast.Assign) -> set[str]:
    """The names that an assignment binds, several at once included."""
    nodes = (node for target in statement.targets for node in walk(target))
    return {node.id for node in nodes if isinstance(node, ast.Name)}


def _names(body: list[ast.stmt]) -> set[str]:
    """The names that statements read."""
    nodes = (node for each in body for node in walk(each))
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def _ends(statement: ast.stmt) -> bool:
    """Whether a statement leaves the outcome as it is."""
    return _says_only(statement) or (isinstance(statement, ast.Return) and isinstance(statement.value, ast.Name))


def _is_optional(task: Task) -> bool:
    """Whether a task is meant to run, and to succeed, whatever happened."""
    named = _OPTIONAL.search(str(known(task.task_id, str) or ""))
    written = task.expression("trigger_rule")
    always = written is not None and not source_of(written).strip("\"'").lower().endswith("all_success")
    return named is not None or always


def _is_read(task: Task) -> bool:
    """Whether another task may read what the task returns."""
    document = task.document
    if any(method(call) in ("xcom_pull", "XComArg") for call in document.calls):
        return True
    if task.function is None:
        return any(node.attr == "output" for node in document.nodes(ast.Attribute))
    parent = document.parent(task.node)
    while isinstance(parent, ast.BinOp | ast.List | ast.Tuple):
        parent = document.parent(parent)
    return not isinstance(parent, ast.Expr)


def _does(handler: ast.ExceptHandler) -> str:
    """What a handler does about the failure, in words."""
    said = {
        method(each.value) for each in handler.body if isinstance(each, ast.Expr) and isinstance(each.value, ast.Call)
    }
    returned = next((each for each in handler.body if isinstance(each, ast.Return)), None)
    if not said & _SAYS:
        return "is returned from" if returned is not None else "is passed over"
    return "is only printed" if said & {"print", "print_exc"} else "is only logged"
