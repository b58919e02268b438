"""Bundles for installs without the index (MW115, MW119, MW120): where they are found, what their names tell, and zip
files that are none.
"""

from __future__ import annotations

import io
import struct
import zipfile
from typing import TYPE_CHECKING

import pytest

from mwaalint.findings import Confidence
from tests.requirement_rules import UPSTREAM, environment, findings

if TYPE_CHECKING:
    from pathlib import Path

OFFLINE = "--find-links /usr/local/airflow/plugins\n--no-index\n"
DAG = "from airflow import DAG\n\ndag = DAG('etl')\n"
AIRFLOW = "apache_airflow-2.6.3-py3-none-any.whl"
FITS = "numpy-1.26.4-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
FOREIGN = "numpy-1.26.4-cp310-cp310-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"

Files = dict[str, str | bytes]


def found(root: Path, code: str, requirements: str, files: Files) -> list[str]:
    """What the rule finds, as ``plugins.zip: error message``; a zip file has no lines."""
    reported = findings(root, code, requirements, files)
    return [f"{finding.primary.path}: {finding.severity} {finding.message}" for finding in reported]


def zipped(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, b"")
    return content.getvalue()


def folder(*names: str, at: str = "plugins") -> Files:
    return {f"{at}/{name}": b"" for name in names}


# --- where a bundle is ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "place"),
    [
        (folder(AIRFLOW), f"plugins/{AIRFLOW}"),
        ({"plugins.zip": zipped(AIRFLOW)}, "plugins.zip"),
        ({**folder(AIRFLOW, at="mwaa/plugins"), "mwaa/dags/etl.py": DAG}, f"mwaa/plugins/{AIRFLOW}"),
        (folder(AIRFLOW, at="plugins/wheels"), None),
        ({"plugins.zip": zipped(f"wheels/{AIRFLOW}")}, None),
        (folder(AIRFLOW, at="wheels"), None),
        ({"dist.zip": zipped(AIRFLOW)}, None),
    ],
)
def test_pip_looks_where_the_plugins_are(tmp_path: Path, files: Files, place: str | None) -> None:
    shown = found(tmp_path, "MW115", f"{OFFLINE}numpy==1.26.4\n", files)
    assert [text.partition(":")[0] for text in shown] == ([place] if place else [])


@pytest.mark.parametrize(
    ("option", "reported"),
    [
        ("--find-links /usr/local/airflow/plugins", True),
        ("--find-links=/usr/local/airflow/plugins/", True),
        ("-f file:///usr/local/airflow/plugins", True),
        ("--find-links /usr/local/airflow/plugins/wheels", False),
        ("--find-links /usr/local/airflow/dags", False),
        ("--find-links /usr/local/airflow/plugins-old", False),
        ("--find-links https://wheels.example.com/", False),
        ("--find-links ${BUNDLE}", False),
        ("--no-index", False),
    ],
)
def test_the_option_says_where_pip_looks(tmp_path: Path, option: str, *, reported: bool) -> None:
    shown = found(tmp_path, "MW115", f"{option}\nnumpy==1.26.4\n", folder(AIRFLOW))
    assert bool(shown) is reported


def test_a_folder_below_the_plugins_can_be_the_bundle(tmp_path: Path) -> None:
    files = {**folder(AIRFLOW, at="plugins/wheels"), "plugins.zip": zipped(f"wheels/{AIRFLOW}", "other/x.whl")}
    text = "--find-links /usr/local/airflow/plugins/wheels\nnumpy==1.26.4\n"
    assert [shown.partition(":")[0] for shown in found(tmp_path, "MW115", text, files)] == [
        "plugins.zip",
        f"plugins/wheels/{AIRFLOW}",
    ]


def test_the_uploaded_file_is_the_bundle(tmp_path: Path) -> None:
    upload = 'resource "aws_s3_object" "p" {\n  key = "p.zip"\n  source = "${path.module}/build/all.zip"\n}\n'
    more = 'plugins_s3_path = "p.zip"\n  plugins_s3_object_version = "1"'
    files: Files = {"main.tf": environment(more=more) + upload, "build/all.zip": zipped(AIRFLOW), **folder(AIRFLOW)}
    shown = found(tmp_path, "MW115", f"{OFFLINE}numpy==1.26.4\n", files)
    assert [text.partition(":")[0] for text in shown] == ["build/all.zip"]


