"""One pass over a Python file: names behind imports, calls by dotted name, what an import runs, where things are."""

from __future__ import annotations

import ast
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mwaalint.documents.python_blocks import Block, excludes
from mwaalint.documents.python_document import PythonDocument, read_python
from mwaalint.documents.python_index import Index
from mwaalint.source import SourceFile
from tests.python_code import document, line


def called(text: str) -> set[str]:
    """Every dotted name that a file calls."""
    return {name for _, names in document(text).named_calls for name in names}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("import boto3\nboto3.client('s3')", "boto3.client"),
        ("import os.path\nos.path.join('a')", "os.path.join"),
        ("import airflow.models as m\nm.Variable.get('a')", "airflow.models.Variable.get"),
        ("from airflow.models import Variable\nVariable.get('a')", "airflow.models.Variable.get"),
        ("from airflow.models import Variable as V\nV.get('a')", "airflow.models.Variable.get"),
        ("from airflow import models\nmodels.Variable.get('a')", "airflow.models.Variable.get"),
        ("from .common import load\nload()", ".common.load"),
        ("from ..common import load as l\nl()", "..common.load"),
        ("from . import common\ncommon.load()", ".common.load"),
        ("print(1)", "print"),
        ("import boto3\nboto3.client('s3').get_object()", "boto3.client().get_object"),
        ("import boto3\ns3 = boto3.client('s3')\ns3.get_object()", "boto3.client().get_object"),
        ("import boto3\ndef f():\n  s3 = boto3.client('s3')\n  s3.get_object()", "boto3.client().get_object"),
        ("from a import Hook\nh = Hook()\nk = h\nk.get_conn()", "a.Hook().get_conn"),
        ("import boto3\nwith boto3.client('s3') as s3:\n  s3.get_object()", "boto3.client().get_object"),
        ("a.b().c.d()", "a.b().c.d"),
        ("a.b()().c()", "a.b().().c"),
    ],
)
def test_a_call_goes_by_the_name_behind_its_import(text: str, name: str) -> None:
    assert name in called(text)


def test_imports_in_branches_are_both_meant() -> None:
    text = """
        try:
            from airflow.sdk import Variable
        except ImportError:
            from airflow.models import Variable
        Variable.get("a")
    """
    assert called(text) == {"airflow.sdk.Variable.get", "airflow.models.Variable.get"}


def test_what_a_name_holds_is_not_guessed_when_it_is_bound_twice() -> None:
    text = """
        import boto3
        client = boto3.client("s3")
        def f(client):
            client.one()
        def g():
            client.two()
        client = other()
    """
    found = called(text)
    assert "boto3.client().one" not in found
    assert "boto3.client().two" not in found
    assert "client.one" in found


@pytest.mark.parametrize("before", ["None", "other", "f()", "[]"])
def test_calls_go_by_what_was_bound_last(before: str) -> None:
    text = f"import boto3\nclient = {before}\nclient = boto3.client('s3')\nclient.get_object()"
    assert "boto3.client().get_object" in called(text)
    found = document(text)
    assert [call.lineno for call in found.calls_by_name["boto3.client().get_object"]] == [4]
    assert "client.get_object" not in found.calls_by_name
    assert "client.get_object" in found.calls_by_dotted


def test_calls_of_two_names_that_are_one_are_together() -> None:
    text = "import boto3\nboto3.client().get()\nclient = boto3.client()\nclient.get()\n"
    found = document(text)
    assert [call.lineno for call in found.calls_by_name["boto3.client().get"]] == [2, 4]
    assert [call.lineno for call in found.calls_by_dotted["boto3.client().get"]] == [2]


def test_a_call_of_what_has_no_name_has_none() -> None:
    assert called("handlers[0]()\n(lambda: 1)()\n'a'.join(x)") == set()


IMPORTS = """
    import a.b
    import c as d
    from e import f as g, h
    from . import i
    try:
        import j
    except ImportError:
        j = None
    try:
        import k
    except ValueError:
        pass
    if x:
        import l
    def function():
        from m import n
    try:
        o()
    except KeyError:
        import p
    from typing import TYPE_CHECKING
    if TYPE_CHECKING:
        import q
"""


