"""MW407: DAG or plugin code uses what Airflow 3 no longer has."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._python_fixes import leaving_out
from mwaalint.checks._selectors import DAGS, PLUGINS, DagFile
from mwaalint.checks.dags._removed import removed_in
from mwaalint.checks.dags._removed_fixes import renamed_keyword, renamed_word, with_module
from mwaalint.documents.python_walk import walk
from mwaalint.findings import Safety

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mwaalint.checks.dags._removed import Removed
    from mwaalint.documents.python_blocks import FunctionNode
    from mwaalint.documents.python_document import ImportedName, PythonDocument
    from mwaalint.findings import Finding, Fix
    from mwaalint.model.dag_model import Task

# Arguments of tasks that no template engine reads.
_NO_TEMPLATES = ("doc", "python_callable", "on_", "params", "default_args", "dag", "task_id", "trigger_rule")


@check("MW407", on=DagFile("airflow", places=(DAGS, PLUGINS)), airflow=">=3.0")
def airflow3_removed_names(document: PythonDocument, ctx: FileContext) -> Iterator[Finding]:
    """Imports and calls of removed names, removed arguments of DAGs and tasks, removed words in templates."""
    removed = removed_in(ctx.catalog, ctx.target.airflow or "")
    yield from _imports(document, removed, ctx)
    yield from _arguments(removed, ctx)
    for task in ctx.code_of_dags.tasks:
        yield from _templates(task, removed, ctx)
        yield from _parameters(task, removed, ctx)
    yield from _keys(document, removed, ctx)


def _imports(document: PythonDocument, removed: Removed, ctx: FileContext) -> Iterator[Finding]:
    for one in document.imports:
        if not one.guarded and removed.name(one.dotted):
            yield _gone(one.alias, one.dotted, removed, ctx, one)
    # What an import of its own brings is told there, and a file that guards the import copes without it.
    told = {one.dotted for one in document.imports if one.guarded or removed.name(one.dotted)}
    for name, calls in document.calls_by_name.items():
        plain = name.replace("()", "")
        gone = removed.name(plain)
        if gone and told.isdisjoint(".".join(plain.split(".")[:count]) for count in range(2, plain.count(".") + 2)):
            for call in calls:
                if len(document.origins(call.func)) == 1:
                    yield _gone(call.func, gone, removed, ctx)


def _gone(
    node: ast.AST, dotted: str, removed: Removed, ctx: FileContext, imported: ImportedName | None = None
) -> Finding:
    instead, advice = removed.instead(dotted), removed.advice(dotted)
    return ctx.report(
        ctx.at(node),
        "moved" if instead else "advised" if advice else "gone",
        subject=dotted,
        name=dotted,
        airflow=ctx.target.airflow,
        instead=instead,
        advice=advice,
        fix=with_module(imported, removed, ctx) if imported and instead else None,
    )


def _arguments(removed: Removed, ctx: FileContext) -> Iterator[Finding]:
    for dag in ctx.code_of_dags.dags:
        yield from _passed("DAG", dag.arguments.nodes, removed, ctx)
    for task in ctx.code_of_dags.tasks:
        if not task.decorated:
            yield from _passed("BaseOperator", task.arguments.nodes, removed, ctx)
        if task.operator.startswith(("airflow.operators.", "airflow.sensors.", "airflow.providers.standard.")):
            yield from _passed(task.class_name, task.arguments.nodes, removed, ctx)


def _passed(owner: str, nodes: Mapping[str, ast.expr], removed: Removed, ctx: FileContext) -> Iterator[Finding]:
    for name, value in nodes.items():
        new = removed.argument(owner, name)
        keyword = ctx.document.parent(value) if new is not None else None
        if isinstance(keyword, ast.keyword) and keyword.arg == name:
            yield ctx.report(
                ctx.at(keyword),
                "argument_renamed" if new else "argument",
                subject=name,
                argument=name,
                owner="a DAG" if owner == "DAG" else "a task" if owner == "BaseOperator" else owner,
                airflow=ctx.target.airflow,
                new=new,
                fix=_argument_fix(owner, keyword, new or "", nodes, ctx),
            )


def _argument_fix(
    owner: str, keyword: ast.keyword, new: str, nodes: Mapping[str, ast.expr], ctx: FileContext
) -> Fix | None:
    """The new name, or none of it: what a DAG no longer takes only said how to show it."""
    if new:
        return renamed_keyword(keyword, new, ctx) if new not in nodes else None
    safety = Safety.SAFE if owner == "DAG" else Safety.UNSAFE
    return leaving_out(keyword.value, ctx, title=f"Remove {keyword.arg}", safety=safety)


def _templates(task: Task, removed: Removed, ctx: FileContext) -> Iterator[Finding]:
    if task.decorated:
        return
    for name, node in task.arguments.nodes.items():
        if not name.startswith(_NO_TEMPLATES):
            for text, template in _texts(node, ctx.document):
                for word in removed.words_in(template):
                    new = removed.context(word)
                    message = "word_renamed" if new else "word"
                    yield ctx.report(
                        ctx.at(text),
                        message,
                        fix=renamed_word(text, word, new, ctx) if new else None,
                        subject=word,
                        word=word,
                        airflow=ctx.target.airflow,
                        new=new,
                    )


def _texts(node: ast.expr, document: PythonDocument) -> Iterator[tuple[ast.Constant, str]]:
    """The texts in an argument that have a template in them; those of variables where they are bound."""
    bindings = (document.lookup(each) for each in walk(node) if isinstance(each, ast.Name))
    bound = (binding.node for binding in bindings if binding and isinstance(binding.node, ast.expr))
    for root in (node, *bound):
        for each in walk(root):
            if isinstance(each, ast.Constant) and isinstance(each.value, str) and "{" in each.value:
                yield each, each.value


def _parameters(task: Task, removed: Removed, ctx: FileContext) -> Iterator[Finding]:
    """Parameters of a ``python_callable`` that nothing passes any more."""
    called = task.arguments.nodes.get("python_callable")
    if not isinstance(called, ast.Name) or "op_kwargs" in task.arguments or "op_args" in task.arguments:
        return
    function = ctx.document.function(called)
    if function is None or task.arguments.unknown:
        return
    wanted = function.args
    required = [*wanted.posonlyargs, *wanted.args][: len(wanted.posonlyargs) + len(wanted.args) - len(wanted.defaults)]
    for parameter in required:
        new = removed.context(parameter.arg)
        if new is not None:
            yield ctx.report(
                ctx.at(parameter),
                "parameter_renamed" if new.isidentifier() else "parameter",
                subject=parameter.arg,
                word=parameter.arg,
                function=function.name,
                airflow=ctx.target.airflow,
                new=new,
            )


def _keys(document: PythonDocument, removed: Removed, ctx: FileContext) -> Iterator[Finding]:
    """``context["execution_date"]`` in what a task runs."""
    callables = set(_callables(ctx))
    for node in document.nodes(ast.Subscript):
        match node:
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str() as word), ctx=ast.Load()):
                new = removed.context(word)
                if new is not None and _is_context(name, document.function_around(node), callables):
                    message = "key_renamed" if new.isidentifier() else "key"
                    yield ctx.report(
                        ctx.at(node), message, subject=word, word=word, airflow=ctx.target.airflow, new=new
                    )
            case _:
                pass


def _callables(ctx: FileContext) -> Iterator[ast.AST]:
    """The functions that tasks call with nothing but the context."""
    yield from ctx.code_of_dags.decorated
    for task in ctx.code_of_dags.tasks:
        called = task.arguments.nodes.get("python_callable")
        if isinstance(called, ast.Name) and "op_kwargs" not in task.arguments and not task.arguments.unknown:
            yield from filter(None, [ctx.document.function(called)])


def _is_context(name: str, function: FunctionNode | None, callables: set[ast.AST]) -> bool:
    """Whether a name is a task's context: the parameter of that name, or the keywords that a task's function gets."""
    if function is None:
        return False
    keywords = function.args.kwarg
    taken = {argument.arg for argument in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)}
    if keywords is not None and keywords.arg == name:
        return name == "context" or function in callables
    return name == "context" and name in taken