def oversized_directory() -> bytes:
    return struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 3 * 1024 * 1024, 0, 0)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a zip file",
        b"PK\x05\x06",
        zipped(AIRFLOW)[:-10],
        b"\0" * 70_000,
        oversized_directory(),
        zipped(AIRFLOW).replace(AIRFLOW.encode(), b"\xff" * len(AIRFLOW)),
    ],
)
def test_a_file_that_is_no_zip_file_holds_nothing(tmp_path: Path, content: bytes) -> None:
    for code in ("MW115", "MW119", "MW120"):
        assert found(tmp_path / code, code, f"{OFFLINE}numpy==1.26.4\n", {"plugins.zip": content}) == []


def test_names_that_only_look_like_packages_are_left_alone(tmp_path: Path) -> None:
    names = ["x.whl", "numpy-1.26.4.whl", "numpy-not.a.version-py3-none-any.whl", "numpy.tar.gz", "-1.0.tar.gz", "a.py"]
    for code in ("MW115", "MW119", "MW120"):
        assert found(tmp_path / code, code, f"{OFFLINE}numpy==1.26.4\n", folder(*names)) == []


# --- MW115 bundle-contains-airflow-wheel ----------------------------------------------------------------------------


def test_what_becomes_of_it_depends_on_the_environments_version(tmp_path: Path) -> None:
    text = f"{OFFLINE}numpy==1.26.4\n"
    assert found(tmp_path / "new", "MW115", text, folder(AIRFLOW)) == [
        (
            f"plugins/{AIRFLOW}: error {AIRFLOW} shows that this bundle was built for Airflow 2.6.3: MWAA keeps "
            "2.10.3, and pip rejects the whole install if a bundled package needs 2.6.3"
        )
    ]
    old: Files = {"main.tf": environment('"2.2.2"'), **folder(AIRFLOW)}
    assert found(tmp_path / "old", "MW115", text, old) == [
        (
            f"plugins/{AIRFLOW}: error {AIRFLOW} shows that this bundle was built for Airflow 2.6.3: pip may install "
            "it over the environment's 2.2.2 in every container that starts"
        )
    ]


@pytest.mark.parametrize(
    ("wheel", "reported"),
    [
        ("apache_airflow-2.10.3-py3-none-any.whl", False),
        ("apache_airflow-2.10.4-py3-none-any.whl", True),
        ("apache_airflow_core-3.0.6-py3-none-any.whl", True),
        ("apache_airflow_providers_amazon-9.0.0-py3-none-any.whl", False),
        ("apache_airflow_task_sdk-1.0.6-py3-none-any.whl", False),
        ("apache-airflow-2.6.3.tar.gz", False),
    ],
)
def test_only_airflow_itself_in_another_version_counts(tmp_path: Path, wheel: str, *, reported: bool) -> None:
    assert bool(found(tmp_path, "MW115", f"{OFFLINE}numpy==1.26.4\n", folder(wheel))) is reported


def test_the_finding_points_to_where_pip_is_sent_there(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, "MW115", f"{OFFLINE}numpy==1.26.4\n", folder(AIRFLOW))
    assert [place.note for place in finding.related] == ["pip looks for packages here"]
    assert finding.confidence is Confidence.MEDIUM


# --- MW119 sdist-in-offline-bundle ----------------------------------------------------------------------------------

BUILDS = "but has no index to fetch build tools from: it fails and installs nothing from the requirements"


def test_every_listed_package_that_is_there_only_as_source_is_reported(tmp_path: Path) -> None:
    names = ("future-1.0.0.tar.gz", "numpy-1.26.4.tar.gz", FITS, "unlisted-1.0.tar.gz", "PyYAML-6.0.2.zip")
    text = f"{OFFLINE}future==1.0.0\nnumpy==1.26.4\npyyaml==6.0.2\n"
    assert found(tmp_path, "MW119", text, {"plugins.zip": zipped(*names)}) == [
        f"plugins.zip: error pip has to build PyYAML-6.0.2.zip {BUILDS}",
        f"plugins.zip: error pip has to build future-1.0.0.tar.gz {BUILDS}",
    ]


