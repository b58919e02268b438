"""What the folders themselves tell: where DAGs lie, and which requirements file belongs to them."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from mwaalint.discover import Role
from mwaalint.patterns import regex
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from mwaalint.discover import Project
    from mwaalint.source import SourceFile

_DAG_CODE = regex(rb"\bDAG\b|@dag\b|\bDbtDag\b|\bdag_factory\b|\bdagfactory\b")
_MAKES_DAG = regex(rb"\bDAG\(|@dag\b|\bDbtDag\(")
_TESTS = regex(rb"\bpytest\b|\bunittest\b|\bDagBag\b|^[ \t]+assert\b", re.M)
_IMPORTS_AIRFLOW = regex(rb"^[ \t]*(from|import)[ \t]+airflow\b", re.M)
_MAKES_DAG_IN_CODE = regex(rb"^([^#\n]*\bDAG\(|[ \t]*@dag\b)", re.M)
# The applications that deploy MWAA have requirements of their own, often right beside dags/.
_APPLICATION = regex(
    r"^[ \t]*(aws-cdk[\w.-]*|constructs|pulumi[\w-]*|cdk-nag|-e[ \t]+\.)[ \t\r]*($|[\[=<>~!;#])", re.M | re.I
)
_CONSTRAINTS_NAME = regex(r"constraints?\b|constraint[^/]*\.txt$", re.I)
_NAMED_FOR_MWAA = regex(
    r"(^|/)(requirements[-_.]mwaa|mwaa[-_.]requirements)([-_.]v?\d+(\.\d+)*)?\.txt$|(^|/)requirements/mwaa\.txt$", re.I
)
_NAMES_THE_CONTAINER = regex(
    rb"^[ \t]*(-c|--constraint|-f|--find-links)[ \t=]+[\"']?(file://)?/usr/local/airflow/(dags|plugins)\b", re.M
)
_SPEAKS_OF_MWAA = regex(rb"mwaa(?!lint)|/usr/local/airflow", re.I)
# What is cheaper than MWAA is something else.
_COMPARES_WITH_MWAA = regex(
    rb"\b(than|vs\.?|versus|instead of|unlike|compared (to|with)|alternative to)[ *`]+((AWS|Amazon)[ *`]+)?MWAA", re.I
)
# Infrastructure written in a language that is not read yet: it may be an environment that installs no requirements.
_UNREAD_ENVIRONMENT = regex(rb"aws[-_]mwaa|mwaa\.(Cfn)?Environment")
# Another vendor's Airflow, built from an image of its own, with the project in it.
_OTHER_AIRFLOW = regex(rb"^[ \t]*FROM[ \t].*(astronomer|astrocrpublic|astro-runtime)", re.M | re.I)
# An image that is made from Airflow's own with the requirements in it.
_FROM_AIRFLOW = regex(rb"^[ \t]*FROM[ \t][^\n]*\bapache/airflow\b", re.M | re.I)
_REQUIREMENTS = regex(rb"\brequirements\.txt\b", re.I)
_WIRES_REQUIREMENTS = regex(rb"requirements_?S3_?Path|requirements_s3_path", re.I)
_SCRIPTS = (Role.DEPLOY, Role.REQUIREMENTS, Role.LOCAL_RUNNER)


def is_test(path: str) -> bool:
    """Whether a file is a test by its place or name, or a copy that an editor keeps."""
    parts = path.split("/")
    return parts[-1].startswith("test_") or any(part in ("test", "tests", ".ipynb_checkpoints") for part in parts[:-1])


def is_test_of_dags(file: SourceFile, inside: str) -> bool:
    """Whether a file in a DAGs folder is a test. One that is only called so, and makes DAGs, is none."""
    if not is_test(inside):
        return False
    if is_test(f"{inside.rpartition('/')[0]}/"):
        return True
    try:
        return not file.looks("DAGs and no tests", LIKE["DAGs and no tests"])
    except UnreadableFileError:
        return True


def is_dag_code(file: SourceFile) -> bool:
    """Whether a Python file mentions what makes DAGs. A look at the bytes, not a parse."""
    try:
        return file.looks("DAG code", LIKE["DAG code"])
    except UnreadableFileError:
        return False


def _mentions_dags(data: bytes) -> bool:
    return (b"airflow" in data and _DAG_CODE.search(data) is not None) or b"DbtDag" in data


def _makes_dags(data: bytes) -> bool:
    return b"airflow" in data and _MAKES_DAG.search(data) is not None and _TESTS.search(data) is None


def _imports_and_makes_dag(data: bytes) -> bool:
    return _one_after_another(data, _IMPORTS_AIRFLOW, _MAKES_DAG_IN_CODE) and _TESTS.search(data) is None


# Questions about the bytes of a file, by the name under which their answers are kept.
LIKE: Mapping[str, Callable[[bytes], bool]] = {
    "DAG code": _mentions_dags,
    "DAGs and no tests": _makes_dags,
    "a DAG of Airflow": _imports_and_makes_dag,
}


def dags_folders(project: Project) -> list[str]:
    """The folders called ``dags`` that hold DAG code, nearest to the root first."""
    found: set[str] = set()
    for file in project.with_role(Role.PYTHON):
        folder = _dags_ancestor(file.path)
        if folder and folder not in found and is_dag_code(file):
            found.add(folder)
    return sorted(found, key=lambda folder: (folder.count("/"), folder))


def scattered_dags(project: Project) -> Iterator[SourceFile]:
    """The files that import Airflow and make a DAG, wherever they lie, but for tests."""
    for file in project.with_role(Role.PYTHON):
        if not is_test(file.path) and is_dag_code(file) and file.looks("a DAG of Airflow", LIKE["a DAG of Airflow"]):
            yield file


def _dags_ancestor(path: str) -> str | None:
    """The outermost folder above the file that is called ``dags``."""
    *folders, _ = path.split("/")
    found = next((index for index, name in enumerate(folders) if name.lower() == "dags"), None)
    return None if found is None else "/".join(folders[: found + 1])


def concerns_mwaa(project: Project) -> bool:
    """Whether a repository without a readable environment still speaks of MWAA: in its paths, its scripts or its
    README. That mwaalint is set up there is no sign: what it finds must not hang on its own settings and baseline.
    Nor is a README that only compares.
    """
    if any(_SPEAKS_OF_MWAA.search(path.encode()) for path in project.files):
        return True
    scripts = [file for role in _SCRIPTS for file in project.with_role(role)]
    readmes = [file for path, file in project.files.items() if "/" not in path and path.lower().startswith("readme")]
    return any(_matches(file, _SPEAKS_OF_MWAA) for file in scripts) or any(map(_means_mwaa, readmes))


def _means_mwaa(readme: SourceFile) -> bool:
    try:
        return _SPEAKS_OF_MWAA.search(_COMPARES_WITH_MWAA.sub(b"", readme.data)) is not None
    except UnreadableFileError:
        return False


def has_unwired_unread_environment(project: Project) -> bool:
    """Whether a program in a language that is not read declares an environment without a requirements path."""
    programs = [f for path, f in project.files.items() if path.endswith((".go", ".cs", ".java"))]
    declaring = [file for file in programs if _matches(file, _UNREAD_ENVIRONMENT)]
    return bool(declaring) and not any(_matches(file, _WIRES_REQUIREMENTS) for file in programs)


def requirements_beside(dags_folder: str, project: Project) -> tuple[SourceFile, str] | None:
    """The requirements file that the layout pairs with a DAGs folder, and the layout in words.

    The local runner's ``requirements/requirements.txt`` first, then one inside the folder, then one beside it.
    """
    return _first(_layouts(dags_folder), project)


def made_for_mwaa(project: Project) -> list[tuple[SourceFile, str]]:
    """The requirements files that say themselves, by name or by options, that MWAA installs them, and how they do."""
    found: list[tuple[SourceFile, str]] = []
    for file in project.with_role(Role.REQUIREMENTS):
        if _NAMED_FOR_MWAA.search(file.path):
            found.append((file, "its name says that it is for MWAA"))
        elif _matches(file, _NAMES_THE_CONTAINER):
            found.append((file, "its options name folders of MWAA's containers"))
    return [(file, how) for file, how in found if not is_application(file)]


def without_other_airflows(dags_folders: Iterable[str], project: Project) -> list[str]:
    """The DAGs folders that lie in no project for Astronomer's images, which has the very layout of one for MWAA."""
    images = {folder: project.get(str(PurePosixPath(folder).parent / "Dockerfile")) for folder in dags_folders}
    return [folder for folder, image in images.items() if image is None or not _matches(image, _OTHER_AIRFLOW)]


