"""Which .tfvars files set the variables of a root module, and which variants of it they make."""

from __future__ import annotations

import json
import posixpath
from collections import Counter
from typing import TYPE_CHECKING

from mwaalint.findings import Location
from mwaalint.model.adapters.terraform_modules import Module, Problems, parsed
from mwaalint.model.adapters.terraform_values import Site
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mwaalint.model.adapters.terraform_instances import Input
    from mwaalint.source import SourceFile


def variants(
    root: Module, modules: Mapping[str, Module], files: Mapping[str, SourceFile], problems: Problems
) -> list[tuple[str, Mapping[str, Input]]]:
    """Name and variable values of each way to plan a root module: one a file for -var-file, or one without a name.

    ``files`` are the .tfvars and .tfvars.json files of the project by path.

    ``terraform.tfvars`` and ``*.auto.tfvars`` beside the root always apply. Other files count where the root is the
    nearest module above them, and only when they set a variable of it.
    """
    base = automatic(root.folder, files, problems)
    chosen: dict[str, Mapping[str, Input]] = {}
    for path, file in files.items():
        if _is_automatic(path, root.folder) or path.endswith(".json") or _nearest(path, modules) != root.folder:
            continue
        found = settings(file, problems)
        if found.keys() & root.variables.keys():
            chosen[path] = found
    if not chosen:
        return [("", base)]
    names = Counter(posixpath.basename(path) for path in chosen)
    return [(_name(path, root.folder, names), {**base, **found}) for path, found in chosen.items()]


def automatic(folder: str, files: Mapping[str, SourceFile], problems: Problems) -> dict[str, Input]:
    """What Terraform reads by itself in a folder."""
    base: dict[str, Input] = {}
    for path in sorted((path for path in files if _is_automatic(path, folder)), key=_precedence):
        base |= settings(files[path], problems)
    return base


def _nearest(path: str, modules: Mapping[str, Module]) -> str | None:
    """The closest folder above a file that holds a module."""
    folder = posixpath.dirname(path)
    while folder not in modules:
        if not folder:
            return None
        folder = posixpath.dirname(folder)
    return folder


def _name(path: str, folder: str, names: Counter[str]) -> str:
    name = posixpath.basename(path)
    return name if names[name] == 1 else posixpath.relpath(path, folder or ".")


def _is_automatic(path: str, folder: str) -> bool:
    if posixpath.dirname(path) != folder:
        return False
    name = posixpath.basename(path).removesuffix(".json")
    return name == "terraform.tfvars" or name.endswith(".auto.tfvars")


def _precedence(path: str) -> tuple[bool, str]:
    """Terraform reads terraform.tfvars, terraform.tfvars.json, then the others by name; the last one wins."""
    name = posixpath.basename(path)
    return not name.startswith("terraform.tfvars"), name


def settings(file: SourceFile, problems: Problems) -> Mapping[str, Input]:
    """The variables that a .tfvars or .tfvars.json file sets."""
    if not file.path.endswith(".json"):
        tree = parsed(file, problems)
        return tree.attributes if tree else {}
    try:
        data = json.loads(file.text)
        entries = data.items() if isinstance(data, dict) else ()
        return {name: Site(Location(file.path, symbol=name), name).wrap(value) for name, value in entries}
    except UnreadableFileError as error:
        problems.add(Location(file.path), str(error))
    except (ValueError, RecursionError):
        problems.add(Location(file.path), "the file is not valid JSON")
    return {}