@pytest.mark.parametrize("tool", ["setuptools-75.6.0", "hatchling-1.27.0", "poetry_core-1.9.1", "flit_core-3.10.1"])
def test_a_bundle_with_build_tools_is_trusted(tmp_path: Path, tool: str) -> None:
    files = folder("future-1.0.0.tar.gz", f"{tool}-py3-none-any.whl")
    assert found(tmp_path, "MW119", f"{OFFLINE}future==1.0.0\n", files) == []


def test_with_an_index_the_build_tools_are_there(tmp_path: Path) -> None:
    text = "--find-links /usr/local/airflow/plugins\nfuture==1.0.0\n"
    assert found(tmp_path, "MW119", text, folder("future-1.0.0.tar.gz")) == []


@pytest.mark.parametrize(
    ("command", "reported"),
    [
        ("pip download -r requirements.txt -d plugins/\n", True),
        ("pip3.11 download -r requirements.txt --dest=build/plugins && zip -r x.zip .\n", True),
        ("pip download \\\n  -r requirements.txt \\\n  -d ./plugins\n", True),
        ("python -m pip download -d plugins -r requirements.txt\n", True),
        ("pip download -r requirements.txt -d plugins --only-binary :all:\n", False),
        ("pip download \\\n  -d plugins \\\n  --only-binary=:all: -r requirements.txt\n", False),
        ("pip download -r requirements.txt -d wheels\n", False),
        ("pip download -r requirements.txt\nmkdir -d plugins\n", False),
        ("# pip download -r requirements.txt -d plugins\n", False),
        ("pip wheel -r requirements.txt -w plugins\n", False),
        ("pip install -r requirements.txt -t plugins\n", False),
    ],
)
def test_the_command_that_makes_the_bundle(tmp_path: Path, command: str, *, reported: bool) -> None:
    shown = found(tmp_path, "MW119", f"{OFFLINE}future==1.0.0\n", {"deploy.sh": f"set -e\n{command}"})
    assert [text.partition(" this")[0] for text in shown] == (["deploy.sh: warning"] if reported else [])


def test_the_bundle_itself_goes_before_the_command_that_made_it(tmp_path: Path) -> None:
    script: Files = {"deploy.sh": "pip download -r requirements.txt -d plugins\n"}
    assert found(tmp_path / "bundle", "MW119", f"{OFFLINE}numpy==1.26.4\n", {**script, **folder(FITS)}) == []
    assert found(tmp_path / "online", "MW119", f"{UPSTREAM}numpy==1.26.4\n", script) == []


def test_a_script_that_is_no_text_is_passed_over(tmp_path: Path) -> None:
    script: Files = {"deploy.sh": b"pip download -d plugins\0"}
    assert found(tmp_path, "MW119", f"{OFFLINE}numpy==1.26.4\n", script) == []


# --- MW120 wheel-python-tag-mismatch --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("airflow", "tags", "fits"),
    [
        ("2.10.3", "py3-none-any", True),
        ("2.10.3", "py2.py3-none-any", True),
        ("2.10.3", "py2-none-any", False),
        ("2.10.3", "cp311-cp311-manylinux_2_34_x86_64", True),
        ("2.10.3", "cp311-cp311-manylinux_2_35_x86_64", False),
        ("2.10.3", "cp311-cp311-linux_x86_64", True),
        ("2.10.3", "cp311-none-any", True),
        ("2.10.3", "cp39-abi3-manylinux2014_x86_64", True),
        ("2.10.3", "cp312-abi3-manylinux2014_x86_64", False),
        ("2.10.3", "cp312-cp312-manylinux2014_x86_64", False),
        ("2.10.3", "cp311-cp311-manylinux2014_aarch64", False),
        ("2.10.3", "cp311-cp311-musllinux_1_2_x86_64", False),
        ("2.10.3", "cp311-cp311-win_amd64", False),
        ("2.10.3", "cp311-cp311-macosx_10_9_universal2", False),
        ("2.10.3", "pp310-pypy310_pp73-manylinux2014_x86_64", False),
        ("2.11.0", "cp311-cp311-manylinux2014_x86_64", False),
        ("2.11.0", "cp312-cp312-manylinux_2_28_x86_64", True),
        ("2.6.3", "cp310-cp310-manylinux_2_26_x86_64", True),
        ("2.6.3", "cp310-cp310-manylinux_2_28_x86_64", False),
        ("2.0.2", "cp37-cp37m-manylinux1_x86_64", True),
        ("2.10.4", "cp37-cp37m-manylinux1_x86_64", True),
    ],
)
def test_what_a_wheels_tags_say(tmp_path: Path, airflow: str, tags: str, *, fits: bool) -> None:
    wheel = f"acme_lib-1.0-{tags}.whl"
    main = {"main.tf": environment(f'"{airflow}"')}
    line = found(tmp_path / "line", "MW120", f"/usr/local/airflow/plugins/{wheel}\n", {**main})
    in_bundle = found(tmp_path / "bundle", "MW120", f"{OFFLINE}acme-lib\n", {**main, **folder(wheel)})
    assert (line == [], in_bundle == []) == (fits, fits)


