"""Texts, paths and imports that change in Python code: what they say stays the same but for what was asked for."""

from __future__ import annotations

import ast
from itertools import accumulate
from time import process_time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mwaalint.fix._same_tree import same, text_of
from mwaalint.fix.rewriting import Rewriter
from mwaalint.rewrites import BeginText, ImportModule, MoveNames, RemoveArgument, ReplacePath, ReplaceWord, SetArgument
from mwaalint.source import Span
from tests.python_fixes import PATH, applied, rewritten, source, span_of

if TYPE_CHECKING:
    from mwaalint.rewrites import Rewrite

COMMAND = "set -o pipefail"
HOME = "/opt/airflow"
EXPRESSION = 'os.environ["AIRFLOW_HOME"]'


def begin(path: str, span: Span) -> BeginText:
    return BeginText(path, span, COMMAND)


def in_shell(path: str, span: Span) -> ReplacePath:
    return ReplacePath(path, span, HOME, "$AIRFLOW_HOME")


def in_python(path: str, span: Span) -> tuple[Rewrite, ...]:
    return ReplacePath(path, span, HOME, EXPRESSION, expression=True), ImportModule(path, span, "os")


def importing(path: str, span: Span) -> ImportModule:
    return ImportModule(path, span, "os")


def moving(path: str, span: Span) -> MoveNames:
    return MoveNames(path, span, (("A", "new.a", "A"), ("B", "new.b", "B2")))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"dbt run | tail"', '"set -o pipefail; dbt run | tail"'),
        ("'  dbt run'", "'  set -o pipefail; dbt run'"),
        ("f'{dbt} run'", "f'set -o pipefail; {dbt} run'"),
        ('rf"""dbt\n  | tail"""', 'rf"""set -o pipefail; dbt\n  | tail"""'),
        ('"""\n    dbt run\n    dbt test\n"""', '"""\n    set -o pipefail\n    dbt run\n    dbt test\n"""'),
        ('"""\\\ndbt run\n"""', '"""\\\nset -o pipefail\ndbt run\n"""'),
        ('"""\n\n\tdbt run"""', '"""\n\n\tset -o pipefail\n\tdbt run"""'),
        ("'''#!/bin/bash\ndbt run'''", "'''#!/bin/bash\nset -o pipefail\ndbt run'''"),
        ("'''\n  #!/bin/bash\n  dbt run'''", "'''\n  #!/bin/bash\n  set -o pipefail\n  dbt run'''"),
        ('"cd x && " "dbt run"', '"set -o pipefail; cd x && " "dbt run"'),
        ('"cd " + x + " | tail"', '"set -o pipefail; cd " + x + " | tail"'),
    ],
)
def test_a_command_begins_with_another(before: str, after: str) -> None:
    assert rewritten(f"x = {before}\n", before, begin) == f"x = {after}\n"


def test_lines_end_as_those_around_them() -> None:
    text = 'x = """\r\n    dbt run\r\n"""\r\n'
    assert rewritten(text, text[4:-2], begin) == 'x = """\r\n    set -o pipefail\r\n    dbt run\r\n"""\r\n'


@pytest.mark.parametrize("part", ['x + "dbt run"', "command", 'b"dbt run"', "1", '"%s" % x', '"a".strip()'])
def test_a_command_that_begins_elsewhere_is_left_alone(part: str) -> None:
    assert rewritten(f"y = {part}\n", part, begin) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"cd /opt/airflow/dags && x"', '"cd $AIRFLOW_HOME/dags && x"'),
        ("f'cd /opt/airflow/{x}; ls /opt/airflow'", "f'cd $AIRFLOW_HOME/{x}; ls $AIRFLOW_HOME'"),
        ('"ls /opt/airflow-2 /opt/airflow/dags"', '"ls /opt/airflow-2 $AIRFLOW_HOME/dags"'),
        ('"a /opt/airflow/" "é"', '"a $AIRFLOW_HOME/" "é"'),
    ],
)
def test_a_folder_gets_another_name(before: str, after: str) -> None:
    assert rewritten(f"x = {before}\n", before, in_shell) == f"x = {after}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"/opt/airflow"', EXPRESSION),
        ("'/opt/airflow'", EXPRESSION),
        ('"/opt/airflow/dags"', "f\"{os.environ['AIRFLOW_HOME']}/dags\""),
        ("'/opt/airflow/dags'", "f'{os.environ[\"AIRFLOW_HOME\"]}/dags'"),
        ('r"/opt/airflow/é\\d"', "fr\"{os.environ['AIRFLOW_HOME']}/é\\d\""),
        ('u"/opt/airflow/dags"', "f\"{os.environ['AIRFLOW_HOME']}/dags\""),
        ('f"/opt/airflow/{x!r:>4}"', "f\"{os.environ['AIRFLOW_HOME']}/{x!r:>4}\""),
        ('"/opt/airflow/{{ ds }}"', 'os.environ["AIRFLOW_HOME"] + "/{{ ds }}"'),
        (
            '"""\n/opt/airflow/a\n/opt/airflow/b"""',
            'f"""\n{os.environ[\'AIRFLOW_HOME\']}/a\n{os.environ[\'AIRFLOW_HOME\']}/b"""',
        ),
        ('"/opt/airflow/dags/" + x', "f\"{os.environ['AIRFLOW_HOME']}/dags/\" + x"),
        ('("/opt/airflow/a"\n     "/{{ ds }}")', '(f"{os.environ[\'AIRFLOW_HOME\']}/a"\n     "/{{ ds }}")'),
    ],
)
def test_a_path_starts_from_what_an_expression_gives(before: str, after: str) -> None:
    part = before.strip("()")
    assert rewritten(f"import os\nx = [{before}]\n", part, in_python) == f"import os\nx = [{after}]\n"


