"""Environments of Pulumi programs in Python: one for each stack, with the values its configuration gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from mwaalint.discover import Project, discover
from mwaalint.model import declared
from mwaalint.model.adapters import pulumi_python
from mwaalint.model.environment import ARGUMENTS, Declarations, Environment
from mwaalint.source import SourceFile
from tests.test_cloudformation import plain, stated

IMPORT = "import pulumi\nimport pulumi_aws as aws\n"
CONFIG = IMPORT + "config = pulumi.Config()\n"
PROJECT = "name: etl\nruntime: python\n"
MADE_UP = "? Pulumi makes up a name with random characters"
UNSET = "? the repository does not configure it"


def declarations(contents: dict[str, str]) -> Declarations:
    files = {path: SourceFile(path, Path(path), content.encode()) for path, content in contents.items()}
    return pulumi_python.read([file for path, file in files.items() if path.endswith(".py")], Project(Path(), files))


def environment(code: str, stack: str | None = None, project: str = PROJECT) -> Environment:
    """The environment of a program, with the configuration of the only stack (None: no stack is in the repository)."""
    contents = {"__main__.py": code, "Pulumi.yaml": project}
    if stack is not None:
        contents["Pulumi.prod.yaml"] = stack
    (only,) = declarations(contents).environments
    return only


def the_class(expression: str, stack: str | None = None, before: str = "", project: str = PROJECT) -> object:
    """What ``environment_class`` comes to."""
    code = f"{CONFIG}{before}\naws.mwaa.Environment('e', environment_class={expression})"
    return plain(environment(code, stack, project).environment_class)


@pytest.mark.parametrize(
    "code",
    [
        "import pulumi_aws\npulumi_aws.mwaa.Environment('etl', name='etl', max_workers=3)",
        "import pulumi_aws as aws\naws.mwaa.Environment('etl', name='etl', max_workers=3)",
        "from pulumi_aws import mwaa\nmwaa.Environment('etl', name='etl', max_workers=3)",
        "from pulumi_aws import mwaa as m\nm.Environment('etl', None, name='etl', max_workers=3)",
        "from pulumi_aws.mwaa import Environment\nEnvironment(resource_name='etl', name='etl', max_workers=3)",
        "from pulumi_aws.mwaa import Environment as E\nE('etl', name='etl', max_workers=3)",
        "import pulumi_aws_native as native\nnative.mwaa.Environment('etl', name='etl', max_workers=3)",
        "import pulumi_aws as aws\naws.mwaa.Environment('etl', aws.mwaa.EnvironmentArgs(name='etl', max_workers=3))",
        "from pulumi_aws import mwaa\nmwaa.Environment('etl', args=mwaa.EnvironmentArgs(name='etl', max_workers=3))",
        "import pulumi_aws as aws\naws.mwaa.Environment('etl', **{'name': 'etl', 'max_workers': 3})",
    ],
)
def test_an_environment_is_found_under_every_name_the_language_gives_it(code: str) -> None:
    found = environment(code)
    assert (found.symbol, found.dialect) == ("aws.mwaa.Environment.etl", "pulumi-python")
    assert stated(found) == {"name": "etl", "max_workers": 3}


@pytest.mark.parametrize(
    "code",
    [
        "import pulumi_aws  # mwaa\nEnvironment('etl')",
        "import pulumi_aws as aws\naws.mwaa.EnvironmentArgs(name='etl')",
        "import pulumi_aws as aws\naws.mwaa.get_environment('etl')\naws.beanstalk.Environment('mwaa')",
        "import pulumi_aws as aws\naws.mwaa.Environment('etl'",
        "",
    ],
)
def test_other_code_makes_no_environment(code: str) -> None:
    assert declarations({"__main__.py": code}) == Declarations()


def test_each_stack_is_a_variant_with_its_own_values() -> None:
    read = declarations(
        {
            "infra/Pulumi.yaml": PROJECT,
            "infra/Pulumi.dev.yaml": "config:\n  etl:size: mw1.small\n",
            "infra/Pulumi.prod.yaml": "config:\n  etl:size: mw1.large\n  etl:workers: 12\n",
            "infra/Pulumi.prod.yaml.bak": "config:\n  etl:size: mw1.2xlarge\n",
            "other/Pulumi.test.yaml": "config:\n  etl:size: mw1.xlarge\n",
            "infra/app/stack.py": CONFIG
            + "aws.mwaa.Environment('e', name=f'etl-{pulumi.get_stack()}', environment_class=config.require('size'),\n"
            "    max_workers=config.get_int('workers') or 5)\n",
        }
    )
    assert [
        (each.label, each.variant, plain(each.environment_class), plain(each.max_workers)) for each in read.environments
    ] == [
        ("etl-dev (Pulumi.dev.yaml)", "Pulumi.dev.yaml", "mw1.small", 5),
        ("etl-prod (Pulumi.prod.yaml)", "Pulumi.prod.yaml", "mw1.large", 12),
    ]


def test_a_value_stands_where_the_stack_configures_it() -> None:
    stack = "config:\n  etl:size: mw1.large\n"
    found = environment(CONFIG + "aws.mwaa.Environment('e', environment_class=config.get('size'))", stack)
    file = SourceFile("Pulumi.prod.yaml", Path(), stack.encode())
    place = found.where("environment_class")
    assert (place.path, file.slice(place.span), place.symbol) == ("Pulumi.prod.yaml", "mw1.large", "etl:size")
    assert found.declared["environment_class"].path == "__main__.py"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("config.get('size')", "mw1.large"),
        ("config.get('size', 'mw1.small')", "mw1.large"),
        ("config.require('size')", "mw1.large"),
        ("config.get('gone') or 'mw1.small'", "mw1.small"),
        ("config.get('gone', 'mw1.small')", "mw1.small"),
        ("config.get('gone', default='mw1.small')", "mw1.small"),
        ("config.get('gone')", None),
        ("config.get('empty') or 'mw1.small'", "mw1.small"),
        ("config.require('gone')", UNSET),
        ("config.get_object('mwaa')['size']", "mw1.xlarge"),
        ("config.require_object('mwaa').get('size')", "mw1.xlarge"),
        ("config.require_object('mwaa').get('gone', 'mw1.small')", "mw1.small"),
        ("config.get('mwaa')", "? it is no single value"),
        ("config.get_object('size')", "? it is no object"),
        ("config.get_int('count')", 12),
        ("config.get('count')", "12"),
        ("config.get_int('size')", "? it is no int"),
        ("config.get_bool('flag')", True),
        ("config.get_float('ratio')", 0.5),
        ("config.get_secret('size')", "? it is a secret"),
        ("config.get('hidden')", "? it is encrypted"),
        ("config.get_object('hidden')", "? it is encrypted"),
        ("config.require_object('mwaa')['key']", "? it is encrypted"),
        ("config.get(key())", UNSET),
        ("pulumi.Config('other').get('size')", "mw1.micro"),
        ("pulumi.Config(name='other').require('size')", "mw1.micro"),
        ("pulumi.Config(namespace()).get('size')", UNSET),
        ("pulumi.get_project()", "etl"),
        ("config.try_get('size')", "? it is only known when the app runs"),
        ("{'size': 'mw1.small'}.get('size')", "mw1.small"),
    ],
)
def test_configuration_is_what_the_stack_says(expression: str, value: object) -> None:
    stack = """
