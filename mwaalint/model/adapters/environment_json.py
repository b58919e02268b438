"""MWAA environments in the JSON of its API: what ``aws mwaa get-environment`` answers, and the bodies of
``create-environment`` and ``update-environment`` (``--cli-input-json``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.discover import ENVIRONMENT_KEYS
from mwaalint.documents import yaml_nodes
from mwaalint.documents.yaml_nodes import Mapping, Scalar
from mwaalint.findings import Location
from mwaalint.model.adapters._api_members import REQUIRED, argument_of, as_argument, created, updated
from mwaalint.model.adapters._node_values import NodeValues
from mwaalint.model.environment import Declarations, Environment
from mwaalint.model.layout import is_test
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mwaalint.discover import Project
    from mwaalint.documents.yaml_nodes import Node
    from mwaalint.findings import Finding
    from mwaalint.model.values import Value
    from mwaalint.source import SourceFile

_TEMPLATE = b"AWS::MWAA::Environment"
_OWN_KEYS = frozenset(key.decode().strip('"') for key in ENVIRONMENT_KEYS)


def read(files: Iterable[SourceFile], _project: Project) -> Declarations:
    """The environments of JSON files. JSON that holds something else is passed over, and so are recordings of tests."""
    environments: list[Environment] = []
    problems: list[Finding] = []
    wanted = (file for file in files if not is_test(file.path) and not _is_template(file))
    for file, roots in yaml_nodes.read_all(wanted, problems):
        if len(roots) == 1 and (found := _environment(roots[0], file)):
            environments.append(found)
    return Declarations(tuple(environments), problems=tuple(problems))


def _is_template(file: SourceFile) -> bool:
    try:
        return _TEMPLATE in file.data
    except UnreadableFileError:
        return False


def _environment(root: Node, file: SourceFile) -> Environment | None:
    answer = root.get("Environment") if isinstance(root, Mapping) else None
    if isinstance(answer, Mapping) and _is_environment(answer):
        return _made(answer, file, "Environment", is_answer=True)
    if isinstance(root, Mapping) and _is_environment(root):
        return _made(root, file, "", is_answer=False)
    return None


def _is_environment(node: Mapping) -> bool:
    """A name, and two keys that only MWAA has. The skeleton that the command line prints has an empty name."""
    name = node.get("Name")
    return (
        isinstance(name, Scalar)
        and name.kind == "str"
        and name.text != ""
        and len(_OWN_KEYS & {entry.key for entry in node.entries}) >= 2
    )


def _made(node: Mapping, file: SourceFile, prefix: str, *, is_answer: bool) -> Environment:
    evaluator = NodeValues(file)
    declared: dict[str, Location] = {}
    values: dict[str, Value] = {}
    for entry in node.entries:
        argument = argument_of(entry.key)
        if argument:
            symbol = f"{prefix}.{entry.key}".lstrip(".")
            declared[argument] = Location(file.path, entry.key_span, symbol)
            values[argument] = as_argument(argument, evaluator.value(entry.value, symbol))
    name = node.get("Name")
    place = Location(file.path, name.span if name else node.span, prefix)
    bare = Environment(f"{file.path}:{prefix}".rstrip(":"), "environment-json", place, declared=declared)
    return created(bare, values) if is_answer or values.keys() >= REQUIRED else updated(bare, values, place)