def test_an_addition_gets_brackets_where_something_binds_closer() -> None:
    before = 'import os\nx = "/opt/airflow/{}".format(1)\n'
    after = 'import os\nx = (os.environ["AIRFLOW_HOME"] + "/{}").format(1)\n'
    assert rewritten(before, '"/opt/airflow/{}"', in_python) == after


@pytest.mark.parametrize("part", ['b"/opt/airflow/a"', '"a/opt/airflow"', '"x {} /opt/airflow"', '"/opt/air" "flow/a"'])
def test_a_path_that_cannot_be_put_together_is_left_alone(part: str) -> None:
    assert rewritten(f"import os\nx = {part}\n", part, in_python) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import os\nX", "import os\nX"),
        ("import os.path\nX", "import os.path\nX"),
        ("import json\nimport sys\nX", "import json\nimport os\nimport sys\nX"),
        ("import json\nX", "import json\nimport os\nX"),
        ("from datetime import date\nX", "import os\nfrom datetime import date\nX"),
        ("from airflow import DAG\nX", "import os\n\nfrom airflow import DAG\nX"),
        ("import pendulum  # p\nX", "import os\n\nimport pendulum  # p\nX"),
        (
            '#!/usr/bin/python\n"""Doc."""\nfrom __future__ import annotations\n\nimport re\nX',
            '#!/usr/bin/python\n"""Doc."""\nfrom __future__ import annotations\n\nimport os\nimport re\nX',
        ),
        ("# License\nfrom airflow import DAG\nX", "# License\nimport os\n\nfrom airflow import DAG\nX"),
        (
            "import json\n\n# Airflow\nfrom airflow import DAG\nX",
            "import json\n\nimport os\n\n# Airflow\nfrom airflow import DAG\nX",
        ),
        ("\ufeffimport re\r\n\r\nX", "\ufeffimport os\r\nimport re\r\n\r\nX"),
        ("import json\nX\nimport os\n", "import json\nimport os\nX\nimport os\n"),
        ("import json\n\ndef f():\n    import os\n    X", "import json\nimport os\n\ndef f():\n    import os\n    X"),
    ],
)
def test_a_module_is_imported_where_its_like_are(before: str, after: str) -> None:
    expected = after.replace("X", f"x = {EXPRESSION}\n")
    assert rewritten(before.replace("X", 'x = "/opt/airflow"\n'), '"/opt/airflow"', in_python) == expected


@pytest.mark.parametrize(
    "code",
    [
        "X",
        "X\nimport json",
        "from a import os\nX",
        "import json as os\nX",
        "import json\nos = 1\nX",
        "import json\ndef f(os):\n    X",
        "import json\ntry:\n    pass\nexcept E as os:\n    X",
        "import json\nclass os:\n    X",
        "x = 1; import json\nX",
    ],
)
def test_a_module_that_cannot_be_imported_in_time_or_under_its_name_is_not(code: str) -> None:
    assert rewritten(code.replace("X", 'x = "/opt/airflow"'), '"/opt/airflow"', in_python) is None


