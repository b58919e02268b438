"""DAG and plugin code in a run: which files count, for which environments, what crashes, what is ignored."""

from __future__ import annotations

import ast
import pickle
from datetime import date
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mwaalint import catalog, rulebook
from mwaalint.checks._api import Check, FileContext
from mwaalint.checks._selectors import Call, DagFile, Dags, Import, Operator, PluginFile, Selector
from mwaalint.config import Config
from mwaalint.documents.python_document import read_python
from mwaalint.engine import run as engine
from mwaalint.engine.code import FileTask, Rules, View, analyse
from mwaalint.engine.dispatch import CallTable, Dispatch
from mwaalint.engine.registry import suits
from mwaalint.findings import Confidence, Location
from mwaalint.model.dag_reading import DagCode
from mwaalint.model.dbt_shell import HOLE
from mwaalint.model.deployed_code import DeployedCode
from mwaalint.model.deployment import Target
from mwaalint.model.layout import LIKE
from mwaalint.model.values import ABSENT, Unresolved
from mwaalint.source import MAX_BYTES, SourceFile, Span
from tests.deployments import check, lines, write_all
from tests.python_code import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mwaalint.engine.result import RunResult
    from mwaalint.findings import Finding

DAG = 'from airflow import DAG\nDAG("{}", schedule=None)\n'
GET = 'from airflow.models import Variable\nVariable.get("a")\n'
MODULE = "def load():\n    return Variable.get('a')\n"


def run(
    tmp_path: Path, files: Mapping[str, str], *, main: str = ENVIRONMENT, config: Config | None = None
) -> RunResult:
    return check(write_all(tmp_path, {"main.tf": main, **files}), config)


def found(tmp_path: Path, files: Mapping[str, str], **options: Any) -> list[str]:
    """The MW403 findings of a project."""
    return [each for each in lines(run(tmp_path, files, **options)) if each.endswith("MW403")]


