"""What a CDK app reads beside its code: the context in cdk.json, and the files that may hold its settings."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mwaalint.documents import yaml_nodes
from mwaalint.documents.cloudformation import Template
from mwaalint.documents.yaml_nodes import Mapping
from mwaalint.model.adapters._cloudformation_values import Evaluator
from mwaalint.model.values import ABSENT, Value
from mwaalint.patterns import regex
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mwaalint.discover import Project

_SETTINGS_FILE = regex(r"(\.ya?ml|\.json|\.toml|\.ini|\.cfg|(^|/)\.env[^/]*)$")
_NO_SETTINGS = regex(r"(^|/)((package(-lock)?|tsconfig|cdk\.context|cdk)\.json|pnpm-lock\.yaml)$")


@dataclass(eq=False)
class Settings:
    """The settings of a project's CDK apps, read when first asked for."""

    project: Project
    _contexts: dict[str, tuple[Mapping, Evaluator] | None] = field(default_factory=dict)
    _texts: dict[str, bytes] = field(default_factory=dict)

    def app_folder(self, path: str) -> str:
        """The folder of the app a file belongs to: the nearest one above with a cdk.json, else the project's root."""
        folder = posixpath.dirname(path)
        while folder and posixpath.join(folder, "cdk.json") not in self.project.files:
            folder = posixpath.dirname(folder)
        return folder

    def context(self, key: str, path: str) -> Value:
        """A context value of the app a file belongs to; absent when cdk.json does not give one."""
        folder = self.app_folder(path)
        if folder not in self._contexts:
            self._contexts[folder] = self._read_context(posixpath.join(folder, "cdk.json"))
        found = self._contexts[folder]
        node = found[0].get(key) if found else None
        return found[1].value(node, f"context.{key}", natural=True) if found and node else ABSENT

    def name_any(self, names: Iterable[str], path: str) -> bool:
        """Whether a settings file of the app speaks of one of the names, so that a default in the code says little."""
        folder = self.app_folder(path)
        if folder not in self._texts:
            self._texts[folder] = b"\n".join(self._settings_below(folder))
        return any(
            re.search(rb"(?<![\w.-])%s(?![\w.-])" % re.escape(name.encode()), self._texts[folder]) for name in names
        )

    def _settings_below(self, folder: str) -> list[bytes]:
        found: list[bytes] = []
        for file in self.project.below(folder):
            if _SETTINGS_FILE.search(file.path) and not _NO_SETTINGS.search(file.path):
                try:
                    found.append(file.data)
                except UnreadableFileError:
                    continue
        return found

    def _read_context(self, path: str) -> tuple[Mapping, Evaluator] | None:
        file = self.project.get(path)
        try:
            roots = yaml_nodes.read(file) if file else []
        except yaml_nodes.YamlError:
            return None
        context = roots[0].get("context") if roots and isinstance(roots[0], Mapping) else None
        if file is None or not isinstance(context, Mapping):
            return None
        return context, Evaluator(Template(file, {}, {}, {}, ()))