def is_for_an_image(file: SourceFile, project: Project) -> bool:
    """Whether a Dockerfile beside a requirements file installs it in an image that is made from Airflow's own."""
    image = project.get(str(PurePosixPath(file.path).parent / "Dockerfile"))
    return image is not None and _matches(image, _FROM_AIRFLOW, _REQUIREMENTS)


def requirements_of_local_runner(dags_folder: str, project: Project) -> tuple[SourceFile, str] | None:
    """The requirements file where the MWAA local runner keeps it, beside the DAGs folder."""
    return _first(islice(_layouts(dags_folder), 1), project)


def _first(places: Iterable[tuple[str, str]], project: Project) -> tuple[SourceFile, str] | None:
    for path, layout in places:
        file = _case_insensitive(path, project)
        if file is not None and not is_application(file) and not _CONSTRAINTS_NAME.search(file.path):
            return file, layout
    return None


def _layouts(dags_folder: str) -> Iterator[tuple[str, str]]:
    parent = str(PurePosixPath(dags_folder).parent)
    prefix = "" if parent == "." else f"{parent}/"
    yield f"{prefix}requirements/requirements.txt", f"it lies beside {dags_folder}/, as in the MWAA local runner"
    yield f"{dags_folder}/requirements.txt", f"it lies in {dags_folder}/"
    yield f"{prefix}requirements.txt", f"it lies beside {dags_folder}/"


def is_application(file: SourceFile) -> bool:
    """Whether a requirements file installs a CDK or Pulumi program, not an Airflow environment."""
    try:
        return _APPLICATION.search(file.text) is not None
    except UnreadableFileError:
        return False


def _case_insensitive(path: str, project: Project) -> SourceFile | None:
    return project.get(path) or next(
        (f for f in project.with_role(Role.REQUIREMENTS) if f.path.lower() == path.lower()), None
    )


def _matches(file: SourceFile, *patterns: re.Pattern[bytes]) -> bool:
    try:
        return _one_after_another(file.data, *patterns)
    except UnreadableFileError:
        return False


def _one_after_another(data: bytes, *patterns: re.Pattern[bytes]) -> bool:
    """Whether the patterns are found in this order. One pattern for all of them would try each start with each end."""
    at = 0
    for pattern in patterns:
        found = pattern.search(data, at)
        if found is None:
            return False
        at = found.end()
    return True