def test_imports_tell_names_modules_and_whether_the_file_copes_without() -> None:
    found = {one.name: (one.dotted, one.module, one.guarded) for one in document(IMPORTS).imports}
    assert found == {
        "a.b": ("a.b", "a.b", False),
        "d": ("c", "c", False),
        "g": ("e.f", "e", False),
        "h": ("e.h", "e", False),
        "i": (".i", ".", False),
        "j": ("j", "j", True),
        "k": ("k", "k", False),
        "l": ("l", "l", True),
        "n": ("m.n", "m", False),
        "p": ("p", "p", True),
        "TYPE_CHECKING": ("typing.TYPE_CHECKING", "typing", False),
        "q": ("q", "q", True),
    }


def runs(text: str, called_from_outside: tuple[str, ...] = (), *, imported: bool = True) -> dict[str, bool]:
    """For each ``hit("x")`` of a file whether it runs at import."""
    found = document(text, called=called_from_outside, imported=imported)
    return {
        str(call.args[0].value): found.runs_at_import(call)
        for call in found.calls
        if isinstance(call.func, ast.Name) and call.func.id == "hit"
        if isinstance(call.args[0], ast.Constant)
    }


class TestWhatRunsAtImport:
    def test_module_level_class_bodies_decorators_and_defaults(self) -> None:
        text = """
            hit("module")
            class A(hit("base")):
                hit("class body")
                class B:
                    hit("inner class")
            @hit("decorator")
            def f(a=hit("default"), *, b=hit("keyword default")):
                hit("body")
            [hit("comprehension") for x in y]
            for x in y:
                hit("loop")
            try:
                hit("try")
            except ValueError:
                hit("handler")
            with x:
                hit("with")
            match x:
                case 1:
                    hit("case")
        """
        found = runs(text)
        assert {name for name, ran in found.items() if not ran} == {"body"}
        assert len(found) == 14

    def test_functions_that_module_level_code_calls_directly_or_not(self) -> None:
        text = """
            def called():
                hit("called")
                def inner():
                    hit("called inside")
                def other():
                    hit("defined inside")
                inner()
                further()
            def further():
                hit("further")
            def never():
                hit("never")
                called_by_never()
            def called_by_never():
                hit("called by never")
            x = [called() for _ in y]
            Operator(python_callable=never)
        """
        assert runs(text) == {
            "called": True,
            "called inside": True,
            "defined inside": False,
            "further": True,
            "never": False,
            "called by never": False,
        }

    def test_what_a_function_does_about_a_failure_is_left_out(self) -> None:
        text = """
            def read():
                try:
                    hit("try")
                except ValueError:
                    hit("handler")
                    tell()
                if empty:
                    hit("before raise")
                    tell()
                    raise ValueError
                elif old:
                    hit("another branch")
                else:
                    tell_too()
            def tell():
                hit("told")
            def tell_too():
                hit("told without a failure")
            read()
        """
        assert runs(text) == {
            "try": True,
            "handler": False,
            "before raise": False,
            "another branch": True,
            "told": False,
            "told without a failure": True,
        }

    def test_a_handler_at_module_level_may_be_the_usual_way(self) -> None:
        text = """
            try:
                import laptop
            except ImportError:
                hit("handler")
                configure()
            def configure():
                hit("called by the handler")
        """
        assert runs(text) == {"handler": True, "called by the handler": True}

    def test_methods_of_local_classes(self) -> None:
        text = """
            class Maker:
                def __init__(self):
                    hit("init")
                    self.prepare()
                def prepare(self):
                    hit("called by init")
                def build(self):
                    hit("build")
                @staticmethod
                def of():
                    hit("static")
                def unused(self):
                    hit("unused")
            maker = Maker()
            maker.build()
            Maker.of()
            class Other:
                def __init__(self):
                    hit("never made")
        """
        assert runs(text) == {
            "init": True,
            "called by init": True,
            "build": True,
            "static": True,
            "unused": False,
            "never made": False,
        }

    def test_a_method_called_on_a_new_object(self) -> None:
        assert runs("class A:\n  def go(self):\n    hit('go')\nA().go()") == {"go": True}

    def test_dag_functions_run_and_task_functions_do_not(self) -> None:
        text = """
            from airflow.decorators import dag, task, task_group
            @dag(schedule=None)
            def etl():
                hit("dag")
                @task
                def load():
                    hit("task")
                @task.bash
                def shell():
                    hit("bash task")
                @task_group
                def group():
                    hit("group")
                load() >> shell()
                group()
            etl()
        """
        assert runs(text) == {"dag": True, "task": False, "bash task": False, "group": True}

    def test_a_decorator_nobody_knows_may_make_a_task_of_a_function(self) -> None:
        assert runs("@acme_task\ndef f():\n  hit('x')\nf()") == {"x": False}
        assert runs("import functools\n@functools.lru_cache(maxsize=1)\ndef f():\n  hit('x')\nf()") == {"x": True}

    def test_the_main_block_type_checking_and_lambdas_do_not_run(self) -> None:
        text = """
            from typing import TYPE_CHECKING
            import typing
            if __name__ == "__main__":
                hit("main")
                f()
            else:
                hit("not main")
            if "__main__" != __name__:
                hit("also not main")
            if TYPE_CHECKING:
                hit("type checking")
            if typing.TYPE_CHECKING:
                hit("typing.TYPE_CHECKING")
            g = lambda: hit("lambda")
            def f():
                hit("called from main")
        """
        assert runs(text) == {
            "main": False,
            "not main": True,
            "also not main": True,
            "type checking": False,
            "typing.TYPE_CHECKING": False,
            "lambda": False,
            "called from main": False,
        }

    def test_what_other_files_call(self) -> None:
        text = """
            def load():
                hit("load")
            def unload():
                hit("unload")
            class Maker:
                def __init__(self):
                    hit("init")
                def build(self):
                    hit("build")
        """
        assert runs(text, ("load", "Maker.build")) == {"load": True, "unload": False, "init": False, "build": True}
        assert runs(text, ("Maker", "away")) == {"load": False, "unload": False, "init": True, "build": False}

    def test_a_file_that_is_not_imported_runs_nothing(self) -> None:
        assert runs("hit('module')", imported=False) == {"module": False}

    def test_functions_that_call_each_other_for_ever(self) -> None:
        assert runs("def f():\n  g()\n  hit('f')\ndef g():\n  f()\nf()") == {"f": True}

    def test_any_node_can_be_asked_for(self) -> None:
        found = document("x = 'module'\ndef f(a='default'):\n    return 'body'\n")
        ran = {node.value: found.runs_at_import(node) for node in found.nodes(ast.Constant)}
        assert ran == {"module": True, "default": True, "body": False}


