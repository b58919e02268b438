"""When CI runs a step: whether a push that changes nothing but DAGs is enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.documents.yaml_nodes import Mapping, Scalar, Sequence
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from mwaalint.documents.yaml_nodes import Node
    from mwaalint.model.deploy_commands import DeployStep

WORKFLOW = regex(r"(^|/)\.github/workflows/[^/]+\.ya?ml$")
PIPELINE = regex(r"^\.gitlab-ci\.ya?ml$")
# Conditions that say which branch it is, who runs it and whether all went well, but not what has changed.
_ANY_CHANGE = regex(
    r"^(?:\$\{\{)?(?:[\s()!&|=']|github\.(?:ref|ref_name|event_name|repository|actor)|success\(\)"
    r"|'[\w/.-]*'|always\(\))*(?:\}\})?$"
)
_ONLY_NOW_AND_THEN = regex(r"tags|workflow_dispatch|release|schedule")
_DAGS = regex(r"(^|/)dags(/|$)|^\*\*?(/|\.|$)")
# The same for GitLab: which branch it is, and that it is a push.
_BRANCH = regex(
    r"^\s*\$CI_(?:COMMIT_BRANCH|COMMIT_REF_NAME|DEFAULT_BRANCH)(?:\s*==\s*(?:\$CI_DEFAULT_BRANCH|[\"'][\w./-]+[\"']))?\s*$"
    r"|^\s*\$CI_PIPELINE_SOURCE\s*==\s*[\"']push[\"']\s*$"
)
_REFS = regex(r"^(?!tags$|schedules$|triggers$|web$|api$|merge_requests$|external|pipelines$|chat$)[\w./-]+$")
_GLOBAL = frozenset({"stages", "variables", "default", "image", "include", "workflow", "before_script", "after_script"})


def runs_with_dags(step: DeployStep) -> bool:
    """Whether a push to a branch runs a step although it changes nothing but DAGs; False where nobody can tell."""
    if step.conditional or not step.around:
        return False
    if WORKFLOW.search(step.file.path):
        conditions = [text.text for each in step.around if isinstance(text := each.get("if"), Scalar)]
        return all(_says_no_change(text) for text in conditions) and _is_started_by_dags(step.around[0])
    return bool(PIPELINE.search(step.file.path)) and len(step.around) == 2 and _is_run_by_gitlab(*step.around)


def _says_no_change(condition: str) -> bool:
    return bool(_ANY_CHANGE.match(condition)) and not _ONLY_NOW_AND_THEN.search(condition)


def _is_started_by_dags(workflow: Mapping) -> bool:
    """Whether a push to a branch starts a workflow although it changes nothing but DAGs."""
    # YAML 1.1 reads "on" as a truth value; as a key it keeps its letters.
    events = workflow.get("on")
    if isinstance(events, Scalar):
        return events.text == "push"
    if isinstance(events, Sequence):
        return "push" in texts(events)
    push = events.get("push") if isinstance(events, Mapping) else None
    if not isinstance(push, Mapping):
        return isinstance(push, Scalar) and push.kind == "null"
    if push.get("tags") is not None and push.get("branches") is None:
        return False
    if push.get("paths-ignore") is not None:
        return False
    paths = push.get("paths")
    return paths is None or any(_DAGS.search(path.lstrip("./")) for path in texts(paths))


def _is_run_by_gitlab(pipeline: Mapping, job: Mapping) -> bool:
    """Whether GitLab runs a job with every push, as far as the job itself says it all."""
    name = next((entry.key for entry in pipeline.entries if entry.value is job), "")
    if not name or name.startswith(".") or name in _GLOBAL:
        return False
    if any(pipeline.get(key) is not None for key in ("workflow", "include")):
        return False
    if any(job.get(key) is not None for key in ("extends", "except", "trigger")):
        return False
    when = job.get("when")
    if when is not None and not (isinstance(when, Scalar) and when.text in ("on_success", "always")):
        return False
    rules, only = job.get("rules"), job.get("only")
    if rules is not None:
        return isinstance(rules, Sequence) and _lets_dags_through(rules)
    return only is None or _is_for_branches(only)


def _lets_dags_through(rules: Sequence) -> bool:
    """Whether the first of the rules that a push of DAGs may meet runs the job."""
    for rule in rules.items:
        if not isinstance(rule, Mapping):
            return False
        condition, when, changes = rule.get("if"), rule.get("when"), rule.get("changes")
        if condition is not None and not (isinstance(condition, Scalar) and _BRANCH.match(condition.text)):
            continue  # a tag, a schedule, a variable: another pipeline
        if rule.get("exists") is not None:
            return False
        paths = changes.get("paths") if isinstance(changes, Mapping) else changes
        if paths is not None and not any(_DAGS.search(path) for path in texts(paths)):
            continue
        return when is None or (isinstance(when, Scalar) and when.text in ("on_success", "always"))
    return False


def _is_for_branches(only: Node) -> bool:
    if isinstance(only, Mapping):
        refs, changes = only.get("refs"), only.get("changes")
        through = changes is None or any(_DAGS.search(path) for path in texts(changes))
        return through and only.get("variables") is None and (refs is None or _is_for_branches(refs))
    names = [only.text] if isinstance(only, Scalar) else texts(only)
    return any(_REFS.match(name) for name in names)


def texts(node: Node) -> list[str]:
    """The texts of a list."""
    return [each.text for each in node.items if isinstance(each, Scalar)] if isinstance(node, Sequence) else []
