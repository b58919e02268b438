"""Settings that a Python program loads from files of the project, and functions that return them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mwaalint.discover import Project
from mwaalint.model.adapters import cdk_python
from mwaalint.source import SourceFile
from tests.test_cdk_python import IMPORT, environment, the_class
from tests.test_cloudformation import plain

YAML = "mwaa:\n  class: mw1.large\n  workers: 7\nname: etl\n"
GUARDED = """
def load(name="config"):
    try:
        with open(name + ".yaml") as f:
            return yaml.safe_load(f)
    except OSError as error:
        raise SystemExit(1) from error
cfg = load()
"""
PASSED = """
def load(path):
    with open(path) as f:
        it = yaml.safe_load(f)
    return it
cfg = load("config.yaml")
"""
RUN = "it is only known when the app runs"


@pytest.mark.parametrize(
    "code",
    [
        "with open('config.yaml') as f:\n    cfg = yaml.safe_load(f)\n",
        "with open('config.yaml', 'r', encoding='utf-8') as f:\n    cfg = yaml.load(f, Loader=yaml.SafeLoader)\n",
        "with open('config.yaml') as f:\n    cfg = yaml.safe_load(f.read())\n",
        "cfg = yaml.safe_load(open('./config.yaml'))\n",
        "cfg = yaml.safe_load(Path('config.yaml').read_text())\n",
        "with Path('config.yaml').open() as f:\n    cfg = yaml.safe_load(f)\n",
        "cfg = yaml.safe_load((Path(__file__).parent / 'config.yaml').read_text())\n",
        "cfg = yaml.safe_load(Path(__file__).resolve().parent.joinpath('config.yaml').read_text())\n",
        "cfg = yaml.safe_load(open(os.path.join(os.path.dirname(__file__), 'config.yaml')))\n",
        "cfg = yaml.safe_load(open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'config.yaml')))\n",
        "cfg = yaml.safe_load(open(os.path.join(os.getcwd(), 'config.yaml')))\n",
        "HERE = Path(__file__).parent\nwith open(HERE / 'config.yaml') as f:\n    cfg = yaml.safe_load(f)\n",
        "NAME = 'config'\nwith open(f'{NAME}.yaml') as f:\n    cfg = yaml.safe_load(f)\n",
        "def load():\n    with open('config.yaml') as f:\n        return yaml.safe_load(f)\ncfg = load()\n",
        PASSED,
        GUARDED,
    ],
)
def test_a_file_that_is_loaded_gives_its_values(code: str) -> None:
    head = f"import os\nimport yaml\nfrom pathlib import Path\n{code}"
    assert the_class("cfg['mwaa']['class']", head, config_dot_yaml=YAML) == "mw1.large"
    assert the_class("cfg.get('mwaa').get('none', 'mw1.small')", head, config_dot_yaml=YAML) == "mw1.small"


def test_the_value_stands_in_the_file() -> None:
    code = "import yaml\ncfg = yaml.safe_load(open('config.yaml'))\n"
    found = environment(
        f"{code}mwaa.CfnEnvironment(app, 'e', max_workers=cfg['mwaa']['workers'])", config_dot_yaml=YAML
    )
    place = found.where("max_workers")
    assert (plain(found.max_workers), place.path) == (7, "config.yaml")
    assert YAML.encode()[place.span.start : place.span.end] == b"7"


def test_json_is_loaded_too_and_in_the_folder_of_the_app() -> None:
    files = {
        "infra/cdk.json": "{}",
        "infra/settings/dev.json": '{"class": "mw1.medium"}',
        "infra/stacks/stack.py": f"import json\n{IMPORT}with open('settings/dev.json') as f:\n    cfg = json.load(f)\n"
        "mwaa.CfnEnvironment(app, 'e', environment_class=cfg['class'])\n",
    }
    sources = {path: SourceFile(path, Path(path), text.encode()) for path, text in files.items()}
    (found,) = cdk_python.read([sources["infra/stacks/stack.py"]], Project(Path(), sources)).environments
    assert plain(found.environment_class) == "mw1.medium"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("cfg = yaml.safe_load(open(input()))", "which file is read is not known"),
        ("cfg = yaml.safe_load(open('/etc/config.yaml'))", "which file is read is not known"),
        ("cfg = yaml.safe_load(open('none.yaml'))", "the file is not in the project"),
        ("cfg = yaml.safe_load(open('../config.yaml'))", "the file is not in the project"),
        ("cfg = yaml.safe_load(open('broken.yaml'))", "it is not valid YAML: did not find expected ',' or ']'"),
        ("cfg = yaml.safe_load(input())", RUN),
        ("cfg = yaml.safe_load(f)", RUN),
        ("cfg = yaml.dump(open('config.yaml'))", RUN),
        ("cfg = load('config.yaml')", RUN),
    ],
)
def test_a_file_that_is_not_known_gives_nothing(code: str, reason: str) -> None:
    head = f"import yaml\n{code}\n"
    assert the_class("cfg['mwaa']['class']", head, config_dot_yaml=YAML, broken_dot_yaml="a: [1") == f"? {reason}"


def test_a_dict_that_is_changed_after_it_was_loaded_is_not_trusted() -> None:
    head = "import yaml\ncfg = yaml.safe_load(open('config.yaml'))\ncfg.update(other)\n"
    assert the_class("cfg['name']", head, config_dot_yaml=YAML) == "? cfg is changed after it is made"


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("def size():\n    return 'mw1.large'\n", "mw1.large"),
        ("def size(stage='dev'):\n    return {'dev': 'mw1.small'}[stage]\n", "mw1.small"),
        ("def size():\n    if stage:\n        return 'mw1.large'\n", f"? {RUN}"),
        ("def size():\n    if stage:\n        return 'mw1.large'\n    return 'mw1.small'\n", f"? {RUN}"),
        ("def size():\n    for x in y:\n        return 'mw1.large'\n", f"? {RUN}"),
        ("def size():\n    try:\n        return 'mw1.large'\n    except OSError:\n        pass\n", f"? {RUN}"),
        ("def size():\n    yield 1\n    return 'mw1.large'\n", f"? {RUN}"),
        ("async def size():\n    return 'mw1.large'\n", f"? {RUN}"),
        ("@cached\ndef size():\n    return 'mw1.large'\n", f"? {RUN}"),
        ("def size():\n    return size()\n", f"? {RUN}"),
        ("def size():\n    return other()\ndef other():\n    return size()\n", f"? {RUN}"),
        ("def size():\n    return 'a'\nsize = wrap(size)\n", f"? {RUN}"),
        ("def size():\n    return 'a'\ndef size():\n    return 'b'\n", f"? {RUN}"),
        ("def size():\n    def inner():\n        return 'a'\n    return inner()\n", f"? {RUN}"),
        ("def size():\n    return\n", f"? {RUN}"),
        ("def size(*args):\n    return args\n", "? args is changed or only known when it is called"),
    ],
)
def test_a_function_that_returns_one_expression_is_followed(code: str, value: str) -> None:
    found = the_class("size()", code)
    assert found == value or (isinstance(found, str) and value.startswith("? ") and found.startswith("? "))


def test_each_call_of_a_function_gets_its_own_arguments() -> None:
    code = "def named(stage, size='small'):\n    return f'{stage}-mw1.{size}'\nA = named('dev')\n"
    assert the_class("named('prod', size='large')", code) == "prod-mw1.large"
    assert the_class("named(named('x'))", code).startswith("? ")  # type: ignore[attr-defined]
    assert the_class("named(*parts)", code).startswith("? ")  # type: ignore[attr-defined]


def test_functions_of_other_modules_and_methods_are_followed() -> None:
    assert the_class("size('x')", "from sizes import size", sizes_dot_py="def size(a):\n    return a + 'y'\n") == "xy"
    assert the_class("sizes.size('x')", "import sizes", sizes_dot_py="def size(a):\n    return a + 'y'\n") == "xy"
    code = (
        "class Stack:\n    def size(self, stage):\n        return f'mw1.{stage}'\n    def make(self):\n"
        "        mwaa.CfnEnvironment(self, 'e', environment_class=self.size('large'))\n"
    )
    assert plain(environment(code).environment_class) == "mw1.large"
    assert str(plain(environment(code + "class Other(Stack):\n    pass\n").environment_class)).startswith("? ")