def bound(text: str) -> str | None:
    """The source of what ``here(x)`` is given, "?" where that cannot be told."""
    found = document(text)
    (call,) = [call for call in found.calls if isinstance(call.func, ast.Name) and call.func.id == "here"]
    assert isinstance(call.args[0], ast.Name)
    binding = found.lookup(call.args[0])
    return ast.unparse(binding.node) if binding and binding.node else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1\nhere(x)", "1"),
        ("x = 1\nx = 2\nhere(x)", "2"),
        ("x = 1\nhere(x)\nx = 2", "1"),
        ("x = 1\ndef f():\n  here(x)", "1"),
        ("x = 1\ndef f():\n  here(x)\nx = 2", None),
        ("x = 1\ndef f(x):\n  here(x)", None),
        ("x = 1\ndef f():\n  x = 2\n  here(x)", "2"),
        ("if a:\n  x = 1\nelse:\n  x = 2\nhere(x)", None),
        ("if a:\n  x = 1\n  here(x)\nelse:\n  x = 2", "1"),
        ("for a in b:\n  x = 1\n  here(x)\n  x = 2", None),
        ("for x in [1]:\n  here(x)", "[1]"),
        ("for x, y in z:\n  here(x)", None),
        ("x, y = 1, 2\nhere(x)", "1"),
        ("x, y = z\nhere(x)", None),
        ("x = 1\nx += 1\nhere(x)", None),
        ("x: int = 1\nhere(x)", "1"),
        ("x: int\nhere(x)", None),
        ("(x := 1)\nhere(x)", "1"),
        ("x = y = 1\nhere(x)", "1"),
        ("x = 1\ndel x\nhere(x)", None),
        ("with open(a) as x:\n  here(x)", "open(a)"),
        ("with a as (x, y):\n  here(x)", None),
        ("try:\n  pass\nexcept E as x:\n  here(x)", None),
        ("x = 1\n[x for x in y]\nhere(x)", None),
        ("def f():\n  global x\n  x = 2\nx = 1\nhere(x)", None),
        ("class A:\n  x = 1\n  def f(self):\n    here(x)", None),
        ("class A:\n  x = 1\n  here(x)", "1"),
        ("match a:\n  case {'k': x, **y}:\n    here(x)", None),
        ("match a:\n  case {'k': 1, **x}:\n    here(x)", None),
        ("match a:\n  case [1, *x]:\n    here(x)", None),
        ("here(x)", None),
        ("def x(): pass\nhere(x)", "def x():\n    pass"),
        ("a = lambda x: here(x)", None),
    ],
)
def test_a_name_stands_for_what_surely_bound_it(text: str, expected: str | None) -> None:
    assert bound(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one()\ntwo()", False),
        ("if a:\n  one()\nelse:\n  two()", True),
        ("if a:\n  one()\nelif b:\n  two()", True),
        ("if a:\n  one()\ntwo()", False),
        ("if a:\n  one()\nif b:\n  two()", False),
        ("def f():\n  if a:\n    one()\n    return\n  two()", True),
        ("for x in y:\n  if a:\n    one()\n    continue\n  two()", True),
        ("try:\n  one()\nexcept E:\n  two()", True),
        ("try:\n  one()\nfinally:\n  two()", False),
        ("match a:\n  case 1:\n    one()\n  case 2:\n    two()", True),
        ("with a:\n  one()\nwith b:\n  two()", False),
    ],
)
def test_branches_of_which_only_one_runs(text: str, expected: bool) -> None:
    found = document(text)
    one, two = sorted(found.calls, key=line)
    assert excludes(found.block(one), found.block(two)) is expected
    assert excludes(found.block(two), found.block(one)) is expected