def test_nothing_to_import_is_nothing_to_change() -> None:
    assert rewritten("import os\nx = 1\n", "1", importing) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from old import A\n", "from new.a import A\n"),
        ("from old import A as a, C\n", "from old import C\nfrom new.a import A as a\n"),
        ("from old import B as b\n", "from new.b import B2 as b\n"),
        ("from old import C, A, B  # c\n", "from old import C  # c\nfrom new.a import A\nfrom new.b import B2\n"),
        ("if x:\n\tfrom old import A, B\n", "if x:\n\tfrom new.a import A\n\tfrom new.b import B2\n"),
        ("from old import \\\n    C, A\n", "from old import \\\n    C\nfrom new.a import A\n"),
        (
            "from old import (\n    A,  # noqa\n    # old\n    B as b,\n    C\n)\n",
            "from old import (\n    # old\n    C\n)\nfrom new.a import A  # noqa\nfrom new.b import B2 as b\n",
        ),
        (
            "from old import (A, B,)\nB()\n@B\ndef f(x: B): B\n",
            "from new.a import (A,)\nfrom new.b import B2\nB2()\n@B2\ndef f(x: B2): B2\n",
        ),
        ("from old import B\nb = 'B'\n", "from new.b import B2 as B\nb = 'B'\n"),
        ("from old import B\nx: 'list[B]'\n", "from new.b import B2 as B\nx: 'list[B]'\n"),
        ('from old import B\n"""What B does."""\n', 'from new.b import B2\n"""What B does."""\n'),
        ("from old import B\nB2 = B\n", "from new.b import B2 as B\nB2 = B\n"),
        ("from old import B\ndef f(B): B\n", "from new.b import B2 as B\ndef f(B): B\n"),
        ("from old import A\r\nx = 1", "from new.a import A\r\nx = 1"),
        ("from old import C, A\r\nx = 1", "from old import C\r\nfrom new.a import A\r\nx = 1"),
        ("from old import C, A", "from old import C\nfrom new.a import A"),
    ],
)
def test_names_come_from_where_they_are_now(before: str, after: str) -> None:
    start = before.index("from")
    end = before.index(")") + 1 if "(" in before.partition("def")[0].partition("B()")[0] else None
    part = before[start:end] if end else before[start:].replace("\\\n", "\0").splitlines()[0].replace("\0", "\\\n")
    assert rewritten(before, part.partition("  #")[0] if not end else part, moving) == after


@pytest.mark.parametrize(
    "code", ["from old import C, A; x = 1\n", "x = 1; from old import A, B\n", "if x: from old import A, B\n"]
)
def test_an_import_that_shares_its_line_does_not_become_two(code: str) -> None:
    start = code.index("from")
    assert rewritten(code, code[start:].partition(";")[0].strip(), moving) is None


def test_what_is_no_import_from_is_left_alone() -> None:
    assert rewritten("import old\n", "import old", moving) is None
    assert rewritten("from old import *\n", "from old import *", moving) is None


# Literals as they may be written, with what Python makes of them.
PREFIXES = st.sampled_from(["", "r", "f", "u", "rf", "F", "fR"])
QUOTES = st.sampled_from(["'", '"', "'''", '"""'])
CONTENT = st.text(alphabet="ab é{}\\/'\"#;$\n\t", max_size=12)


@st.composite
def literals(draw: st.DrawFn, middle: str = "") -> str:
    """A text's literal that parses, or several side by side."""
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        quote = draw(QUOTES)
        parts.append(f"{draw(PREFIXES)}{quote}{draw(CONTENT)}{middle}{draw(CONTENT)}{quote}")
    return draw(st.sampled_from([" ", "\n  ", " + ", "  # é\n"])).join(parts)


def expression(code: str) -> ast.expr | None:
    try:
        return ast.parse(f"({code}\n)", mode="eval").body
    except (SyntaxError, ValueError):
        return None


@settings(max_examples=200, deadline=None)
@given(literals())
def test_any_text_begins_with_the_command_or_is_left_alone(code: str) -> None:
    before = expression(code)
    text = f"é = f(\n{code}\n)\n"
    if before is None or "\\\n" in code:
        return
    changed = rewritten(text, code, begin)
    if changed is not None:
        after = expression(changed.removeprefix("é = f(\n").removesuffix("\n)\n"))
        assert after is not None
        assert text_of(after).replace(COMMAND, "", 1).strip(" ;\n\t") in text_of(before)
        assert COMMAND in text_of(after).partition("é")[0] or "é" in code