class TestWhichFilesCount:
    def test_a_dag_file_and_what_it_imports(self, tmp_path: Path) -> None:
        files = {
            "dags/etl.py": DAG.format("etl") + "from helpers import used\nimport package.deep\n",
            "dags/helpers.py": "from airflow.models import Variable\nfrom . import more\nused = Variable.get('a')\n",
            "dags/more.py": "from airflow.models import Variable as V\nV.get('a')\n",
            "dags/package/__init__.py": "from airflow.models import Variable as V\nV.get('a')\n",
            "dags/package/deep.py": "from airflow.models import Variable as V\nV.get('a')\n",
            "dags/unused.py": "from airflow.models import Variable as V\nV.get('a')\n",
        }
        assert found(tmp_path, files) == [
            "dags/helpers.py:3 MW403",
            "dags/more.py:2 MW403",
            "dags/package/deep.py:2 MW403",
        ]

    @pytest.mark.parametrize(
        ("statement", "expected"),
        [
            ("import package.deep", "dags/package/deep.py"),
            ("from package import deep", "dags/package/deep.py"),
            ("from package.deep import used", "dags/package/deep.py"),
            ("from dags.package.deep import used", "dags/package/deep.py"),
            ("import package", "dags/package/__init__.py"),
            ("from package.__init__ import used", "dags/package/__init__.py"),
            ("import twice", "dags/twice/__init__.py"),
            ("from . import helpers", "dags/helpers.py"),
            ("from .package import deep", "dags/package/deep.py"),
            ("from .. import helpers", None),
            ("from ... import helpers", None),
            ("import deep", None),
            ("import", None),
        ],
    )
    def test_where_an_import_leads(self, tmp_path: Path, statement: str, expected: str | None) -> None:
        paths = ["package/__init__.py", "package/deep.py", "helpers.py", "twice.py", "twice/__init__.py"]
        files = {f"dags/{path}": GET for path in paths} | {"dags/etl.py": DAG.format("etl") + statement}
        assert found(tmp_path, files) == ([f"{expected}:2 MW403"] if expected else [])

    def test_from_within_a_package(self, tmp_path: Path) -> None:
        files = {
            "dags/etl.py": DAG.format("etl") + "import package.a.b\n",
            "dags/package/a/b.py": "from .. import c\nfrom ... import d\nfrom . import e\n",
            **{f"dags/{path}.py": GET for path in ("package/c", "d", "package/a/e", "package/d", "c", "e")},
        }
        assert found(tmp_path, files) == [
            "dags/d.py:2 MW403",
            "dags/package/a/e.py:2 MW403",
            "dags/package/c.py:2 MW403",
        ]

    def test_what_airflow_imports_by_itself_without_a_dag_in_it(self, tmp_path: Path) -> None:
        files = {"dags/a.py": DAG.format("a"), "dags/make.py": f"# makes dags\n{GET}"}
        assert found(tmp_path, files) == ["dags/make.py:3 MW403"]

    def test_nothing_outside_the_folder(self, tmp_path: Path) -> None:
        files = {"dags/etl.py": DAG.format("etl"), "scripts/etl.py": DAG.format("x") + GET, "etl.py": GET}
        assert found(tmp_path, files) == []

    @pytest.mark.parametrize(
        "path",
        [
            "dags/tests/test_etl.py",
            "dags/.venv/lib/etl.py",
            "dags/dbt/dbt_packages/etl.py",
            "dags/.ipynb_checkpoints/etl.py",
        ],
    )
    def test_no_tests_and_no_tools(self, tmp_path: Path, path: str) -> None:
        assert found(tmp_path, {"dags/etl.py": DAG.format("a"), path: DAG.format("b") + GET}) == []

    @pytest.mark.parametrize("module", ["awsglue.context", "aws_cdk.aws_s3"])
    def test_no_code_for_other_services(self, tmp_path: Path, module: str) -> None:
        text = f"import {module}\n# called by an airflow dag\n{GET}"
        assert found(tmp_path, {"dags/etl.py": DAG.format("a"), "dags/job.py": text}) == []

    @pytest.mark.parametrize(
        ("version", "ignore", "counts"),
        [
            ("2.10.3", "^old/", False),
            ("2.10.3", "*.py", True),
            ("3.0.6", "old/*.py", False),
            ("3.0.6", "^old/", True),
        ],
    )
    def test_airflowignore_in_the_way_of_the_version(
        self, tmp_path: Path, version: str, ignore: str, counts: bool
    ) -> None:
        files = {
            "dags/.airflowignore": ignore,
            "dags/old/etl.py": DAG.format("etl") + GET,
            "dags/a.py": DAG.format("a"),
        }
        main = ENVIRONMENT.replace("2.10.3", version)
        assert bool(found(tmp_path, files, main=main)) is counts

    def test_the_option_for_the_syntax_goes_before_the_version(self, tmp_path: Path) -> None:
        option = 'airflow_configuration_options = { "core.dag_ignore_file_syntax" = "glob" }\n}'
        main = ENVIRONMENT.rstrip().removesuffix("}") + option
        files = {
            "dags/.airflowignore": "old/",
            "dags/old/etl.py": DAG.format("etl") + GET,
            "dags/a.py": DAG.format("a"),
        }
        assert found(tmp_path, files, main=main) == []

    def test_several_folders_where_none_is_known_with_less_confidence(self, tmp_path: Path) -> None:
        files = {"a/dags/etl.py": DAG.format("a") + GET, "b/dags/etl.py": DAG.format("b") + GET}
        result = run(tmp_path, files)
        confidence = {f.primary.path: f.confidence for f in result.findings if f.code == "MW403"}
        assert confidence == {"a/dags/etl.py": Confidence.MEDIUM, "b/dags/etl.py": Confidence.MEDIUM}

    @pytest.mark.parametrize(
        ("path", "text", "counts"),
        [
            ("jobs/etl.py", "from airflow import DAG\nwith DAG('etl') as dag:\n    pass\n", True),
            ("etl.py", "import airflow.decorators as d\nfrom airflow.sdk import dag\n@dag()\ndef etl(): ...\n", True),
            ("jobs/etl.py", "# airflow runs DAG(s)\n", False),
            ("jobs/etl.py", "from airflow.models import Connection\n# DAG('etl')\n", False),
            ("tests/etl.py", DAG.format("etl"), False),
            ("venv/lib/etl.py", DAG.format("etl"), False),
            ("jobs/conftest.py", "import pytest\nfrom airflow import DAG\ndag = DAG('etl')\n", False),
            ("jobs/check.py", "from airflow.models import DAG, DagBag\nDAG('etl'), DagBag()\n", False),
        ],
    )
    def test_without_any_dags_folder_the_files_that_make_dags(
        self, tmp_path: Path, path: str, text: str, counts: bool
    ) -> None:
        files = {path: text + GET, "jobs/more.py": GET}
        assert [line.rpartition(":")[0] for line in found(tmp_path, files)] == [path] * counts
        assert {each.confidence for each in run(tmp_path, files).findings if each.code == "MW403"} <= {
            Confidence.MEDIUM
        }

    def test_thousands_of_imports_are_searched_for_a_dag_in_one_go(self) -> None:
        makes_dag = LIKE["a DAG of Airflow"]
        imports = b"import airflow  # DAG\n" * 50_000  # a search from each of them would take half an hour
        assert not makes_dag(imports)
        assert makes_dag(imports + b"dag = DAG('etl')\n")

    def test_files_that_make_dags_are_not_counted_where_no_folder_tells_that_they_are_all(self, tmp_path: Path) -> None:
        files = {f"{folder}/etl.py": DAG.format("etl") for folder in ("jobs", "more")}
        assert [each for each in lines(run(tmp_path, files)) if each.endswith("MW425")] == []

    def test_the_key_names_the_folder(self, tmp_path: Path) -> None:
        (finding,) = [f for f in run(tmp_path, {"dags/a.py": DAG.format("a") + GET}).findings if f.code == "MW403"]
        assert finding.confidence is Confidence.HIGH

    def test_a_project_that_has_nothing_to_do_with_mwaa_is_left_alone(self, tmp_path: Path) -> None:
        result = check(write_all(tmp_path, {"dags/etl.py": DAG.format("a") + GET}))
        assert lines(result) == []