def test_blocks_know_loops_and_conditions_of_their_function_only() -> None:
    found = document("for x in y:\n  if x:\n    one()\n    def f():\n      two()\n")
    one, two = (found.block(call) for call in sorted(found.calls, key=line))
    assert (one.repeats, one.conditional) == (True, True)
    assert (two.repeats, two.conditional) == (False, False)


def test_places_are_bytes_also_behind_characters_of_several() -> None:
    found = document('é = "ü"; call("ö")\n')
    (call,) = found.calls
    assert found.file.slice(found.location(call).span) == 'call("ö")'
    assert found.location(call, "a symbol").symbol == "a symbol"


def test_a_function_is_placed_at_its_line() -> None:
    found = document("@decorated\ndef load():\n    pass\n")
    (function,) = found.functions
    location = found.location(function)
    assert (found.file.slice(location.span), location.symbol) == ("def load():", "load")


@pytest.mark.parametrize("newline", ["\n", "\r", "\r\n", "\r\r\n", "\n\r"])
@pytest.mark.parametrize("head", ["a = 1", "\ufeffa = 'é\u2028\x0b'", "\x0ca = (\n1)"])
@pytest.mark.parametrize("codec", ["utf-8", "latin-1"])
def test_places_with_the_newlines_of_every_system(newline: str, head: str, codec: str) -> None:
    text = f"{head}\nb = 'é', call('é')\n@made\ndef load(): pass"
    if codec == "latin-1":
        text = "# coding: latin-1\n" + text.replace("\ufeff", "").replace("\u2028", "")
    found = read_python(SourceFile("a.py", Path("a.py"), text.replace("\n", newline).encode(codec)))
    assert found is not None
    (call,), (function,) = found.calls, found.functions
    assert found.file.slice(found.span(call)) == "call('é')"
    assert found.file.slice(found.location(function).span) == "def load(): pass"


def test_lines_that_only_the_encoding_makes_are_no_place() -> None:
    found = document("# coding: unicode_escape\na = 1\\n\\n\\n\\ncall()\ndef load(): pass\n")
    (call,), (function,) = found.calls, found.functions
    assert (found.span(call), found.location(function).span) == ((0, 0), (0, 0))


