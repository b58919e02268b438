"""Environments and uploads in Python CDK apps: what the code says and where, and nothing that only a run tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from mwaalint.discover import Project, Role, discover
from mwaalint.model.adapters import cdk_python
from mwaalint.model.environment import Declarations, Environment
from mwaalint.model.values import ABSENT, Known, OneOf, Unresolved
from mwaalint.source import SourceFile
from tests.test_cloudformation import WHOLE, plain, stated

FIXTURE = Path(__file__).parent / "fixtures" / "cdk"

IMPORT = "from aws_cdk import aws_mwaa as mwaa\n"
RUN = "it is only known when the app runs"


def declarations(contents: dict[str, str | bytes]) -> Declarations:
    files = {
        path: SourceFile(path, Path(path), content.encode() if isinstance(content, str) else content)
        for path, content in contents.items()
    }
    return cdk_python.read([file for path, file in files.items() if path.endswith(".py")], Project(Path(), files))


def environment(code: str, **others: str) -> Environment:
    """The environment of stack.py with this code; others are files by name, with __ for / and _dot_ for a dot."""
    contents: dict[str, str | bytes] = {"stack.py": IMPORT + code}
    contents.update({name.replace("__", "/").replace("_dot_", "."): text for name, text in others.items()})
    (only,) = declarations(contents).environments
    return only


def the_class(expression: str, before: str = "", **others: str) -> object:
    """What ``environment_class`` comes to."""
    return plain(
        environment(
            f"{before}\nmwaa.CfnEnvironment(app, 'e', environment_class={expression})", **others
        ).environment_class
    )


@pytest.mark.parametrize("newline", ["\r", "\r\r\n"])
def test_places_are_right_whatever_ends_the_lines(newline: str) -> None:
    code = f"{IMPORT}\n\nmwaa.CfnEnvironment(app, 'etl',\n\n    name='orders')\n".replace("\n", newline)
    (found,) = declarations({"stack.py": code}).environments
    assert isinstance(found.name, Known)
    assert code.encode()[slice(*found.name.origin.span)] == b"'orders'"


def test_a_whole_app_gives_every_value_it_states() -> None:
    project = discover(FIXTURE)
    read = cdk_python.read(project.with_role(Role.PYTHON), project)
    (found,) = read.environments
    assert (found.symbol, found.dialect, found.label) == (
        "mwaa.CfnEnvironment.MwaaEnvironment",
        "cdk-python",
        "etl-prod",
    )
    assert stated(found) == {
        **WHOLE,
        "source_bucket_arn": "? it is only known when it is deployed",
        "webserver_access_mode": {"PUBLIC_ONLY", "PRIVATE_ONLY"},
        "network_configuration": {
            "subnet_ids": ["subnet-1", "subnet-2"],
            "security_group_ids": ["? security_group_id is not bound to one expression in MwaaStack"],
        },
    }
    assert [(upload.source, upload.key, upload.recursive, upload.address) for upload in read.uploads] == [
        ("mwaa_app/dags", "dags", True, "BucketDeployment.Dags"),
        ("requirements", "", True, "BucketDeployment.Requirements"),
    ]
    assert read.problems == ()


def test_places_are_those_of_the_keywords_and_of_the_literals() -> None:
    project = discover(FIXTURE)
    (found,) = cdk_python.read(project.with_role(Role.PYTHON), project).environments

    def written(argument: str) -> tuple[str, str, str]:
        place = found.where(argument)
        return place.path, project.files[place.path].slice(place.span), place.symbol

    stack = project.files["mwaa_app/stack.py"]
    assert stack.slice(found.location.span) == "mwaa.CfnEnvironment"
    assert {argument for argument, place in found.declared.items() if stack.slice(place.span) != argument} == {"tags"}
    assert written("airflow_version") == ("cdk.json", '"2.10.3"', "context.airflow_version")
    assert written("environment_class") == ("mwaa_app/settings.py", '"mw1.large"', "ENVIRONMENT_CLASS")
    assert written("min_workers") == ("mwaa_app/settings.py", "2", "Workers.MIN")
    assert written("dag_s3_path") == ("mwaa_app/stack.py", '"dags"', "mwaa.CfnEnvironment.MwaaEnvironment.dag_s3_path")
    assert found.declared["dag_s3_path"].symbol == "mwaa.CfnEnvironment.MwaaEnvironment.dag_s3_path"


@pytest.mark.parametrize(
    "imports",
    [
        "from aws_cdk import aws_mwaa\naws_mwaa.CfnEnvironment",
        "from aws_cdk import aws_mwaa as m\nm.CfnEnvironment",
        "import aws_cdk.aws_mwaa as m\nm.CfnEnvironment",
        "import aws_cdk.aws_mwaa\naws_cdk.aws_mwaa.CfnEnvironment",
        "import aws_cdk as cdk\ncdk.aws_mwaa.CfnEnvironment",
        "from aws_cdk.aws_mwaa import CfnEnvironment\nCfnEnvironment",
        "from aws_cdk.aws_mwaa import CfnEnvironment as Env\nEnv",
    ],
)
def test_the_construct_is_found_under_every_import(imports: str) -> None:
    (found,) = declarations({"stack.py": f"{imports}(app, 'etl', max_workers=5)"}).environments
    assert (found.symbol, plain(found.max_workers)) == ("mwaa.CfnEnvironment.etl", 5)


@pytest.mark.parametrize(
    "code",
    [
        "import boto3\naws_mwaa = boto3.client('mwaa')\naws_mwaa.CfnEnvironment(max_workers=1)",
        "from other import aws_mwaa\naws_mwaa.CfnEnvironment(max_workers=1)",
        "# aws_cdk.aws_mwaa.CfnEnvironment(max_workers=1)",
        "from aws_cdk import aws_mwaa\nx: aws_mwaa.CfnEnvironment",
        "from aws_cdk import aws_mwaa\naws_mwaa.CfnEnvironment(",
    ],
)
def test_what_only_looks_like_the_construct_declares_nothing(code: str) -> None:
    assert declarations({"stack.py": code}) == Declarations()


@pytest.mark.parametrize("path", ["tests/stack.py", "test_stack.py", "infra/.ipynb_checkpoints/stack-checkpoint.py"])
def test_tests_and_copies_of_editors_declare_nothing(path: str) -> None:
    assert declarations({path: IMPORT + "mwaa.CfnEnvironment(app, 'e', max_workers=5)"}) == Declarations()


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("'mw1.small'", "mw1.small"),
        ("'mw1' '.small'", "mw1.small"),
        ("('mw1.small')", "mw1.small"),
        ("5", 5),
        ("-1", -1),
        ("True", True),
        ("None", None),
        ("b'x'", f"? {RUN}"),
        ("...", f"? {RUN}"),
        ("'mw1.' + 'small'", "mw1.small"),
        ("2 + 3", 5),
        ("'mw1.' + 3", "? a part of it is only known when it is deployed"),
        ("f'mw1.{SIZE}'", "mw1.small"),
        ("f'{NUMBER}-{SIZE}'", "7-small"),
        ("f'{NUMBER:03}'", "? a part of it is only known when it is deployed"),
        ("f'{SIZE!r}'", "? a part of it is only known when it is deployed"),
        ("f'{unknown()}'", "? a part of it is only known when it is deployed"),
        ("SIZE", "small"),
        ("ANNOTATED", "large"),
        ("TWICE", "? TWICE is not bound to one expression"),
        ("LOOP", "? LOOP is not bound to one expression"),
        ("function", "? function is not bound to one expression"),
        ("missing", "? missing is not known here"),
        ("PICKED", "prod"),
        ("OPEN", {"a", "b"}),
        ("SELF", "? it is too large to follow"),
        ("Config.SIZE", "medium"),
        ("Config.missing", "? missing is not bound to one expression in Config"),
        ("TABLE['a']", "x"),
        ("TABLE['b']", f"? {RUN}"),
        ("TABLE.get('a', 'y')", "x"),
        ("TABLE.get('b', 'y')", "y"),
        ("TABLE.get('b')", None),
        ("CHANGED['a']", "? CHANGED is changed after it is made"),
        ("LIST[1]", "q"),
        ("LIST[-1]", "q"),
        ("LIST[2]", f"? {RUN}"),
        ("LIST[0:1]", f"? {RUN}"),
        ("{**TABLE, 'a': 'z'}['a']", "z"),
        ("dict(a='k')['a']", "k"),
        ("unknown() or 'default'", "default"),
        ("None or 'default'", "default"),
        ("SIZE or 'default'", "small"),
        ("OPEN or 'default'", {"a", "b"}),
        ("unknown().get('k', 'default')", "default"),
        ("unknown().get('k', '')", f"? {RUN}"),
        ("unknown().get('k')", f"? {RUN}"),
        ("os.environ.get('K', 'default')", "default"),
        ("os.getenv('K', 'default')", "default"),
        ("os.getenv('K', '')", f"? {RUN}"),
        ("os.getenv('K')", f"? {RUN}"),
        ("os.environ['K']", "? os.environ comes from outside the repository"),
        ("'a' if unknown() else 'b'", {"a", "b"}),
        ("'a' if SIZE == 'small' else 'b'", "a"),
        ("'a' if SIZE != 'small' else 'b'", "b"),
        ("'a' if unknown() else None", "? the repository does not decide between its values"),
        ("'a' if unknown() else other()", "? the repository does not decide between its values"),
        ("cdk.Aws.NO_VALUE", None),
        ("cdk.Aws.REGION", "? aws_cdk.Aws.REGION comes from outside the repository"),
        ("str(5)", "5"),
        ("int('5')", 5),
        ("int('five')", "? a part of it is only known when it is deployed"),
        ("(lambda: 'x')()", f"? {RUN}"),
        ("[s for s in LIST]", f"? {RUN}"),
    ],
)
def test_an_expression_comes_to_what_the_code_decides(expression: str, value: object) -> None:
    before = """