class TestWhatIsCalledFromOtherFiles:
    def test_a_function_of_a_helper_runs_when_a_dag_file_calls_it(self, tmp_path: Path) -> None:
        helper = "from airflow.models import Variable\n" + MODULE
        dag = DAG.format("a") + "from helper import load\n"
        assert found(tmp_path / "1", {"dags/a.py": dag, "dags/helper.py": helper}) == []
        assert found(tmp_path / "2", {"dags/a.py": dag + "load()\n", "dags/helper.py": helper}) == [
            "dags/helper.py:3 MW403"
        ]

    def test_through_several_files(self, tmp_path: Path) -> None:
        files = {
            "dags/a.py": DAG.format("a") + "import one\none.first()\n",
            "dags/one.py": "from two import second\ndef first():\n    second()\n",
            "dags/two.py": "import three.four as f\ndef second():\n    f.third()\n",
            "dags/three/four.py": "from airflow.models import Variable\ndef third():\n    Variable.get('a')\n",
        }
        assert found(tmp_path, files) == ["dags/three/four.py:3 MW403"]

    def test_a_class_of_the_plugins_folder(self, tmp_path: Path) -> None:
        plugin = """
            from airflow.models import BaseOperator, Variable
            class Load(BaseOperator):
                def __init__(self):
                    self.bucket = Variable.get("a")
                def execute(self, context):
                    Variable.get("b")
        """
        files = {
            "dags/a.py": DAG.format("a") + "from loads import Load\nLoad(task_id='x')\n",
            "plugins/loads.py": plugin,
        }
        assert found(tmp_path, files) == ["plugins/loads.py:5 MW403"]

    def test_modules_that_only_a_task_imports_run_nothing_then(self, tmp_path: Path) -> None:
        files = {
            "dags/a.py": DAG.format("a") + "def task():\n    import lazy\n",
            "dags/lazy.py": "from airflow.models import Variable\nVariable.get('a')\n",
        }
        assert found(tmp_path, files) == []

    def test_files_that_import_each_other_end(self, tmp_path: Path) -> None:
        files = {
            "dags/a.py": DAG.format("a") + "import b\nb.f()\n",
            "dags/b.py": "import a\ndef f():\n    a.g()\n",
        }
        assert found(tmp_path, files) == []


def all_of(selector: object, text: str, *, path: str = "dags/etl.py", place: str = "dags") -> list[object]:
    """What a check on a selector is handed of one file."""
    handed: list[object] = []

    def function(subject: object, ctx: FileContext) -> Iterator[Finding]:
        handed.append(subject)
        yield from ()

    result = analyzed(text, Check("MW403", selector, function, False), path=path, place=place)  # type: ignore[arg-type]
    assert result.facts is not None
    return handed


