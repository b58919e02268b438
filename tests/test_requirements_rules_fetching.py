"""The rules on what a container has to fetch and find at its start: OS libraries (MW112), repositories (MW116) and
sizes (MW122), beyond the examples of their pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mwaalint import api
from mwaalint.config import Config
from tests.deployments import TODAY
from tests.requirement_rules import OFF, UPSTREAM, environment, findings, found, lines, write

if TYPE_CHECKING:
    from pathlib import Path

DAG = "from airflow import DAG\n\ndag = DAG('etl')\n"
STARTUP = """
  startup_script_s3_path           = "startup.sh"
  startup_script_s3_object_version = "1"
"""


# --- MW112 native-library-missing -----------------------------------------------------------------------------------


def with_startup(script: str | None) -> dict[str, str | bytes]:
    """An environment with a startup script that is uploaded from startup.sh, or from nowhere here."""
    upload = 'resource "aws_s3_object" "startup" {\n  key = "startup.sh"\n  source = "${path.module}/startup.sh"\n}\n'
    if script is None:
        return {"main.tf": environment(more=STARTUP)}
    return {"main.tf": environment(more=STARTUP) + upload, "startup.sh": script}


@pytest.mark.parametrize(
    ("line", "severity"),
    [
        ("pyodbc", "warning"),
        ("pyodbc==5.2.0", "warning"),
        ("PyODBC==4.0.39", "warning"),
        ("pyodbc==4.0.34", None),
        ("cx_Oracle==8.3.0", "warning"),
        ("weasyprint==62.3", "warning"),
        ("pytesseract==0.3.13", "warning"),
        ("turbodbc==5.0.0", "error"),
        ("GDAL==3.9.3", "error"),
        ("sasl==0.3.1", "error"),
        ("mysqlclient==2.2.5", None),
        ("gssapi==1.9.0", None),
        ("psycopg2==2.9.10", None),
        ("confluent-kafka==2.6.0", None),
        ("oracledb==2.4.1", None),
        ("apache-airflow-providers-odbc==4.8.0", None),
        ('pyodbc==5.2.0; sys_platform == "win32"', None),
        ("pyodbc @ https://example.com/pyodbc-5.2.0-py3-none-any.whl", None),
    ],
)
def test_packages_and_what_their_wheels_leave_out(tmp_path: Path, line: str, severity: str | None) -> None:
    reported = [finding.severity for finding in findings(tmp_path, "MW112", f"{UPSTREAM}{line}\n")]
    assert [str(item) for item in reported] == ([severity] if severity else [])


@pytest.mark.parametrize(
    ("script", "reported"),
    [
        ("", True),
        ("sudo dnf install -y jq\n", True),
        ("sudo yum -y install unixODBC\n", False),
        ("sudo ACCEPT_EULA=Y yum install -y msodbcsql18\n", False),
        ("sudo rpm -i /usr/local/airflow/plugins/UNIXODBC.rpm\n", False),
        ("sudo dnf install -y $PACKAGES\n", False),
        ("sudo dnf install -y $(cat /usr/local/airflow/dags/packages.txt)\n", False),
        (None, False),
    ],
)
def test_the_startup_script_decides(tmp_path: Path, script: str | None, *, reported: bool) -> None:
    text = f"{UPSTREAM}pyodbc==5.2.0\n"
    assert lines(tmp_path, "MW112", text, with_startup(script)) == ([2] if reported else [])


def test_a_library_that_the_plugins_carry_is_enough_but_headers_are_not_libraries(tmp_path: Path) -> None:
    carried: dict[str, str | bytes] = {"plugins/lib/libodbc.so.2": b"\x7fELF"}
    assert lines(tmp_path / "so", "MW112", f"{UPSTREAM}pyodbc==5.2.0\nturbodbc==5.0.0\n", carried) == [3]
    named: dict[str, str | bytes] = {"plugins/odbc_operator.py": "import pyodbc\n"}
    assert lines(tmp_path / "py", "MW112", f"{UPSTREAM}pyodbc==5.2.0\n", named) == [2]


def test_plugins_from_elsewhere_may_carry_anything(tmp_path: Path) -> None:
    more = 'plugins_s3_path = "plugins.zip"\n  plugins_s3_object_version = "1"'
    elsewhere: dict[str, str | bytes] = {"main.tf": environment(more=more)}
    text = f"{UPSTREAM}pyodbc==5.2.0\npython-ldap==3.4.4\n"
    assert lines(tmp_path / "elsewhere", "MW112", text, elsewhere) == [3]
    here = {**elsewhere, "plugins/hooks.py": "\n"}
    assert lines(tmp_path / "here", "MW112", text, here) == [2, 3]


def test_wheels_of_ones_own_are_built_where_the_headers_are(tmp_path: Path) -> None:
    links = "--find-links /usr/local/airflow/plugins\n"
    assert lines(tmp_path, "MW112", f"{links}{UPSTREAM}python-ldap==3.4.4\npyodbc==5.2.0\n") == [4]


@pytest.mark.parametrize(("airflow", "reported"), [("2.8.1", [2]), ("2.9.2", [1, 2]), ("2.9.1", [2])])
def test_only_images_whose_os_packages_are_public_are_judged(tmp_path: Path, airflow: str, reported: list[int]) -> None:
    others = {"main.tf": environment(f'"{airflow}"')}
    assert lines(tmp_path, "MW112", "pyodbc\ncx_Oracle\n", others) == reported


def test_without_an_environment_any_script_may_be_the_startup_script(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "README.md": "For MWAA\n",
        "dags/etl.py": DAG,
        "requirements.txt": f"{UPSTREAM}cx_Oracle==8.3.0\n",
        "docker/script/systemlibs.sh": "yum install -y oracle-instantclient\n",
    }
    write(tmp_path / "image", files)
    write(tmp_path / "startup", {**files, "scripts/boot.sh": "yum install -y oracle-instantclient-basic\n"})
    result = [
        [finding.code for finding in api.check(tmp_path / name, Config(select=("MW112",)), today=TODAY).findings]
        for name in ("image", "startup")
    ]
    assert result == [["MW112"], []]


# --- MW116 vcs-requirement-without-git ------------------------------------------------------------------------------

NO_KEY = "is cloned over SSH, and MWAA's containers have no key for"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("git+ssh://git@github.com/acme/lib.git@v1", f"error lib {NO_KEY} github.com"),
        ("lib @ git+ssh://git@git.acme.io:2222/team/x.git", f"error lib {NO_KEY} git.acme.io"),
        ("-e git+ssh://git@github.com/acme/lib.git@v1#egg=mine", f"error mine {NO_KEY} github.com"),
        ("hg+https://hg.acme.io/lib@1.0", "error fetching lib needs Mercurial, which MWAA's image does not have"),
        ("svn+https://svn.acme.io/lib@20", "error fetching lib needs Subversion, which MWAA's image does not have"),
        ("bzr+https://bzr.acme.io/lib@20", "error fetching lib needs Breezy, which MWAA's image does not have"),
        ("git+https://github.com/acme/lib.git", "note lib has no tag or commit"),
        ("-e git+https://github.com/acme/lib.git#egg=lib", "note lib has no tag or commit"),
        ("git+https://${TOKEN}@github.com/acme/lib.git", "note lib has no tag or commit"),
    ],
)
def test_how_a_repository_is_fetched(tmp_path: Path, line: str, message: str) -> None:
    (shown,) = found(tmp_path, "MW116", f"{UPSTREAM}{line}\n")
    assert shown.startswith(f"requirements.txt:2 {message}")


@pytest.mark.parametrize(
    "line",
    [
        "git+https://github.com/acme/lib.git@v1.2.0",
        "lib @ git+https://github.com/acme/lib.git@4f0c2d1#subdirectory=python",
        "git+https://${TOKEN}@github.com/acme/lib.git@main",
        "https://github.com/acme/lib/archive/refs/tags/v1.zip",
        "/usr/local/airflow/plugins/lib-1.0-py3-none-any.whl",
        "git-remote-codecommit==1.17",
        'lib @ git+ssh://git@github.com/acme/lib.git@v1 ; python_version < "3.8"',
        "git+https://[broken/acme/lib.git",
    ],
)
def test_what_a_container_can_fetch_is_left_alone(tmp_path: Path, line: str) -> None:
    assert found(tmp_path, "MW116", f"{UPSTREAM}{line}\n") == []


@pytest.mark.parametrize(
    ("script", "reported"),
    [
        ("echo hello\n", [2, 3]),
        ("sudo dnf install -y mercurial\n", [2]),
        ("ssh-keyscan github.com >> ~/.ssh/known_hosts\n", [3]),
        ("git config --global url.https://github.com/.insteadOf ssh://git@github.com/\n", [3]),
        (None, []),
    ],
)
def test_a_startup_script_can_provide_for_it(tmp_path: Path, script: str | None, reported: list[int]) -> None:
    text = f"{UPSTREAM}git+ssh://git@github.com/acme/lib.git@v1\nhg+https://hg.acme.io/lib@1.0\n"
    assert lines(tmp_path, "MW116", text, with_startup(script)) == reported


@pytest.mark.parametrize(
    ("options", "airflow", "mode", "reported"),
    [
        ("--no-index\n", "2.10.3", '"PRIVATE_ONLY"', [2]),
        ("--extra-index-url https://pip.acme.io/simple\n", "2.10.3", '"PRIVATE_ONLY"', [2]),
        ("--no-index\n", "2.0.2", '"PRIVATE_ONLY"', []),
        ("--no-index\n", "2.10.3", '"PUBLIC_ONLY"', []),
        ("--no-index\n", "2.10.3", "var.mode", []),
        ("# nothing else\n", "2.10.3", '"PRIVATE_ONLY"', []),
    ],
)
def test_a_private_web_server_cannot_clone_even_when_all_else_is_provided(
    tmp_path: Path, options: str, airflow: str, mode: str, reported: list[int]
) -> None:
    others = {"main.tf": environment(f'"{airflow}"', f"webserver_access_mode = {mode}")}
    assert lines(tmp_path, "MW116", f"{options}git+https://github.com/acme/lib.git@v1\n", others) == reported


# --- MW122 requirements-too-heavy -----------------------------------------------------------------------------------

STARTS = "in every container that starts, and MWAA stops"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pyspark==3.5.3\n", "warning pyspark: pip downloads about 317 MB"),
        ("pyspark==3.5.3\ndelta-spark==3.2.1\n", "warning pyspark and delta-spark: pip downloads about 317 MB"),
        ("sentence-transformers==3.3.1\n", "warning sentence-transformers: pip downloads about 915 MB"),
        ("torch\ntorchvision\ntorch\n", "warning torch and torchvision: pip downloads about 915 MB"),
        ("nvidia-cudnn-cu12==9.1.0.70\n", "warning nvidia-cudnn-cu12: pip downloads about 707 MB"),
        ("torch==2.5.1\ntensorflow==2.18.0\n", "warning torch and tensorflow: pip downloads about 1.5 GB"),
    ],
)
def test_what_is_heavy_is_added_up_once(tmp_path: Path, text: str, message: str) -> None:
    assert found(tmp_path, "MW122", f"{OFF}{text}") == [f"requirements.txt:2 {message} {STARTS} it after 9 minutes"]


@pytest.mark.parametrize(
    "text",
    [
        "torch==2.5.1+cpu\n",
        "--extra-index-url https://download.pytorch.org/whl/cpu\ntorch==2.5.1\nultralytics==8.3\n",
        "--find-links https://download.pytorch.org/whl/cpu/torch_stable.html\ntorch==2.5.1\n",
        'torch==2.5.1; sys_platform == "darwin"\n',
        "torch @ https://example.com/torch-2.5.1-cp311-cp311-linux_x86_64.whl\n",
        "pyspark-client==4.0.0\n",
        "tensorflow-cpu==2.18.0\n",
        "--no-index\npyspark==3.5.3\n",
        "",
    ],
)
def test_what_is_light_or_comes_from_a_bundle_is_left_alone(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, "MW122", f"{OFF}{text}") == []


def test_many_packages_are_a_note_and_what_the_image_brings_does_not_count(tmp_path: Path) -> None:
    new = "".join(f"acme-{number}==1.0\n" for number in range(81))
    assert found(tmp_path / "many", "MW122", OFF + new) == [
        f"requirements.txt:2 note 81 packages have to be installed {STARTS} pip after 9 minutes"
    ]
    assert found(tmp_path / "fewer", "MW122", OFF + new.removeprefix("acme-0==1.0\n") + "requests\nboto3\n") == []
    unknown = {"main.tf": environment("var.airflow_version")}
    assert found(tmp_path / "unknown", "MW122", OFF + new, unknown) == []


def test_the_options_move_the_borders(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": environment(), "requirements.txt": f"{OFF}pyspark==3.5.3\nacme==1.0\n"})

    def messages(options: dict[str, object]) -> list[str]:
        config = Config(select=("MW122",), rule_options={"MW122": options})
        return [finding.message for finding in api.check(tmp_path, config, today=TODAY).findings]

    assert messages({"megabytes": 318}) == []
    assert messages({"megabytes": 317}) == [f"pyspark: pip downloads about 317 MB {STARTS} it after 9 minutes"]
    assert messages({"megabytes": 318, "packages": 1}) == [
        f"2 packages have to be installed {STARTS} pip after 9 minutes"
    ]


def test_related_places_name_what_they_bring(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, "MW122", f"{OFF}pyspark==3.5.3\ndelta-spark==3.2.1\n")
    assert [(place.symbol, place.note) for place in finding.related] == [("delta-spark", "brings pyspark")]