config:
  etl:size: mw1.large
  etl:empty:
  etl:count: 12
  etl:flag: "true"
  etl:ratio: 0.5
  etl:hidden: {secure: AAABBB}
  etl:mwaa:
    size: mw1.xlarge
    key: {secure: AAABBB}
  other:size: mw1.micro
"""
    assert the_class(expression, stack) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("config.get('size') or 'mw1.small'", "mw1.small"),
        ("config.get('size', 'mw1.small')", "mw1.small"),
        ("config.get('size')", UNSET),
        ("config.require('size')", UNSET),
        ("pulumi.get_stack()", "? the stack is not known"),
    ],
)
def test_without_any_stack_in_the_repository_only_defaults_are_known(expression: str, value: object) -> None:
    assert the_class(expression) == value


@pytest.mark.parametrize("entry", ["size: mw1.large", "size: {default: mw1.large}", "etl:size: {value: mw1.large}"])
def test_the_project_gives_its_stacks_defaults(entry: str) -> None:
    project = f"{PROJECT}config:\n  {entry}\n"
    assert the_class("config.get('size')", "config: {}\n", project=project) == "mw1.large"
    assert the_class("config.get('size')", project=project) == "mw1.large"
    assert the_class("config.get('size')", "config: {'etl:size': mw1.small}\n", project=project) == "mw1.small"


def test_stacks_may_lie_in_a_folder_of_their_own() -> None:
    contents = {
        "Pulumi.yaml": PROJECT + "stackConfigDir: stacks\n",
        "stacks/Pulumi.prod.yaml": "config: {'etl:size': mw1.large}\n",
        "__main__.py": CONFIG + "aws.mwaa.Environment('e', environment_class=config.get('size'))",
    }
    (found,) = declarations(contents).environments
    assert plain(found.environment_class) == "mw1.large"


def test_configuration_may_come_from_another_file() -> None:
    contents = {
        "Pulumi.yaml": PROJECT,
        "Pulumi.prod.yaml": "config:\n  etl:mwaa:\n    size: mw1.large\n",
        "__main__.py": "from infra import mwaa\n",
        "infra/__init__.py": "",
        "infra/base.py": "from pulumi import Config, get_stack\nconfig = Config()\n"
        "mwaa_config = config.require_object('mwaa')\nname = get_stack()\n",
        "infra/mwaa.py": "from pulumi_aws.mwaa import Environment\nfrom .base import config, mwaa_config, name\n"
        "Environment('e', name=name, environment_class=mwaa_config['size'], max_workers=config.get_int('n') or 4)\n",
    }
    (found,) = declarations(contents).environments
    assert stated(found) == {"name": "prod", "environment_class": "mw1.large", "max_workers": 4}


def test_a_name_that_is_not_given_is_made_up() -> None:
    assert stated(environment(IMPORT + "aws.mwaa.Environment('etl')")) == {"name": MADE_UP}


def test_what_the_provider_leaves_out_or_sends_as_text() -> None:
    code = (
        "aws.mwaa.Environment('e', name='etl', plugins_s3_path='', dag_s3_path='', max_workers='4',\n"
        "    airflow_configuration_options={'a.b': 40, 'a.c': True, 'a.d': 'x', 'a.e': 1 if f() else 2, 'a.f': g()})"
    )
    assert stated(environment(IMPORT + code)) == {
        "name": "etl",
        "dag_s3_path": "",
        "max_workers": 4,
        "airflow_configuration_options": {
            "a.b": "40",
            "a.c": "true",
            "a.d": "x",
            "a.e": {"1", "2"},
            "a.f": "? it is only known when the app runs",
        },
    }


@pytest.mark.parametrize(
    ("options", "ignored"),
    [
        (
            "pulumi.ResourceOptions(ignore_changes=['maxWorkers', 'airflow_version'])",
            {"max_workers", "airflow_version"},
        ),
        ("pulumi.ResourceOptions(ignore_changes=['*'])", set(ARGUMENTS)),
        ("pulumi.ResourceOptions(protect=True)", set()),
        ("pulumi.ResourceOptions(ignore_changes=names())", set()),
        ("None", set()),
        ("options()", set()),
    ],
)
def test_changes_that_are_ignored(options: str, ignored: set[str]) -> None:
    assert environment(f"{IMPORT}aws.mwaa.Environment('e', opts={options})").ignored_changes == ignored
    if "ResourceOptions" in options:
        assert environment(f"{IMPORT}aws.mwaa.Environment('e', {options})").ignored_changes == ignored


def test_what_is_passed_unseen_may_be_any_argument() -> None:
    found = environment(IMPORT + "aws.mwaa.Environment('e', environment_class='mw1.small', **rest())")
    assert (plain(found.environment_class), plain(found.max_workers)) == (
        "mw1.small",
        "? it may be among what is passed here",
    )


def test_a_project_is_read_with_all_its_files(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text(PROJECT)
    (tmp_path / "sizes.py").write_text("SMALL = 'mw1.small'\n")
    (tmp_path / "__main__.py").write_text(
        "import pulumi_aws as aws\nfrom sizes import SMALL\naws.mwaa.Environment('e', environment_class=SMALL)\n"
    )
    (found,) = declared.declarations(discover(tmp_path)).environments
    assert plain(found.environment_class) == "mw1.small"


@pytest.mark.parametrize("broken", ["", "[", "- a", "config: 3", "config: [a]", "\0", "&a [*a]", "name: [x]"])
def test_hostile_configuration_never_raises(broken: str) -> None:
    code = CONFIG + "aws.mwaa.Environment('e', environment_class=config.get('size') or 'mw1.small')"
    contents = {"__main__.py": code, "Pulumi.yaml": broken, "Pulumi.prod.yaml": broken}
    (found,) = declarations(contents).environments
    assert plain(found.environment_class) == "mw1.small"


@pytest.mark.parametrize(
    "expression",
    [
        "config.get(" * 60 + "'x'" + ")" * 60,
        "config",
        "Config().get('x')",
        "pulumi.Config(*a).get('x')",
        "config.get()",
    ],
)
def test_hostile_expressions_never_raise(expression: str) -> None:
    assert str(the_class(expression, "config: {}\n")).startswith("? ")