import os
import aws_cdk as cdk
SIZE = "small"
ANNOTATED: str = "large"
NUMBER = 7
TWICE = "a"
TWICE = "b"
SELF = SELF
TABLE = {"a": "x"}
CHANGED = {"a": "x"}
CHANGED["a"] = "y"
LIST = ["p", "q"]
for LOOP in LIST:
    pass
def function(): ...
if SIZE == "small":
    PICKED = "prod"
else:
    PICKED = "dev"
if unknown():
    OPEN = "a"
else:
    OPEN = "b"
class Config:
    SIZE = "medium"
"""
    assert the_class(expression, before) == value


def test_a_name_changed_by_a_function_is_no_constant() -> None:
    before = "SIZE = 'small'\ndef f():\n    global SIZE\n    SIZE = 'large'\n"
    assert the_class("SIZE", before) == "? SIZE is not bound to one expression"


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ("TABLE['zones'] = zones()", "mw1.small"),
        ("TABLE['size'] = size()", "? TABLE is changed after it is made"),
        ("del TABLE['size']", "? TABLE is changed after it is made"),
        ("TABLE[key()] = 1", "? TABLE is changed after it is made"),
        ("TABLE['zones'] = 1; TABLE.update(more())", "? TABLE is changed after it is made"),
    ],
)
def test_a_write_to_one_key_leaves_the_other_keys_known(change: str, value: str) -> None:
    assert the_class("TABLE['size']", f"TABLE = {{'size': 'mw1.small', 'name': 'x'}}\n{change}\n") == value


def test_attributes_of_self_are_followed_when_set_once() -> None:
    code = (
        "class S:\n    KIND = 'mw1'\n    def __init__(self):\n        self.size = 'small'\n        self.twice = 1\n"
        "        self.props = {'a': 'x'}\n        self.props.update(b='y')\n"
        "    def build(self):\n        self.twice = 2\n        mwaa.CfnEnvironment(\n"
        "            self, 'e', name=f'{self.KIND}.{self.size}', max_workers=self.twice,\n"
        "            dag_s3_path=self.props['a'])\n"
    )
    assert stated(environment(code)) == {
        "name": "mw1.small",
        "max_workers": "? twice is not bound to one expression in S",
        "dag_s3_path": "? props is changed after it is made",
    }


def test_constants_come_from_modules_packages_and_re_exports() -> None:
    files = {
        "stack.py": IMPORT
        + "import config\nfrom pkg import SIZE, Names\nfrom pkg.deep import missing\nimport pkg.deep as deep\n"
        + "mwaa.CfnEnvironment(app, 'e', name=Names.NAME, environment_class=SIZE, max_workers=config.WORKERS,"
        + " min_workers=deep.LOW, schedulers=missing)",
        "config.py": "WORKERS = 9\n",
        "pkg/__init__.py": "from .deep import SIZE\nfrom .names import Names\n",
        "pkg/deep.py": "SIZE = 'mw1.medium'\nLOW = 3\n",
        "pkg/names.py": "class Names:\n    NAME = 'etl'\n",
    }
    (found,) = declarations({f"infra/{path}": text for path, text in files.items()}).environments
    assert stated(found) == {
        "name": "etl",
        "environment_class": "mw1.medium",
        "max_workers": 9,
        "min_workers": 3,
        "schedulers": "? pkg.deep.missing is no constant",
    }
    assert found.where("environment_class").path == "infra/pkg/deep.py"


def test_files_that_import_from_each_other_in_a_circle_are_no_constants() -> None:
    others = {"a": "from b import SIZE", "b": "from a import SIZE"}
    found = the_class("SIZE", "from a import SIZE", a_dot_py=others["a"], b_dot_py=others["b"])
    assert isinstance(found, str)
    assert found.startswith("? ")


STACK = (
    "class S:\n    def __init__(self, scope, id, *, size='mw1.small', workers=5, **kwargs):\n"
    "        mwaa.CfnEnvironment(self, 'e', environment_class=size, max_workers=workers)\n"
)


def test_a_parameter_without_callers_has_its_default() -> None:
    assert stated(environment(STACK)) == {"environment_class": "mw1.small", "max_workers": 5}


def test_a_parameter_is_what_the_app_passes() -> None:
    app = "from stack import S\nSIZE = 'mw1.large'\nS(app, 'x', size=SIZE)\n"
    found = environment(STACK, app_dot_py=app)
    assert stated(found) == {"environment_class": "mw1.large", "max_workers": 5}
    assert (found.where("environment_class").path, found.where("environment_class").symbol) == ("app.py", "SIZE")


def test_two_callers_give_two_possible_values() -> None:
    app = "from stack import S\nS(app, 'dev')\nS(app, 'prod', size='mw1.large')\n"
    assert stated(environment(STACK, app_dot_py=app)) == {
        "environment_class": {"mw1.small", "mw1.large"},
        "max_workers": 5,
    }


@pytest.mark.parametrize(
    ("app", "reason"),
    [
        ("from stack import S\nS(app, 'x', **options)", "? size is passed in a way that the repository does not tell"),
        ("from stack import S\nS(*arguments)", "? size is passed in a way that the repository does not tell"),
        ("from stack import S\nclass T(S): ...", "? subclasses may pass size on"),
        ("from stack import S\nS(app, 'x', size=args.size)", f"? {RUN}"),
    ],
)
def test_callers_that_hide_what_they_pass_leave_it_open(app: str, reason: str) -> None:
    assert plain(environment(STACK, app_dot_py=app).environment_class) == reason


def test_another_class_of_the_same_name_and_tests_are_no_callers() -> None:
    others = "from elsewhere import S\nS(app, 'x', size='mw1.large')\n"
    tests = "from stack import S\nS(app, 'x', size='mw1.medium')\n"
    found = environment(STACK, other_dot_py=others, elsewhere_dot_py="class S: ...", tests__test_app_dot_py=tests)
    assert plain(found.environment_class) == "mw1.small"


def test_parameters_of_functions_and_methods_come_from_their_calls() -> None:
    function = "def build(size):\n    mwaa.CfnEnvironment(app, 'e', environment_class=size)\nbuild('mw1.large')\n"
    assert plain(environment(function).environment_class) == "mw1.large"
    method = (
        "class S:\n    def __init__(self):\n        self.build('mw1.medium')\n"
        "    def build(self, size):\n        mwaa.CfnEnvironment(self, 'e', environment_class=size)\n"
    )
    assert plain(environment(method).environment_class) == "mw1.medium"


@pytest.mark.parametrize(
    "body",
    ["    size = size or 'x'\n", "    size += 'x'\n", "    for size in sizes: pass\n", "    with f() as size: pass\n"],
)
def test_a_parameter_that_is_rebound_is_not_followed(body: str) -> None:
    code = f"def build(size='mw1.small'):\n{body}    mwaa.CfnEnvironment(app, 'e', environment_class=size)\n"
    assert plain(environment(code).environment_class) == "? size is changed or only known when it is called"


def test_a_default_says_nothing_where_a_settings_file_of_the_app_names_the_key() -> None:
    code = (
        "mwaa.CfnEnvironment(app, 'e', environment_class=c.get('size', 'mw1.small'), dag_s3_path=c.get('dags', 'dags'))"
    )
    config = "mwaa:\n  size: mw1.large\n"
    assert stated(environment(code, config_dot_yaml=config)) == {"environment_class": f"? {RUN}", "dag_s3_path": "dags"}


def test_settings_of_another_app_do_not_matter() -> None:
    contents: dict[str, str | bytes] = {
        "a/cdk.json": "{}",
        "a/stack.py": IMPORT + "mwaa.CfnEnvironment(app, 'e', environment_class=c['size'] or 'mw1.small')",
        "b/config.yaml": "size: mw1.large",
    }
    (found,) = declarations(contents).environments
    assert plain(found.environment_class) == "mw1.small"


@pytest.mark.parametrize(
    ("context", "value"),
    [
        ('{"context": {"size": "mw1.large"}}', "mw1.large"),
        ('{"context": {}}', "mw1.small"),
        ('{"context": []}', "mw1.small"),
        ("{", "mw1.small"),
        ("[]", "mw1.small"),
        ("", "mw1.small"),
    ],
)
def test_context_comes_from_cdk_json_before_the_default(context: str, value: str) -> None:
    assert the_class("app.node.try_get_context('size') or 'mw1.small'", cdk_dot_json=context) == value


def test_spread_arguments_are_read_when_known_and_leave_everything_open_when_not() -> None:
    known = environment("P = {'max_workers': 5, 'other': 1}\nmwaa.CfnEnvironment(app, 'e', dag_s3_path='dags', **P)")
    assert stated(known) == {"dag_s3_path": "dags", "max_workers": 5}
    unknown = environment("mwaa.CfnEnvironment(app, 'e', dag_s3_path='dags', **props)")
    assert plain(unknown.dag_s3_path) == "dags"
    assert plain(unknown.airflow_version) == "? it may be among what is spread here"


MADE = "env = mwaa.CfnEnvironment(app, 'e', max_workers=5, airflow_configuration_options={'a': '1'})\n"


@pytest.mark.parametrize(
    ("change", "workers", "options"),
    [
        ("env.add_override('Properties.MaxWorkers', 10)", 10, {"a": "1"}),
        ("env.add_property_override('MaxWorkers', 10)", 10, {"a": "1"}),
        ("env.max_workers = 10", 10, {"a": "1"}),
        ("env.max_workers = 10\nenv.max_workers = 11", 11, {"a": "1"}),
        ("env.add_property_deletion_override('MaxWorkers')", None, {"a": "1"}),
        ("env.add_deletion_override('Properties.MaxWorkers')", None, {"a": "1"}),
        ("env.add_override('DependsOn', 'x')", 5, {"a": "1"}),
        ("env.other = 1", 5, {"a": "1"}),
        ("env.add_property_override('AirflowConfigurationOptions', {'b': '2'})", 5, {"a": "1", "b": "2"}),
        ("env.add_property_override('AirflowConfigurationOptions.core\\\\.x', '3')", 5, {"a": "1", "core.x": "3"}),
        ("env.add_property_deletion_override('AirflowConfigurationOptions.a')", 5, {}),
        ("env.airflow_configuration_options = o", 5, "? o is not known here"),
        ("if unknown():\n    env.max_workers = 10", "? it is changed under a condition or elsewhere", {"a": "1"}),
        (
            "env.add_property_override(path, 10)",
            "? what is overridden is not known",
            "? what is overridden is not known",
        ),
    ],
)
def test_what_is_changed_afterwards_counts(change: str, workers: object, options: object) -> None:
    found = environment(MADE + change)
    assert (plain(found.max_workers), plain(found.airflow_configuration_options)) == (workers, options)


def test_members_of_structures_are_changed_under_either_spelling() -> None:
    code = (
        "class S:\n    def __init__(self):\n        self.env = mwaa.CfnEnvironment(self, 'e', logging_configuration=\n"
        "            mwaa.CfnEnvironment.LoggingConfigurationProperty(task_logs=\n"
        "                mwaa.CfnEnvironment.ModuleLoggingConfigurationProperty(enabled=True, log_level='INFO')))\n"
        "        self.env.add_property_override('LoggingConfiguration.TaskLogs.LogLevel', 'ERROR')\n"
        "        self.env.add_property_override('LoggingConfiguration.DagProcessingLogs', {'Enabled': False})\n"
    )
    assert stated(environment(code)) == {
        "logging_configuration": {
            "task_logs": {"enabled": True, "log_level": "ERROR"},
            "dag_processing_logs": {"enabled": False},
        }
    }


def test_a_change_merged_into_something_unknown_is_unknown() -> None:
    code = "env = mwaa.CfnEnvironment(app, 'e', tags=tags())\nenv.add_property_override('Tags', {'a': 'b'})"
    assert plain(environment(code).tags) == "? it is merged into something that is not known"


def test_changes_to_another_thing_of_the_same_name_do_not_count() -> None:
    code = MADE + "def other():\n    env = thing()\n    env.max_workers = 99\n"
    assert plain(environment(code).max_workers) == 5


def test_places_are_right_after_characters_of_several_bytes_and_in_any_encoding() -> None:
    code = (
        "# Grüße 🙂\r\n" + IMPORT + "mwaa.CfnEnvironment(app, 'e', name='größe', tags={'ü': '🙂'}, max_workers=5)\r\n"
    )
    for encoding in ("utf-8", "utf-8-sig"):
        file = SourceFile("stack.py", Path("stack.py"), code.encode(encoding))
        (found,) = cdk_python.read([file], Project(Path(), {"stack.py": file})).environments
        assert [file.slice(found.where(argument).span) for argument in ("name", "max_workers")] == ["'größe'", "5"]
        assert file.slice(found.declared["max_workers"].span) == "max_workers"


def test_what_is_not_resolved_keeps_its_expression() -> None:
    found = environment("mwaa.CfnEnvironment(app, 'e', kms_key=key(\n    'x'\n))")
    assert isinstance(found.kms_key, Unresolved)
    assert found.kms_key.expression == "key( 'x' )"


def test_the_construct_id_may_be_a_keyword_or_unknown() -> None:
    assert environment("mwaa.CfnEnvironment(scope=self, id='etl')").symbol == "mwaa.CfnEnvironment.etl"
    assert environment("mwaa.CfnEnvironment(self, name())").symbol == "mwaa.CfnEnvironment"
    assert environment("mwaa.CfnEnvironment()").symbol == "mwaa.CfnEnvironment"


DEPLOY = (
    "import os\nfrom os import path\nfrom pathlib import Path\nfrom aws_cdk import aws_s3_deployment as d\n"
    "ROOT = Path(__file__).resolve().parent.parent\n"
    "REQUIREMENTS = path.join(path.dirname(path.abspath(__file__)), '..', 'reqs')\n"
)


def uploaded(source: str, rest: str = ", destination_key_prefix='to'") -> list[tuple[str, str, bool]]:
    read = declarations(
        {
            "infra/cdk.json": "{}",
            "infra/stack.py": f"{DEPLOY}d.BucketDeployment(self, 'Copy', sources=[{source}]{rest})\n",
            "infra/local/x.py": "",
            "dags/x.py": "",
            "reqs/requirements.txt": "boto3\n",
            "requirements.txt": "boto3\n",
        }
    )
    assert {upload.address for upload in read.uploads} <= {"BucketDeployment.Copy"}
    return [(upload.source, upload.key, upload.recursive) for upload in read.uploads]


@pytest.mark.parametrize(
    ("source", "upload"),
    [
        ("d.Source.asset('local')", ("infra/local", "to", True)),
        ("d.Source.asset('./local/')", ("infra/local", "to", True)),
        ("d.Source.asset('dags')", ("dags", "to", True)),
        ("d.Source.asset('../dags')", ("dags", "to", True)),
        ("d.Source.asset(str(ROOT / 'dags'))", ("dags", "to", True)),
        ("d.Source.asset((ROOT / 'dags').as_posix())", ("dags", "to", True)),
        ("d.Source.asset(os.path.join(ROOT, 'dags'), exclude=['*.pyc'])", ("dags", "to", True)),
        ("d.Source.asset(path.join(path.dirname(path.abspath(__file__)), '../dags'))", ("dags", "to", True)),
        ("d.Source.asset(REQUIREMENTS)", ("reqs", "to", True)),
        (
            "d.Source.data('requirements.txt', (ROOT / 'requirements.txt').read_text())",
            ("requirements.txt", "to/requirements.txt", False),
        ),
        (
            "d.Source.data('r.txt', open('../requirements.txt').read())",
            ("requirements.txt", "to/r.txt", False),
        ),
    ],
)
def test_a_bucket_deployment_is_an_upload_of_a_folder_of_the_repository(
    source: str, upload: tuple[str, str, bool]
) -> None:
    assert uploaded(source) == [upload]


@pytest.mark.parametrize(
    "source",
    [
        "d.Source.asset('nowhere')",
        "d.Source.asset('../../etc')",
        "d.Source.asset('/etc')",
        "d.Source.asset(name())",
        "d.Source.asset('../requirements.txt')",
        "d.Source.asset('dags', exclude=['*', '!one.py'])",
        "d.Source.asset('dags', exclude=['*', '!*.py'])",
        "d.Source.asset('dags', exclude=['**'])",
        "d.Source.bucket(bucket, 'x.zip')",
        "d.Source.data('x.txt', 'text')",
        "d.Source.data('x.txt', (ROOT / 'nowhere.txt').read_text())",
        "marker",
    ],
)
def test_what_is_not_a_folder_of_the_repository_is_no_upload(source: str) -> None:
    assert uploaded(source) == []


def test_an_asset_that_keeps_only_some_files_is_an_upload_of_these() -> None:
    kept = "d.Source.asset('..', exclude=['**', '!requirements.txt', '!reqs/requirements.txt', '!gone.txt'])"
    assert uploaded(kept) == [
        ("requirements.txt", "to/requirements.txt", False),
        ("reqs/requirements.txt", "to/reqs/requirements.txt", False),
    ]


def test_the_prefix_may_be_the_root_or_a_constant_but_not_unknown() -> None:
    assert uploaded("d.Source.asset('dags')", "") == [("dags", "", True)]
    assert uploaded("d.Source.asset('dags')", ", destination_key_prefix='a/b/'") == [("dags", "a/b", True)]
    assert uploaded("d.Source.asset('dags')", ", destination_key_prefix=prefix()") == []


@pytest.mark.parametrize(
    "content",
    [
        b"\x00 CfnEnvironment aws_mwaa",
        b"\xff\xfe CfnEnvironment aws_mwaa",
        b"from aws_cdk import aws_mwaa\n" + b"(" * 10_000 + b"aws_mwaa.CfnEnvironment",
        b"from aws_cdk import aws_mwaa\naws_mwaa.CfnEnvironment(x=" + b"-" * 100_000 + b"1)",
    ],
)
def test_files_that_do_not_parse_are_passed_over(content: bytes) -> None:
    assert declarations({"stack.py": content}) == Declarations()


def test_very_long_expressions_and_chains_are_not_followed() -> None:
    long_sum = "+".join(["'x'"] * 500)
    assert str(the_class(long_sum)).startswith("? ")
    chain = "\n".join(f"N{n + 1} = N{n}" for n in range(500))
    assert str(the_class("N500", f"N0 = 'x'\n{chain}")).startswith("? ")
    doubling = "\n".join(f"N{n + 1} = f'{{N{n}}}{{N{n}}}'" for n in range(30))
    assert str(the_class("N30", f"N0 = 'xxxxxxxx'\n{doubling}")).startswith("? ")


def test_a_strange_escape_in_a_string_warns_nobody() -> None:
    assert the_class("'\\d'") == "\\d"


def test_values_of_the_same_environment_equal_those_of_cloudformation() -> None:
    project = discover(FIXTURE)
    (found,) = cdk_python.read(project.with_role(Role.PYTHON), project).environments
    for argument in ("name", "airflow_version", "max_workers", "schedulers", "airflow_configuration_options", "tags"):
        assert plain(found.get(argument)) == WHOLE[argument]
    assert isinstance(found.webserver_access_mode, OneOf)
    assert isinstance(found.tags, Known)
    assert found.plugins_s3_path is ABSENT


@pytest.mark.parametrize(
    ("written", "ids"),
    [("[*A, 'subnet-3']", ["subnet-1", "subnet-2", "subnet-3"]), ("[*who()]", "? what is spread into it is not known")],
)
def test_what_is_spread_into_a_list_is_not_one_item(written: str, ids: object) -> None:
    code = (
        "from aws_cdk import aws_mwaa as mwaa\nA = ['subnet-1', 'subnet-2']\n"
        f"mwaa.CfnEnvironment(app, 'e', network_configuration={{'subnet_ids': {written}}})\n"
    )
    (found,) = declarations({"stack.py": code}).environments
    assert plain(found.network_configuration) == {"subnet_ids": ids}