@pytest.mark.parametrize(
    "line",
    [
        f"/usr/local/airflow/plugins/{FOREIGN}",
        f"file:///usr/local/airflow/plugins/{FOREIGN}",
        f"numpy @ https://wheels.example.com/{FOREIGN}#sha256=00",
        f"https://wheels.example.com/{FOREIGN.replace('-1.26.4-', '-1.26.4%2Blocal-')}",
        f"./{FOREIGN}",
    ],
)
def test_a_line_can_name_a_wheel_by_path_or_url(tmp_path: Path, line: str) -> None:
    (shown,) = found(tmp_path, "MW120", f"{UPSTREAM}{line}\n", {})
    assert shown.startswith("requirements.txt: error numpy-1.26.4")
    assert shown.endswith(
        "is not for MWAA's Python 3.11 on x86_64 Linux: pip refuses it and installs nothing from this file"
    )


def test_a_wheel_that_a_marker_leaves_out_is_left_alone(tmp_path: Path) -> None:
    line = f'numpy @ https://wheels.example.com/{FOREIGN} ; python_version < "3.11"\n'
    assert found(tmp_path, "MW120", f"{UPSTREAM}{line}", {}) == []


def test_a_bundle_is_one_finding_that_counts_the_rest(tmp_path: Path) -> None:
    others = ["pandas-2.1.4-cp310-cp310-win_amd64.whl", "scipy-1.11.4-cp310-cp310-manylinux2014_x86_64.whl"]
    text = f"{OFFLINE}numpy==1.26.4\n"
    end = (
        "in the bundle cannot be installed on MWAA's Python 3.11 on x86_64 Linux, and with --no-index pip finds no "
        "other: it installs nothing"
    )
    assert found(tmp_path / "one", "MW120", text, folder(FOREIGN)) == [f"plugins/{FOREIGN}: error {FOREIGN} {end}"]
    two: Files = {"plugins.zip": zipped(FOREIGN, others[0])}
    assert found(tmp_path / "two", "MW120", text, two) == [f"plugins.zip: error {FOREIGN} and one other wheel {end}"]
    (three,) = findings(tmp_path / "three", "MW120", text, folder(FOREIGN, *others))
    assert three.message == f"{FOREIGN} and 2 other wheels {end}"
    assert [(place.path, place.note) for place in three.related] == [(f"plugins/{name}", name) for name in others]
    assert three.confidence is Confidence.MEDIUM


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (f"{OFFLINE}numpy==1.26.4\n", (FOREIGN, FITS)),
        (f"{OFFLINE}numpy==1.26.4\n", (FOREIGN, "numpy-1.26.4.tar.gz")),
        ("--find-links /usr/local/airflow/plugins\nnumpy==1.26.4\n", (FOREIGN,)),
    ],
)
def test_a_wheel_that_pip_can_do_without_is_left_alone(tmp_path: Path, text: str, names: tuple[str, ...]) -> None:
    assert found(tmp_path, "MW120", text, folder(*names)) == []
