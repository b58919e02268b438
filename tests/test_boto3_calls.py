"""Environments that Python code creates or updates through boto3: what the calls pass, and nothing they do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from mwaalint.discover import Project, discover
from mwaalint.model import declared
from mwaalint.model.adapters import boto3_calls
from mwaalint.model.environment import Declarations
from mwaalint.source import SourceFile
from tests.test_cloudformation import plain, stated

CLIENT = "import boto3\nmwaa = boto3.client('mwaa')\n"
IN_A_CLASS = """
import boto3

class Deployer:
    def __init__(self):
        self.client = boto3.client("mwaa")

    def deploy(self):
        self.client.create_environment(Name="etl")
"""
UNTOLD = "? an update that does not name it leaves it as it is"


def declarations(**contents: str) -> Declarations:
    """What Python files declare; ``lib__aws`` is the file lib/aws.py."""
    files = {}
    for name, content in contents.items():
        path = name.replace("__", "/") + ".py"
        files[path] = SourceFile(path, Path(path), content.encode())
    return boto3_calls.read(list(files.values()), Project(Path(), files))


def created(code: str) -> dict[str, object]:
    (only,) = declarations(deploy=code).environments
    return stated(only)


def test_a_creation_states_its_keywords_and_their_places() -> None:
    code = CLIENT + "SIZE = 'mw1.small'\nmwaa.create_environment(Name='étl', EnvironmentClass=SIZE, MaxWorkers=5)\n"
    (found,) = declarations(deploy=code).environments
    assert (found.symbol, found.dialect, found.label) == ("mwaa.create_environment", "boto3", "étl")
    assert stated(found) == {"name": "étl", "environment_class": "mw1.small", "max_workers": 5}
    file = SourceFile("deploy.py", Path(), code.encode())
    assert file.slice(found.location.span) == "mwaa.create_environment"
    assert file.slice(found.declared["environment_class"].span) == "EnvironmentClass"
    assert file.slice(found.where("environment_class").span) == "'mw1.small'"
    assert found.declared["max_workers"].symbol == "mwaa.create_environment.MaxWorkers"


def test_members_of_structures_are_named_as_arguments_are() -> None:
    call = "mwaa.create_environment(LoggingConfiguration={'TaskLogs': {'Enabled': True, 'LogLevel': level()}})"
    assert created(CLIENT + call) == {
        "logging_configuration": {
            "task_logs": {"enabled": True, "log_level": "? it is only known when the app runs"},
        }
    }


@pytest.mark.parametrize(
    "code",
    [
        "import boto3\nboto3.client('mwaa').create_environment(Name='etl')",
        "import boto3\nboto3.client(service_name='mwaa', region_name=r).create_environment(Name='etl')",
        "import boto3\nboto3.Session().client('mwaa').create_environment(Name='etl')",
        "import boto3\nsession = boto3.Session()\nc = session.client('mwaa')\nc.create_environment(Name='etl')",
        "from boto3 import client\nc = client('mwaa')\nc.create_environment(Name='etl')",
        "import boto3\nS = 'mwaa'\nc = boto3.client(S)\nd = c\nd.create_environment(Name='etl')",
        "import boto3\ndef f():\n    c = boto3.client('mwaa')\n    return c.create_environment(Name='etl')",
        IN_A_CLASS,
        CLIENT + "mwaa.create_environment(**{'Name': 'etl'})",
        CLIENT + "ARGUMENTS = dict(Name='etl')\nmwaa.create_environment(**ARGUMENTS)",
    ],
)
def test_a_client_of_mwaa_is_followed_by_its_name(code: str) -> None:
    assert created(code) == {"name": "etl"}


def test_a_client_may_come_from_another_file() -> None:
    read = declarations(
        lib__clients="import boto3\nmwaa = boto3.client('mwaa')\n",
        deploy="import boto3\nfrom lib.clients import mwaa\nmwaa.create_environment(Name='a')\n",
        other="import boto3\nfrom lib import clients\nclients.mwaa.create_environment(Name='b')\n",
    )
    assert [each.label for each in read.environments] == ["a", "b"]


@pytest.mark.parametrize(
    "code",
    [
        "import boto3  # mwaa\nboto3.client('elasticbeanstalk').create_environment(EnvironmentName='x')",
        "import boto3  # mwaa\nc.create_environment(Name='etl')",
        "import boto3  # mwaa\ndef f(c):\n    c.create_environment(Name='etl')",
        "import boto3  # mwaa\nboto3.client(service()).create_environment(Name='etl')",
        "import boto3  # mwaa\nboto3.client().create_environment(Name='etl')",
        "import boto3  # mwaa\nc = boto3.client('mwaa')\nc = boto3.client('s3')\nc.create_environment(Name='etl')",
        "import boto3  # mwaa\na = b\nb = a\na.create_environment(Name='etl')",
        CLIENT + "mwaa.create_environment()",
        CLIENT + "mwaa.create_environment(**arguments())",
        CLIENT + "mwaa.create_environment(Name=name())",
        CLIENT + "mwaa.create_environment",
        CLIENT + "mwaa.create_environment(Name='etl'",
        "",
    ],
)
def test_what_is_not_certain_or_tells_nothing_is_no_environment(code: str) -> None:
    assert declarations(deploy=code) == Declarations()


def test_an_update_tells_what_it_passes_and_nothing_else() -> None:
    code = CLIENT + "mwaa.update_environment(Name='etl', AirflowVersion='2.10.3', MaxWorkers=None)"
    (found,) = declarations(deploy=code).environments
    assert (found.symbol, plain(found.name), plain(found.airflow_version)) == (
        "mwaa.update_environment",
        "etl",
        "2.10.3",
    )
    assert [plain(found.get(name)) for name in ("max_workers", "environment_class", "requirements_s3_path")] == [
        UNTOLD
    ] * 3
    assert found.where("environment_class") == found.location


def test_an_update_of_object_versions_alone_is_a_deploy_step() -> None:
    call = "mwaa.update_environment(Name='etl', RequirementsS3ObjectVersion=event['v'], PluginsS3ObjectVersion=None)"
    read = declarations(deploy=CLIENT + call)
    assert read.environments == ()
    assert read.updated_versions == {"requirements_s3_object_version"}


def test_an_update_with_arguments_that_are_not_known_may_pass_any_version() -> None:
    read = declarations(deploy=CLIENT + "mwaa.update_environment(Name='etl', **changes())")
    assert read.environments == ()
    assert read.updated_versions == {
        "requirements_s3_object_version",
        "plugins_s3_object_version",
        "startup_script_s3_object_version",
    }


def test_what_is_spread_beside_a_known_argument_may_be_any_other() -> None:
    (found,) = declarations(deploy=CLIENT + "mwaa.create_environment(Name='etl', **rest())").environments
    assert plain(found.name) == "etl"
    assert plain(found.max_workers) == "? it may be among what is spread here"


def test_tests_create_nothing() -> None:
    call = CLIENT + "mwaa.create_environment(Name='etl')"
    assert declarations(tests__deploy=call, test_deploy=call) == Declarations()


def test_a_project_reads_its_calls_and_only_where_boto3_and_mwaa_are_spoken_of(tmp_path: Path) -> None:
    (tmp_path / "names.py").write_text("NAME = 'etl'\n")
    (tmp_path / "deploy.py").write_text(CLIENT + "from names import NAME\nmwaa.create_environment(Name=NAME)\n")
    (tmp_path / "other.py").write_text("from deploy import mwaa\nmwaa.create_environment(Name='unread')\n")
    assert [each.label for each in declared.declarations(discover(tmp_path)).environments] == ["etl"]


@pytest.mark.parametrize(
    "code",
    [
        CLIENT + "mwaa.create_environment(" + "(" * 3000,
        CLIENT + "mwaa" + ".a" * 5000 + ".create_environment(Name='x')",
        CLIENT + "mwaa.create_environment(Name=" + "+".join(["'x'"] * 900) + ")",
        CLIENT + "mwaa.create_environment(**{**{**x}}, **{1: 2})",
        "\0 boto3 mwaa create_environment",
    ],
)
def test_hostile_files_never_raise(code: str) -> None:
    assert declarations(deploy=code).problems == ()