def analyzed(text: str, *checks: Check, path: str = "dags/etl.py", place: str = "dags"):  # type: ignore[no-untyped-def]
    file = SourceFile(path, Path(path), dedent(text).encode())
    rules = Rules(checks, catalog.load(), rulebook.shipped(), date(2026, 11, 22), {})
    codes = frozenset(check.code for check in checks)
    view = View("etl", Target("2.10.3", "3.11"), None, Confidence.HIGH, codes, "dags")
    return analyse(FileTask(file, place, (view,)), rules)


class TestSelectors:
    TEXT = """
        import boto3
        import requests
        from airflow.contrib.hooks.x import Hook
        from airflow.models import Variable as V
        from airflow.operators.bash import BashOperator as B
        from airflow.sensors.filesystem import FileSensor
        from airflow.decorators import task
        from airflow import DAG
        V.get("a")
        requests.get("b")
        boto3.client("s3").list_buckets()
        Hook().get_conn()
        with DAG("one"):
            B(task_id="c")
            FileSensor(task_id="d")
            @task.bash
            def e(): ...
            e()
        "a word"
    """

    @pytest.mark.parametrize(
        ("names", "expected"),
        [
            (("airflow.models.Variable.get",), ["V.get('a')"]),
            (("requests.*",), ["requests.get('b')"]),
            (("*Hook().get_conn",), ["Hook().get_conn()"]),
            (("boto3.client().list_buckets",), ["boto3.client('s3').list_buckets()"]),
            (("boto3.client().*",), ["boto3.client('s3').list_buckets()"]),
            (("boto3.client", "requests.get"), ["requests.get('b')", "boto3.client('s3')"]),
            (("V.get", "away.*"), []),
        ],
    )
    def test_calls(self, names: tuple[str, ...], expected: list[str]) -> None:
        assert [ast.unparse(each) for each in all_of(Call(*names), self.TEXT)] == expected  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("names", "expected"),
        [
            (("airflow.contrib",), ["airflow.contrib.hooks.x.Hook"]),
            (("airflow.cont",), []),
            (("boto3", "requests"), ["boto3", "requests"]),
            (("airflow.operators.bash.BashOperator",), ["airflow.operators.bash.BashOperator"]),
        ],
    )
    def test_imports(self, names: tuple[str, ...], expected: list[str]) -> None:
        assert [each.dotted for each in all_of(Import(*names), self.TEXT)] == expected  # type: ignore[attr-defined]

    @pytest.mark.parametrize(
        ("names", "expected"),
        [
            (("BashOperator",), ["c"]),
            (("airflow.operators.bash.BashOperator",), ["c"]),
            (("*Sensor",), ["d"]),
            (("task.bash",), ["e"]),
            ((), ["c", "d", "e"]),
            (("Away",), []),
        ],
    )
    def test_operators(self, names: tuple[str, ...], expected: list[str]) -> None:
        tasks = all_of(Operator(*names), self.TEXT)
        assert [task.task_id.value for task in tasks] == expected  # type: ignore[attr-defined]

    def test_dags_and_files(self) -> None:
        assert [dag.dag_id.value for dag in all_of(Dags(), self.TEXT)] == ["one"]  # type: ignore[attr-defined]
        assert len(all_of(DagFile("word"), self.TEXT)) == 1
        assert all_of(DagFile("another"), self.TEXT) == []
        assert all_of(PluginFile("word"), self.TEXT) == []
        assert len(all_of(PluginFile("word"), self.TEXT, place="plugins")) == 1
        assert len(all_of(DagFile("word", places=("dags", "plugins")), self.TEXT, place="plugins")) == 1

    @pytest.mark.parametrize(
        ("selector", "asked"),
        [
            (DagFile("word", "another"), True),
            (DagFile("another", "b.py"), False),
            (DagFile(), True),
            (Operator("BashOperator"), True),
            (Call("requests.*"), True),
            (Call("requests.post"), False),
            (Call("requests.*", words=["another", "word"]), True),
            (Call("requests.*", words=["another"]), False),
        ],
    )
    def test_only_checks_that_may_want_something_are_asked(self, selector: Selector[Any], asked: bool) -> None:
        code = DagCode(read_python(SourceFile("dags/etl.py", Path("etl.py"), dedent(self.TEXT).encode())))  # type: ignore[arg-type]
        check = Check("MW403", selector, lambda _, __: iter(()), False)
        assert [each for each, _, _ in Dispatch([check], "dags", [frozenset({"MW403"})]).wanted(code)] == [
            check
        ] * asked
        assert not list(Dispatch([check], "plugins", [frozenset({"MW403"})]).wanted(code))
        assert not list(Dispatch([check], "dags", [frozenset(), frozenset({"MW404"})]).wanted(code))

    @pytest.mark.parametrize(
        ("selector", "expected"),
        [
            (Operator(), ["c", "d", "e"]),
            (Operator("BashOperator"), ["c"]),
            (Operator("BashOperator", words=["another", "word"]), ["c"]),
            (Operator("BashOperator", words=["another"]), []),
            (Operator("Away", words=["word"]), []),
        ],
    )
    def test_tasks_are_handed_to_the_checks_of_their_operators(self, selector: Operator, expected: list[str]) -> None:
        code = DagCode(read_python(SourceFile("dags/etl.py", Path("etl.py"), dedent(self.TEXT).encode())))  # type: ignore[arg-type]
        checks = [Check(code, one, lambda _, __: iter(()), False) for code, one in (("A", selector), ("B", Operator()))]
        handed = {check.code: [*tasks] for check, _, tasks in Dispatch(checks, "dags", [frozenset("AB")]).wanted(code)}
        assert [task.task_id.value for task in handed.get("A", ())] == expected
        assert len(handed["B"]) == 3

    def test_tasks_that_cannot_be_read_fail_for_the_checks_that_want_them(self) -> None:
        """Not for those of calls, and not before somebody goes through them."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(DagCode, "tasks", property(lambda _: 1 / 0))
            checks = [Check("MW404", Operator(), reporting, False), Check("MW403", Call("load"), reporting, False)]
            result = analyzed("load()\n", *checks)
        assert [(finding.code, finding.args.get("rule")) for _, finding in result.findings] == [
            ("MW002", "reading DAG code"),
            ("MW002", "MW404"),
            ("MW403", None),
        ]
        assert result.crashed == {"MW404"}


PARTS = st.sampled_from(["a", "b", "get", "Hook()", "load()", "Sensor", ""])
NAMES = st.lists(PARTS, min_size=1, max_size=3).map(".".join)
PATTERNS = st.tuples(st.sampled_from(["{}", "{}.*", "*{}"]), NAMES).map(lambda pair: pair[0].format(pair[1]))


class TestCallTable:
    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(patterns=st.lists(PATTERNS, min_size=1, max_size=6), name=NAMES)
    def test_it_finds_what_each_selector_matches(self, patterns: list[str], name: str) -> None:
        selectors = [Call(*patterns[index::2]) for index in range(2)]
        assert CallTable(selectors).matching(name) == {each for each in selectors if each.matches(name)}

    def test_calls_that_begin_together_come_in_one_order(self) -> None:
        assert self.handed("*", "made().one().two()") == ["made()", "made().one()", "made().one().two()"]

    def test_a_call_with_several_names_comes_once(self) -> None:
        text = "try:\n    from a import get\nexcept ImportError:\n    from b import get\nget(1)\n"
        assert self.handed("*.get", text) == ["get(1)"]

    @pytest.mark.parametrize(
        ("names", "expected"),
        [
            (("*.get", "open"), ["open('a')", "requests.get('c')", "x.get('d')"]),
            (("requests.*",), ["requests.post('b')", "requests.get('c')"]),
            (("away",), []),
        ],
    )
    def test_each_selector_gets_its_calls_in_order(self, names: tuple[str, ...], expected: list[str]) -> None:
        text = "import requests\nopen('a')\nrequests.post('b'); requests.get('c')\nx.get('d')\n"
        assert self.handed(names, text) == expected

    def handed(self, names: str | tuple[str, ...], text: str) -> list[str]:
        names = (names,) if isinstance(names, str) else names
        return [ast.unparse(call) for call in all_of(Call(*names), text)]  # type: ignore[arg-type]


class TestContext:
    def test_places_values_and_arguments(self) -> None:
        seen: list[object] = []

        def function(call: ast.Call, ctx: FileContext) -> Iterator[Finding]:
            seen.append(ctx.document.file.slice(ctx.at(call).span))
            seen.append(ctx.runs_at_import(call))
            seen.append([ctx.literal_argument(call, 0, "key"), ctx.literal_argument(call, None, "x")])
            seen.append([isinstance(ctx.argument(call, 1, "default"), Unresolved), ctx.option("core.x")])
            seen.append((ctx.place, ctx.target.airflow))
            yield from ()

        text = 'K = "a"\nload(K, x=1, **more())\n'
        analyzed(text, Check("MW403", Call("load"), function, False))
        assert seen == ["load(K, x=1, **more())", True, ["a", 1], [True, ABSENT], ("dags", "2.10.3")]

    @pytest.mark.parametrize(
        ("expression", "expected"),
        [
            ("'/tmp/x'", "/tmp/x"),
            ("__file__", "/usr/local/airflow/dags/etl.py"),
            ("os.path.join(os.path.dirname(__file__), 'out.csv')", "/usr/local/airflow/dags/out.csv"),
            ("Path(__file__).parent / 'sql'", "/usr/local/airflow/dags/sql"),
            ("f\"{os.environ['AIRFLOW_HOME']}/dags\"", "/usr/local/airflow/dags"),
            ("os.environ['OTHER']", None),
            ("elsewhere", None),
        ],
    )
    def test_texts_are_paths_on_mwaa(self, expression: str, expected: str | None) -> None:
        seen: list[str] = []

        def function(call: ast.Call, ctx: FileContext) -> Iterator[Finding]:
            seen.append(ctx.text(call.args[0]))
            yield from ()

        text = f"import os\nfrom pathlib import Path\nfrom settings import elsewhere\nhere({expression})\n"
        analyzed(text, Check("MW403", Call("here"), function, False))
        (found,) = seen
        assert HOLE in found if expected is None else found == expected

    def test_options_of_the_environment(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        seen: list[object] = []

        def function(dag: object, ctx: FileContext) -> Iterator[Finding]:
            seen.append(ctx.option("core.parallelism"))
            yield from ()

        monkeypatch.setattr(engine, "checks_for", lambda _: [Check("MW403", Dags(), function, False)])
        option = 'airflow_configuration_options = { "core.parallelism" = "4" }\n}'
        run(tmp_path, {"dags/a.py": DAG.format("a")}, main=ENVIRONMENT.rstrip().removesuffix("}") + option)
        assert [value.value for value in seen] == ["4"]  # type: ignore[attr-defined]


def crashing(subject: object, ctx: FileContext) -> Iterator[Finding]:
    if subject is not None:
        raise ValueError("nobody thought of this")
    yield from ()


def reporting(_: object, ctx: FileContext) -> Iterator[Finding]:
    yield ctx.report(ctx.at(ctx.document.calls[0]), "variable", call="it")


class TestTheRun:
    def test_a_check_that_raises_becomes_a_finding_and_the_others_go_on(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        checks = [Check("MW432", Dags(), crashing, False), Check("MW403", Dags(), reporting, False)]
        monkeypatch.setattr(engine, "checks_for", lambda _: checks)
        result = run(tmp_path, {"dags/a.py": DAG.format("a"), "dags/b.py": DAG.format("b")})
        assert result.crashed
        assert lines(result) == [
            "dags/a.py:1 MW002",
            "dags/a.py:2 MW403",
            "dags/b.py:1 MW002",
            "dags/b.py:2 MW403",
        ]

    def test_findings_of_two_environments_are_one(self, tmp_path: Path) -> None:
        main = ENVIRONMENT + ENVIRONMENT.replace('"etl"', '"other"')
        (finding,) = [
            f for f in run(tmp_path, {"dags/a.py": DAG.format("a") + GET}, main=main).findings if f.code == "MW403"
        ]
        assert finding.environments == ("etl", "other")

    @pytest.mark.parametrize(("airflow", "codes"), [("", 1), (">=2.7,<3", 1), (">=3.0", 0), ("<2.10.3", 0)])
    def test_a_check_runs_for_its_versions(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, airflow: str, codes: int
    ) -> None:
        monkeypatch.setattr(engine, "checks_for", lambda _: [Check("MW403", Dags(), reporting, bool(airflow), airflow)])
        result = run(tmp_path, {"dags/a.py": DAG.format("a")})
        assert len([f for f in result.findings if f.code == "MW403"]) == codes

    def test_a_check_that_needs_a_version_is_counted_where_there_is_none(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(engine, "checks_for", lambda _: [Check("MW403", Dags(), reporting, True, ">=2.0")])
        main = ENVIRONMENT.replace('airflow_version = "2.10.3"', "airflow_version = var.version")
        result = run(tmp_path, {"dags/a.py": DAG.format("a")}, main=main)
        assert [notice.kind for notice in result.notices] == ["airflow-version-unknown"]
        assert [f for f in result.findings if f.code == "MW403"] == []

    def test_a_version_that_only_one_of_two_environments_has_is_not_guessed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen: list[object] = []

        def function(dag: object, ctx: FileContext) -> Iterator[Finding]:
            seen.append(ctx.target.airflow)
            yield from ()

        monkeypatch.setattr(engine, "checks_for", lambda _: [Check("MW403", Dags(), function, False)])
        other = ENVIRONMENT.replace('"etl"', '"other"').replace("2.10.3", "3.0.6")
        files = {"a/dags/a.py": DAG.format("a"), "b/dags/b.py": DAG.format("b")}
        run(tmp_path, files, main=ENVIRONMENT + other)
        assert set(seen) == {None}

    def test_nothing_is_judged_by_the_version_of_an_environment_that_may_not_be_the_codes_own(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def function(subject: object, ctx: object) -> Iterator[Finding]:
            raise AssertionError(f"{subject} was looked at")

        checks = [Check("MW415", Dags(), function, needs_version=True), Check("MW425", DeployedCode, function, False)]
        monkeypatch.setattr(engine, "checks_for", lambda _: checks)
        other = ENVIRONMENT.replace('"etl"', '"other"').replace("2.10.3", "3.0.6")
        files = {"a/dags/a.py": DAG.format("a"), "b/dags/b.py": DAG.format("b")}
        result = run(tmp_path, files, main=ENVIRONMENT + other)
        assert not result.crashed

    def test_nor_by_its_options(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        seen: list[object] = []

        def function(dag: object, ctx: FileContext) -> Iterator[Finding]:
            seen.append(ctx.environment)
            yield from ()

        monkeypatch.setattr(engine, "checks_for", lambda _: [Check("MW403", Dags(), function, False)])
        files = {"a/dags/a.py": DAG.format("a"), "b/dags/b.py": DAG.format("b")}
        run(tmp_path, files, main=ENVIRONMENT + ENVIRONMENT.replace('"etl"', '"other"'))
        assert seen
        assert set(seen) == {None}

    def test_a_file_that_cannot_be_read_is_named_once(self, tmp_path: Path) -> None:
        result = run(tmp_path, {"dags/a.py": "from airflow import DAG\nprint 'x'\n"})
        assert [each for each in lines(result) if each.startswith("dags")] == ["dags/a.py:1 MW001"]

    def test_so_is_one_of_the_plugins(self, tmp_path: Path) -> None:
        result = run(tmp_path, {"dags/a.py": DAG.format("a"), "plugins/b.py": "print 'x'\n"})
        assert [each for each in lines(result) if each.endswith("MW001")] == ["plugins/b.py:1 MW001"]

    @pytest.mark.parametrize("folder", ["plugins", "dags"])
    def test_and_one_that_is_too_large(self, tmp_path: Path, folder: str) -> None:
        large = "# a dag of airflow\n" * (MAX_BYTES // 15)
        result = run(tmp_path, {"dags/a.py": DAG.format("a"), f"{folder}/b.py": large})
        told = [one.primary.path for one in result.findings if one.code == "MW001"]
        assert (told, result.crashed) == ([f"{folder}/b.py"], False)

    def test_and_one_in_a_folder_that_only_its_name_links(self, tmp_path: Path) -> None:
        result = run(tmp_path, {"a/dags/a.py": DAG.format("a"), "a/dags/b.py": "from airflow import DAG\nprint 'x'\n"})
        assert [each for each in lines(result) if each.endswith("MW001")] == ["a/dags/b.py:1 MW001"]

    def test_a_file_for_a_newer_python_says_so(self) -> None:
        file = SourceFile("dags/a.py", Path("dags/a.py"), b"from airflow import DAG\ntype X = = int\n")
        rules = Rules((), catalog.load(), rulebook.shipped(), date(2026, 11, 22), {})
        newer = View("etl", Target("9.9.9", "9.99"), None, Confidence.HIGH, frozenset())
        problem = analyse(FileTask(file, "dags", (newer,)), rules).problem
        assert problem.startswith("Python 3.")
        assert problem.endswith("(line 2); MWAA runs it with Python 9.99: run mwaalint with that version too")

    def test_deployed_code_holds_the_facts_of_each_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        seen: list[DeployedCode] = []

        def function(code: DeployedCode, ctx: object) -> Iterator[Finding]:
            seen.append(code)
            yield from ()

        monkeypatch.setattr(engine, "checks_for", lambda _: [Check("MW425", DeployedCode, function, False)])
        text = """
            import boto3
            from airflow import DAG
            from airflow.operators.bash import BashOperator
            from helper import load
            def task():
                import pandas
            with DAG("a", schedule="@daily", catchup=False, **load()):
                BashOperator(task_id="x")
        """
        run(tmp_path, {"dags/a.py": text, "dags/helper.py": "def load(): ...\n", "plugins/p.py": "import x\n"})
        (code,) = seen
        assert sorted(code.files) == ["dags/a.py", "dags/helper.py", "plugins/p.py"]
        assert [facts.path for facts in code.place("plugins")] == ["plugins/p.py"]
        facts = code.files["dags/a.py"]
        (dag,) = facts.dags
        assert (dag.ids, dag.kind, dag.tasks, dag.open) == (("a",), "DAG", 1, True)
        assert dag.passed == {"dag_id", "schedule", "catchup"}
        assert (dag.schedule, dag.paused) == ("@daily", False)
        assert facts.operators == {"airflow.operators.bash.BashOperator"}
        assert facts.called == {"helper.load"}
        assert {(one.dotted, one.at_import) for one in facts.imports} == {
            ("boto3", True),
            ("airflow.DAG", True),
            ("airflow.operators.bash.BashOperator", True),
            ("helper.load", True),
            ("pandas", False),
        }

    def test_what_a_file_gives_can_be_sent_to_another_process(self) -> None:
        result = analyzed(DAG.format("a") + GET, Check("MW403", Dags(), reporting, False))
        again = pickle.loads(pickle.dumps(result))
        assert again == result
        assert len(pickle.dumps(result)) < 4_000

    @pytest.mark.parametrize("symbol", ["", "etl.extract", "https://user:****@example.com"])
    def test_places_are_sent_whole(self, symbol: str) -> None:
        place = Location("dags/etl.py", Span(3, 9), symbol, "a note")
        assert pickle.loads(pickle.dumps(place)) == place

    def test_comments_in_dag_files_silence_and_are_missed_when_useless(self, tmp_path: Path) -> None:
        text = DAG.format("a") + GET.rstrip() + "  # mwaalint: ignore[MW403] cheap enough\n"
        useless = DAG.format("b") + "# mwaalint: ignore[MW403]\n"
        result = run(tmp_path, {"dags/a.py": text, "dags/b.py": useless})
        assert [each for each in lines(result) if each.startswith("dags")] == ["dags/b.py:3 MW003"]
        assert [f.suppression.reason for f in result.suppressed if f.suppression] == ["cheap enough"]

    def test_settings_ignore_rules_in_dag_files(self, tmp_path: Path) -> None:
        config = Config(per_file_ignores={"dags/*": ("MW403",)})
        result = run(tmp_path, {"dags/a.py": DAG.format("a") + GET}, config=config)
        assert [each for each in lines(result) if each.startswith("dags")] == []
        assert [finding.code for finding in result.suppressed] == ["MW403"]


@pytest.mark.parametrize(
    ("version", "wanted", "expected"),
    [
        ("2.10.3", "", True),
        ("2.10.3", ">=2.10", True),
        ("2.9.2", ">=2.10", False),
        ("3.0.6", ">=2.7.2,<3", False),
        ("2.7.2", ">=2.7.2, <3", True),
        ("2.7.2", ">2.7.2", False),
        ("2.7.2", "<=2.7.2", True),
        ("2.7.2", "==2.7.2", True),
        ("", "<3", True),
    ],
)
def test_versions_are_compared_by_numbers(version: str, wanted: str, expected: bool) -> None:
    assert suits(version, wanted) is expected


def test_a_version_condition_that_says_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="wanted as"):
        suits("2.7.2", "2.7")
