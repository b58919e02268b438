"""MW853 deploy-update-environment-on-every-push."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.documents.yaml_nodes import Mapping, Scalar, Sequence
from mwaalint.model.deploy_commands import DeploySteps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.yaml_nodes import Node
    from mwaalint.findings import Finding
    from mwaalint.model.deploy_commands import DeployStep

_WORKFLOW = re.compile(r"(^|/)\.github/workflows/[^/]+\.ya?ml$")
# Conditions that say which branch it is, who runs it and whether all went well, but not what has changed.
_ANY_CHANGE = re.compile(
    r"^(?:\$\{\{)?(?:[\s()!&|=']|github\.(?:ref|ref_name|event_name|repository|actor)|success\(\)"
    r"|'[\w/.-]*'|always\(\))*(?:\}\})?$"
)
_ONLY_NOW_AND_THEN = re.compile(r"tags|workflow_dispatch|release|schedule")
_DAGS = re.compile(r"(^|/)dags(/|$)|^\*\*?(/|\.|$)")


@check("MW853", on=DeploySteps)
def deploy_update_environment_on_every_push(steps: DeploySteps, ctx: Context) -> Iterator[Finding]:
    """An update of the environment in a workflow that a push of DAGs starts, too."""
    for step in steps.calls("aws", "mwaa", "update-environment"):
        if step.conditional or not step.around or not _WORKFLOW.search(step.file.path) or _is_graceful(step):
            continue
        conditions = [text.text for each in step.around if isinstance(text := each.get("if"), Scalar)]
        if all(_says_no_change(text) for text in conditions) and _is_started_by_dags(step.around[0]):
            yield ctx.report(step.location)


def _is_graceful(step: DeployStep) -> bool:
    return any("GRACEFUL" in word.upper() for word in step.words)


def _says_no_change(condition: str) -> bool:
    return bool(_ANY_CHANGE.match(condition)) and not _ONLY_NOW_AND_THEN.search(condition)


def _is_started_by_dags(workflow: Mapping) -> bool:
    """Whether a push to a branch starts a workflow although it changes nothing but DAGs."""
    # YAML 1.1 reads "on" as a truth value; as a key it keeps its letters.
    events = workflow.get("on")
    if isinstance(events, Scalar):
        return events.text == "push"
    if isinstance(events, Sequence):
        return "push" in _texts(events)
    push = events.get("push") if isinstance(events, Mapping) else None
    if not isinstance(push, Mapping):
        return isinstance(push, Scalar) and push.kind == "null"
    if push.get("tags") is not None and push.get("branches") is None:
        return False
    if push.get("paths-ignore") is not None:
        return False
    paths = push.get("paths")
    return paths is None or any(_DAGS.search(path.lstrip("./")) for path in _texts(paths))


def _texts(node: Node) -> list[str]:
    return [each.text for each in node.items if isinstance(each, Scalar)] if isinstance(node, Sequence) else []