@settings(max_examples=200, deadline=None)
@given(literals(middle=HOME))
def test_any_path_is_replaced_everywhere_or_nowhere(code: str) -> None:
    before = expression(code)
    text = f"import os\né = f(\n{code}\n)\n"
    changed = rewritten(text, code, in_python) if before is not None else None
    if before is None or changed is None:
        return
    after = expression(changed.removeprefix("import os\né = f(\n").removesuffix("\n)\n"))
    assert after is not None
    found = f"\0{ast.dump(ast.parse(EXPRESSION, mode='eval').body)}\0"
    assert text_of(after).replace(found, HOME) == text_of(before)
    assert rewritten(changed, changed.removeprefix("import os\né = f(\n").removesuffix("\n)\n"), in_python) is None


@pytest.mark.parametrize(
    ("left", "right", "alike"),
    [
        ("f(1)", "f( 1 )", True),
        ("f(1)", "f(True)", False),
        ("f(1)", "f(1.0)", False),
        ("x = 1", "x = 1; y = 2", False),
        ("x = 1; y = 2", "x = 1", False),
        ("def f(): pass", "async def f(): pass", False),
        ("'a' 'b'", "'ab'", True),
        ("x: int", "x: str", False),
    ],
)
def test_trees_are_the_same_when_they_mean_the_same(left: str, right: str, *, alike: bool) -> None:
    assert same(ast.parse(left), ast.parse(right)) is alike


def test_many_changes_of_a_file_are_tried_together_and_those_that_fail_are_left_out() -> None:
    """A call with a generator takes no more arguments, which shows only when the file is parsed."""
    calls = [f"f(x{number})" if number % 7 else f"f(x{number} for x{number} in y)" for number in range(60)]
    data = "\n".join(calls).encode()
    wanted = [(SetArgument(PATH, span_of(data, call.encode()), "mode", "1"),) for call in calls]
    made = Rewriter(source(data)).all_edits(wanted)
    assert list(made) == [rewrites for rewrites, call in zip(wanted, calls, strict=True) if "for" not in call]
    after = applied(data, [edit for edits in made.values() for edit in edits]).decode().splitlines()
    assert after == [call if "for" in call else f"{call[:-1]}, mode=1)" for call in calls]


def test_changes_within_each_other_are_each_tried_for_themselves() -> None:
    data = b"f(queue=1, a=g(queue=2, b=h(queue=3)))\n"
    spans = [Span(0, 38), Span(13, 37), Span(26, 36)]
    made = Rewriter(source(data)).all_edits([(RemoveArgument(PATH, span, "queue"),) for span in spans])
    assert applied(data, [edit for edits in made.values() for edit in edits]) == b"f(a=g(b=h()))\n"


def test_many_changes_take_time_in_proportion() -> None:
    """Each is checked against the whole file, but not one by one."""

    def seconds(count: int) -> float:
        lines = [f"S(task_id='{number}', x=[1, 2, 3])\n" for number in range(count)]
        starts = [0, *accumulate(map(len, lines))]
        spans = [Span(start, start + len(line) - 1) for start, line in zip(starts, lines, strict=False)]
        started = process_time()
        made = Rewriter(source("".join(lines).encode())).all_edits(
            [(SetArgument(PATH, one, "m", "1"),) for one in spans]
        )
        assert len(made) == count
        return process_time() - started

    seconds(10)
    small, large = min(seconds(150) for _ in range(2)), min(seconds(600) for _ in range(2))
    assert large < 10 * small


@pytest.mark.parametrize(
    ("text", "new", "after"),
    [
        ("{{ old }} old {{old}}", "new", "{{ new }} old {{new}}"),
        ("{% if old > 'old' %}{{ x.old }}{{ f(old=old) }}", "new", "{% if new > 'old' %}{{ x.old }}{{ f(old=new) }}"),
        ("{{ old.year }}{{ older }}{{ old() }}", "new", "{{ new.year }}{{ older }}{{ old() }}"),
        ("{{ old }}{{- old -}}{{ f(old) }}", "new | ds", "{{ new | ds }}{{- new | ds -}}{{ f(old) }}"),
        ("{old} old", "new", "{old} old"),
    ],
)
def test_templates_get_another_word(text: str, new: str, after: str) -> None:
    def wording(path: str, span: Span) -> ReplaceWord:
        return ReplaceWord(path, span, "old", new)

    expected = None if text == after else f'x = """{after}"""\n'
    assert rewritten(f'x = """{text}"""\n', f'"""{text}"""', wording) == expected