def test_changed_collections_are_known() -> None:
    text = "a = {}\na['x'] = 1\nb = []\nb.append(1)\nc = []\nc[0]\nc.index(1)\nd = {}\ndel d['x']\n"
    assert document(text).changed == {"a", "b", "d"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import m\na = m.A()\na.x()", "m.A().x"),
        ("import m\na = m.A()\nb = a.b()\nb.x()", "m.A().b().x"),
        ("import m\na = m.A()\nb = a\nc = b.c()\nc.x()", "m.A().c().x"),
        ("a = a.b()\na.x()", "a.b().x"),
        ("import m\na = m.A()\na = 1\nb = a.b()\nb.x()", "a.b().x"),
    ],
)
def test_what_makes_an_object_is_followed_through_names(text: str, expected: str) -> None:
    found = document(text)
    (call,) = (each for each in found.calls if ast.unparse(each.func).endswith(".x"))
    assert found.origins(call.func) == (expected,)


def test_a_chain_of_names_without_end_is_given_up() -> None:
    lines = ["import m", "n0 = m.A()", *(f"n{each} = n{each - 1}.f()" for each in range(1, 500)), "n499.x()"]
    found = document("\n".join(lines))
    (origin,) = found.origins(next(each.func for each in found.calls if ast.unparse(each.func).endswith(".x")))
    assert origin.endswith(".f().x")


def test_every_node_that_matters_is_indexed_by_type() -> None:
    tree = ast.parse(Path(ast.__file__).read_text(encoding="utf-8"))
    index = Index(tree)
    kinds = (ast.Call, ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Assign, ast.Subscript, ast.With)
    for kind in kinds:
        assert set(index.nodes[kind]) == {node for node in ast.walk(tree) if type(node) is kind}, kind


def test_defaults_and_decorators_are_indexed_and_parameters_are_not() -> None:
    found = document("@a(b)\ndef f(c, d=e(), *, g, h=i()): pass\nj = lambda k=l(): k\n")
    assert {found.dotted(call.func) for call in found.calls} == {"a", "e", "i", "l"}
    assert {found.block(call).part for call in found.calls} == {"body"}
    assert found.unordered(ast.arg) == []
    owners = {type(owner.node): owner.parameters for owner in found.index.owners.values()}
    assert owners == {ast.Module: frozenset(), ast.FunctionDef: {"c", "d", "g", "h"}, ast.Lambda: {"k"}}


def test_what_a_name_that_only_annotates_belongs_to_is_the_module() -> None:
    found = document("def f(a: B) -> C:\n    d: E = g\n")
    (function,) = found.functions
    assert {name.id for name in found.nodes(ast.Name)} == {"d", "g"}
    assert function.returns is not None
    assert found.block(function.returns) is found.index.module.blocks[0]


def test_deep_nesting_is_walked_without_recursion() -> None:
    depth = 90  # more than this the parser itself refuses
    text = "x = " + "f(" * depth + "1" + ")" * depth + "\n"
    found = document(text)
    assert len(found.calls) == depth
    assert found.origins(found.nodes(ast.Call)[0].func) == ("f",)
    chain = "x = a" + ".b()" * 3000 + "\n"
    limit = sys.getrecursionlimit()
    assert limit < 3000
    file = SourceFile("a.py", Path("a.py"), chain.encode())
    read = read_python(file)
    assert (read is None) == bool(file.problem)


@pytest.mark.parametrize("text", ["def (", "print 'x'", "\0", "x = 1\n  y = 2", "(" * 5000])
def test_what_cannot_be_parsed_says_so(text: str) -> None:
    file = SourceFile("a.py", Path("a.py"), text.encode())
    assert read_python(file) is None
    assert "which runs mwaalint, cannot parse it" in file.problem


def test_a_template_for_terraform_is_read_with_names_for_what_terraform_puts_in() -> None:
    text = 'A = ${subnets}\nB = [${one}, ${two}]  # it\'s\nC = "${name}"\nD = \'x\' + ${ "y" }\nf(a)\n'
    found = document(text)
    assert [ast.unparse(node) for node in found.index.module.node.body] == [  # type: ignore[union-attr]
        "A = __________",
        "B = [______, ______]",
        "C = '${name}'",
        "D = 'x' + ________",
        "f(a)",
    ]
    (call,) = found.calls
    assert found.file.slice(found.span(call)) == "f(a)"


