"""MW433 dag-cycle."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._selectors import Dags
from mwaalint.model.values import known

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mwaalint.findings import Finding
    from mwaalint.model.dag_model import Dag, Edge, Task

_MOST_STARTS = 100


@check("MW433", on=Dags())
def dag_cycle(dag: Dag, ctx: FileContext) -> Iterator[Finding]:
    """Tasks of one DAG that wait for each other."""
    if _leads_on(dag):
        return
    cycle = _cycle([edge for edge in _without_ends(dag.edges) if _is_certain(edge, ctx)])
    if not cycle:
        return
    last = max(cycle, key=lambda edge: ctx.at(edge.node).span)
    others = dict.fromkeys(ctx.at(edge.node) for edge in cycle if edge.node is not last.node)
    names = [_name(edge.up) for edge in cycle]
    first = names.index(min(names))
    names = [*names[first:], *names[:first]]
    yield ctx.report(
        ctx.at(last.node, dag.symbol),
        related=[place.noted("the other way round") for place in others],
        subject=" ".join(sorted(names)),
        cycle=" → ".join([*names, names[0]]),
        dag=known(dag.dag_id, str) or "this DAG",
    )


def _leads_on(dag: Dag) -> bool:
    """Whether every edge leads to a task further down in the file, as in most DAGs: then none leads back."""
    places = {task: place for place, task in enumerate(dag.tasks)}
    return all(places[edge.up] < places[edge.down] for edge in dag.edges)


def _is_certain(edge: Edge, ctx: FileContext) -> bool:
    """Whether an import surely draws it between two tasks: what a branch or a loop draws may never meet the rest."""
    block = ctx.document.block(edge.node)
    if block.conditional or block.repeats:
        return False
    return not any(task.repeated or task.block.conditional or task.block.repeats for task in (edge.up, edge.down))


def _cycle(edges: Sequence[Edge]) -> list[Edge]:
    """The edges of one cycle, a shortest one; empty where there is none."""
    after: dict[Task, list[Edge]] = {}
    for edge in _without_ends(edges):
        after.setdefault(edge.up, []).append(edge)
    best: list[Edge] = []
    for start in [*after][:_MOST_STARTS]:
        found = _way_back(start, after)
        if found and (not best or len(found) < len(best)):
            best = found
    return best


def _without_ends(edges: Sequence[Edge]) -> list[Edge]:
    """The edges that may be part of a cycle: not those of tasks that nothing follows, again and again."""
    before: dict[Task, list[Edge]] = {}
    followers = Counter(edge.up for edge in edges)
    for edge in edges:
        before.setdefault(edge.down, []).append(edge)
    ends = [task for task in before if not followers[task]]
    gone: set[Task] = set(ends)
    while ends:
        for edge in before.get(ends.pop(), ()):
            followers[edge.up] -= 1
            if not followers[edge.up]:
                gone.add(edge.up)
                ends.append(edge.up)
    return [edge for edge in edges if edge.up not in gone and edge.down not in gone]


def _way_back(start: Task, after: dict[Task, list[Edge]]) -> list[Edge]:
    came_by: dict[Task, Edge] = {}
    waiting = [start]
    for task in waiting:
        for edge in after.get(task, ()):
            if edge.down in came_by:
                continue
            came_by[edge.down] = edge
            if edge.down is start:
                return _traced(start, came_by)
            waiting.append(edge.down)
    return []


def _traced(start: Task, came_by: dict[Task, Edge]) -> list[Edge]:
    way = [came_by[start]]
    while way[-1].up is not start:
        way.append(came_by[way[-1].up])
    return way[::-1]


def _name(task: Task) -> str:
    return known(task.task_id, str) or task.class_name