@pytest.mark.parametrize("text", ["%{ for x in y }\nf(x)\n%{ endfor }\n", "x = $y\n", "x = '${y}\n", "${a} ${b}\n"])
def test_what_no_names_can_mend_is_not_read(text: str) -> None:
    file = SourceFile("a.py", Path("a.py"), text.encode())
    assert read_python(file) is None
    assert "cannot parse it (line 1)" in file.problem


@pytest.mark.parametrize(
    "text",
    [
        "x = [" + "${a}, " * 8_000 + "\n",
        "x = [" + "${a}, " * 300_000 + "\n",
        "".join(f"x{line} = ${{a}}\n" for line in range(3_000)),
        "".join(f"x{line} = ${{a}}\n" for line in range(100_000)),
        "y = 1\n" * 300_000 + "x = ${a}\n" * 60,
    ],
    ids=["one line", "one line of a large file", "lines", "lines of a large file", "the end of a large file"],
)
def test_thousands_of_placeholders_are_no_template(text: str) -> None:
    file = SourceFile("a.py", Path("a.py"), text.encode())
    started = time.process_time()
    assert read_python(file) is None
    assert "cannot parse it" in file.problem
    assert time.process_time() - started < 12


STATEMENTS = st.sampled_from(
    [
        "x = 1",
        "x = y",
        "x, y = y, x",
        "x += 1",
        "del x",
        "global x",
        "import x",
        "from . import y as x",
        "f(x)",
        "x.f(y)",
        "x().f()",
        "x = f()",
        "return",
        "pass",
        "[x for x in y if (z := x)]",
        "x = lambda y: f(y)",
        "x: int = 1",
        "@x\ndef f(y=x): pass",
        "x = [y for y in (lambda: x)()]",
    ]
)
HEADERS = st.sampled_from(
    ["if x:", "for x in y:", "while x:", "with x as y:", "def f(x, *y, z=1):", "class x(y):", "async def g():"]
)


@st.composite
def programs(draw: st.DrawFn, depth: int = 0) -> str:
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 4))):
        if depth < 4 and draw(st.booleans()):
            inner = draw(programs(depth=depth + 1))
            lines += [draw(HEADERS), *(f"    {each}" for each in inner.splitlines())]
        else:
            lines.append(draw(STATEMENTS))
    return "\n".join(lines)


def block_above(node: ast.AST, found: PythonDocument) -> Block:
    """The block of a node by the first statement or expression around it that is one of a block's own."""
    bodies = [
        (getattr(block.node, block.part), block) for owner in found.index.owners.values() for block in owner.blocks
    ]
    of = {each: block for body, block in bodies for each in (body if isinstance(body, list) else [body])}
    above: ast.AST | None = node
    while above is not None and above not in of:
        above = found.parent(above)
    return found.index.module.blocks[0] if above is None else of[above]


@settings(max_examples=200, deadline=None)
@given(programs())
def test_any_program_is_indexed_whole_and_answers_every_question(text: str) -> None:
    file = SourceFile("a.py", Path("a.py"), text.encode())
    found = read_python(file)
    if found is None:
        assert file.problem
        return
    walked = {node for node in ast.walk(found.tree) if isinstance(node, ast.Call)}
    assert set(found.calls) == walked
    for call in found.calls:
        assert found.block(call) in list(found.block(call).around())
        assert found.runs_at_import(call) in (True, False)
        assert all(found.origins(call.func)) or found.origins(call.func) == ()
    for name in found.nodes(ast.Name):
        assert found.block(name) is block_above(name, found)
        binding = found.lookup(name)
        assert binding is None or binding.line >= 1
    assert {owner.node for owner in found.index.owners.values()} >= set(found.functions)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("before", range(4090, 4100))
def test_places_are_right_wherever_in_a_long_file(newline: str, before: int) -> None:
    names = [f"é_{number} = 'ü'" for number in range(40)]
    text = "\ufeff#" + "#" * (before - 40) + newline + newline.join([*names, "x = (1,", "  2)", ""])
    found = read_python(SourceFile("a.py", Path("a.py"), text.encode()))
    assert found is not None
    written = [found.file.data[slice(*found.span(node))].decode() for node in found.nodes(ast.Assign)]
    assert written == [*names, f"x = (1,{newline}  2)"]


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_read_or_refused_with_a_reason(data: bytes) -> None:
    file = SourceFile("a.py", Path("a.py"), data)
    assert (read_python(file) is None) == bool(file.problem)
