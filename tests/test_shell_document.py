"""The reader of shell: what it makes of commands, words, tests and whole scripts, and of what is no shell."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mwaalint.documents import shell, shell_syntax
from mwaalint.documents.shell_syntax import (
    Ask,
    Background,
    Both,
    Case,
    Chain,
    Command,
    Compare,
    Declaration,
    Expansion,
    Function,
    Group,
    If,
    Loop,
    Negated,
    Not,
    Pipeline,
    Placeholder,
    Substitution,
    Text,
    Unread,
    Word,
)
from mwaalint.source import SourceFile, UnreadableFileError

if TYPE_CHECKING:
    from mwaalint.documents.shell_syntax import ShellScript, Statement


def read(text: str | bytes, *, rendered: bool = False) -> ShellScript:
    data = text.encode() if isinstance(text, str) else text
    return shell.parse(SourceFile("startup.sh", Path("startup.sh"), data), rendered=rendered)


def only(text: str, *, rendered: bool = False) -> Statement:
    script = read(text, rendered=rendered)
    assert script.error is None
    (statement,) = script.body
    return statement


def command(text: str) -> Command:
    statement = only(text)
    assert isinstance(statement, Command)
    return statement


def words(text: str) -> list[str | None]:
    return [word.literal for word in command(text).words]


def source(script: ShellScript, statement: Statement) -> str:
    return script.file.slice(statement.span)


class TestWords:
    def test_quotes_and_backslashes_are_taken_away(self) -> None:
        assert words(r"""echo 'a b' "c d" e\ f g"h"'i' '' """) == ["echo", "a b", "c d", "e f", "ghi", ""]

    def test_inside_double_quotes_most_backslashes_stay(self) -> None:
        assert words(r'echo "a\$b \n \"c\""') == ["echo", r'a$b \n "c"']

    def test_a_line_may_go_on_below(self) -> None:
        assert words("dnf install -y \\\n  libaio \\\n  tar") == ["dnf", "install", "-y", "libaio", "tar"]

    def test_ansi_c_strings(self) -> None:
        assert words(r"printf $'a\tb'") == ["printf", "a\tb"]

    @pytest.mark.parametrize(
        ("text", "name", "operator", "argument"),
        [
            ("$A", "A", "", None),
            ("${A}", "A", "", None),
            ('"${A:-b}"', "A", ":-", "b"),
            ("${A:-}", "A", ":-", ""),
            ("${A%%.*}", "A", "%%", ".*"),
            ("$1", "1", "", None),
            ("$$", "$", "", None),
            ("$?", "?", "", None),
        ],
    )
    def test_variables(self, text: str, name: str, operator: str, argument: str | None) -> None:
        (part,) = command(f"echo {text}").words[1].parts
        assert isinstance(part, Expansion)
        assert (part.name, part.operator) == (name, operator)
        assert (part.argument.literal if part.argument else None) == argument

    def test_a_variable_among_text(self) -> None:
        parts = command('echo "${HOME}/bin:$PATH"').words[1].parts
        assert [part.name if isinstance(part, Expansion) else part for part in parts if not isinstance(part, Text)] == [
            "HOME",
            "PATH",
        ]
        assert [part.value for part in parts if isinstance(part, Text)] == ["/bin:"]
        assert all(part.quoted for part in parts if isinstance(part, Expansion | Text))

    @pytest.mark.parametrize("text", ["$(date +%s)", "`date +%s`", '"$(date +%s)"'])
    def test_the_output_of_a_command(self, text: str) -> None:
        (part,) = command(f"echo {text}").words[1].parts
        assert isinstance(part, Substitution)
        (inner,) = part.body
        assert isinstance(inner, Command)
        assert [word.literal for word in inner.words] == ["date", "+%s"]

    @pytest.mark.parametrize("text", ["$((1 + 2))", "${#A}", "${!A}", "${A[0]}"])
    def test_what_is_not_read_is_said_to_be_not_read(self, text: str) -> None:
        (part,) = command(f"echo {text}").words[1].parts
        assert isinstance(part, Unread)
        assert command(f"echo {text}").words[1].literal is None


class TestCommands:
    def test_assignments_before_a_command_are_its_own(self) -> None:
        found = command("A=1 B=$A python x.py")
        assert [(item.name, item.value and item.value.literal) for item in found.assignments] == [
            ("A", "1"),
            ("B", None),
        ]
        assert [word.literal for word in found.words] == ["python", "x.py"]

    @pytest.mark.parametrize(
        ("text", "keyword", "options", "items"),
        [
            ("A=1", "", (), {"A": "1"}),
            ("A=1 B=2", "", (), {"A": "1", "B": "2"}),
            ("A=", "", (), {"A": ""}),
            ("export A=1 B", "export", (), {"A": "1", "B": None}),
            ("declare -x A='b c'", "declare", ("-x",), {"A": "b c"}),
            ("export -n A", "export", ("-n",), {"A": None}),
            ("local a=1", "local", (), {"a": "1"}),
            ("unset A B", "unset", (), {"A": None, "B": None}),
            ("A=(b c)", "", (), {"A": None}),
            ("A[1]=b", "", (), {"A": "b"}),
        ],
    )
    def test_variables_are_set(
        self, text: str, keyword: str, options: tuple[str, ...], items: dict[str, str | None]
    ) -> None:
        found = only(text)
        assert isinstance(found, Declaration)
        assert (found.keyword, found.options) == (keyword, options)
        assert {item.name: item.value.literal if item.value else None for item in found.items} == items

    def test_appending_is_told_apart(self) -> None:
        found = only("PATH+=:/opt/bin")
        assert isinstance(found, Declaration)
        assert found.items[0].append

    def test_redirections(self) -> None:
        found = command("pip install x >> /tmp/log 2>&1 < /dev/null")
        assert [(each.operator, each.target and each.target.literal) for each in found.redirections] == [
            (">>", "/tmp/log"),
            (">&", "1"),
            ("<", "/dev/null"),
        ]

    def test_only_redirections(self) -> None:
        found = command("exec > /tmp/log 2>&1")
        assert [word.literal for word in found.words] == ["exec"]
        assert command("> /tmp/empty").words == ()

    @pytest.mark.parametrize(("mark", "filled"), [("EOF", True), ("'EOF'", False), ("-EOF", True)])
    def test_heredocs(self, mark: str, filled: bool) -> None:
        found = command(f"cat <<{mark} > /tmp/x\nname: $NAME\nEOF\n")
        heredoc = next(each for each in found.redirections if each.operator.startswith("<<"))
        assert heredoc.target is not None
        assert any(isinstance(part, Expansion) for part in heredoc.target.parts) is filled
        assert [each.operator for each in found.redirections if not each.operator.startswith("<<")] == [">"]

    def test_a_heredoc_that_another_command_reads(self) -> None:
        found = only("cat <<EOF | bash\necho a\nEOF\n")
        assert isinstance(found, Pipeline)
        assert len(found.statements) == 2
        chain = only("cat <<EOF && echo b\na\nEOF\n")
        assert isinstance(chain, Chain)
        assert [operator for operator, _ in chain.rest] == ["&&"]


class TestCompounds:
    def test_a_long_chain_is_one_list(self) -> None:
        script = read(" && ".join(f"a{i}" for i in range(400)) + " || b")
        (chain,) = script.body
        assert isinstance(chain, Chain)
        assert len(chain.rest) == 400
        assert chain.rest[-1][0] == "||"

    def test_pipelines_stay_whole_around_redirections(self) -> None:
        found = only("a | b 2>&1 | c")
        assert isinstance(found, Pipeline)
        assert [each.words[0].literal for each in found.statements if isinstance(each, Command)] == ["a", "b", "c"]

    def test_if_with_all_its_branches(self) -> None:
        found = only("if a; then b; c; elif d; then e; else f; fi")
        assert isinstance(found, If)
        assert [len(branch.body) for branch in found.branches] == [2, 1]
        assert found.otherwise is not None
        assert len(found.otherwise) == 1

    def test_case(self) -> None:
        found = only('case "$C" in worker|scheduler) a ;; *) b; c ;; esac')
        assert isinstance(found, Case)
        assert [[pattern.literal for pattern in arm.patterns] for arm in found.arms] == [["worker", "scheduler"], ["*"]]
        assert [len(arm.body) for arm in found.arms] == [1, 2]

    @pytest.mark.parametrize(
        ("text", "keyword", "variable", "count", "asked"),
        [
            ("for p in a b; do c $p; done", "for", "p", 2, 0),
            ("while read -r l; do c; done", "while", "", 0, 1),
            ("until a; do b; done", "until", "", 0, 1),
            ("for ((i=0; i<3; i++)); do c; done", "for", "", 0, 0),
        ],
    )
    def test_loops(self, text: str, keyword: str, variable: str, count: int, asked: int) -> None:
        found = only(text)
        assert isinstance(found, Loop)
        assert (found.keyword, found.variable, len(found.words), len(found.condition)) == (
            keyword,
            variable,
            count,
            asked,
        )
        assert len(found.body) == 1

    @pytest.mark.parametrize("text", ["f() { a; b; }", "function f { a; b; }", "function f() { a; b; }"])
    def test_functions(self, text: str) -> None:
        found = only(text)
        assert isinstance(found, Function)
        assert found.name == "f"
        (body,) = found.body
        assert isinstance(body, Group)
        assert len(body.body) == 2

    def test_groups_and_subshells(self) -> None:
        group, inner = only("{ a; b; } > log"), only("(a; b)")
        assert isinstance(group, Group)
        assert isinstance(inner, Group)
        assert (group.subshell, len(group.redirections)) == (False, 1)
        assert inner.subshell

    def test_not_and_in_the_background(self) -> None:
        assert isinstance(only("! a"), Negated)
        script = read("a &\nb")
        assert isinstance(script.body[0], Background)
        assert isinstance(script.body[1], Command)


class TestTests:
    def condition(self, text: str) -> object:
        found = only(text)
        assert isinstance(found, shell_syntax.Test)
        return found.condition

    @pytest.mark.parametrize("text", ['[[ "$A" != b ]]', '[ "$A" != b ]', "[[ ( $A != b ) ]]"])
    def test_comparisons(self, text: str) -> None:
        found = self.condition(text)
        assert isinstance(found, Compare)
        assert (found.operator, found.right.literal) == ("!=", "b")

    def test_questions(self) -> None:
        asked, lone = self.condition("[[ -n $A ]]"), self.condition('[ "$A" ]')
        assert isinstance(asked, Ask)
        assert isinstance(lone, Ask)
        assert (asked.operator, lone.operator) == ("-n", "")

    def test_joined(self) -> None:
        found = self.condition("[[ $A == b && ! -f c ]]")
        assert isinstance(found, Both)
        assert found.operator == "&&"
        assert isinstance(found.right, Not)

    @pytest.mark.parametrize(
        "text",
        [
            '[ "$A" = b -o "$A" = c ]',
            "[[ $A = b || $A = c ]]",
            "[[ $A == b || $A == c ]]",
            "[[ $A = b || ( $A == c ) ]]",
        ],
    )
    def test_every_way_of_joining(self, text: str) -> None:
        found = self.condition(text)
        assert isinstance(found, Both)
        assert found.operator == "||"
        assert isinstance(found.left, Compare)
        assert isinstance(found.right, Compare)
        assert (found.left.right.literal, found.right.right.literal) == ("b", "c")

    def test_and_binds_before_or(self) -> None:
        found = self.condition("[[ $A = a || $B = b && $C != c ]]")
        assert isinstance(found, Both)
        assert found.operator == "||"
        assert isinstance(found.right, Both)
        assert found.right.operator == "&&"

    def test_very_many_joints_are_not_read(self) -> None:
        assert isinstance(self.condition("[[ " + " || ".join(["$A == b"] * 400) + " ]]"), Unread)

    def test_arithmetic_is_not_read(self) -> None:
        assert isinstance(self.condition("(( A > 1 ))"), Unread)


class TestTemplates:
    def test_placeholders_are_no_variables(self) -> None:
        found = only('export A="${name}/x" B=$C', rendered=True)
        assert isinstance(found, Declaration)
        first, second = (item.value for item in found.items)
        assert first is not None
        assert second is not None
        assert isinstance(first.parts[0], Placeholder)
        assert first.parts[0].expression == "name"
        assert isinstance(second.parts[0], Expansion)

    def test_without_terraform_they_are(self) -> None:
        found = only('export A="${name}/x"')
        assert isinstance(found, Declaration)
        assert found.items[0].value is not None
        assert isinstance(found.items[0].value.parts[0], Expansion)

    def test_an_escaped_one_is_the_shells(self) -> None:
        script = read("echo $${HOME} ${ lower(x) }\nfoo", rendered=True)
        first, second = script.body
        assert isinstance(first, Command)
        parts = [word.parts[0] for word in first.words[1:]]
        assert isinstance(parts[0], Expansion)
        assert parts[0].name == "HOME"
        assert isinstance(parts[1], Placeholder)
        assert source(script, second) == "foo"
        assert source(script, first) == "echo $${HOME} ${ lower(x) }"

    def test_directives_are_read_away(self) -> None:
        script = read("%{ if debug }\nset -x\n%{ endif }\nexport A=1\n", rendered=True)
        assert [source(script, statement) for statement in script.body] == ["set -x", "export A=1"]
        assert script.error is None


class TestPlaces:
    @pytest.mark.parametrize(
        "data",
        [
            b"\xef\xbb\xbfa 'x'\nexport B=1\n",
            b"a 'x'\r\nexport B=1\r\n",
            "a 'über'\nexport B=1\n".encode(),
            "a 'über'\nexport B=1\n".encode("latin-1"),
            "a 'x'\r\nexport B=1\r\n".encode("utf-16"),
        ],
    )
    def test_statements_are_where_they_are_in_the_file(self, data: bytes) -> None:
        script = read(data)
        assert script.error is None
        assert source(script, script.body[-1]) == "export B=1"

    def test_windows_newlines_are_no_part_of_words(self) -> None:
        script = read(b"if a; then\r\n  export B=1\r\nfi\r\n")
        (found,) = script.body
        assert isinstance(found, If)
        (inner,) = found.branches[0].body
        assert isinstance(inner, Declaration)
        assert inner.items[0].value is not None
        assert inner.items[0].value.literal == "1"


class TestWhatIsNoShell:
    @pytest.mark.parametrize("text", ["if a; then b", "a | | b", "echo 'open", "case x in", "for in; do"])
    def test_the_place_is_told(self, text: str) -> None:
        script = read(f"export A=1\n{text}\n")
        assert script.error is not None
        assert isinstance(script.body[0], Declaration)

    def test_binary_files_are_refused(self) -> None:
        with pytest.raises(UnreadableFileError):
            read(b"a\0b")

    @pytest.mark.parametrize("text", ["(", "$(", '"$(', "if a; then ", "{ ", "${a:-", "[[ ( ", "! ", "a && (", "`"])
    def test_deep_nesting_ends(self, text: str) -> None:
        read(text * 5_000)
        read(text * 30 + "x")

    @pytest.mark.parametrize(
        ("opens", "closes"),
        [("( ", " )"), ("$(echo ", ")"), ("{ ", "; }"), ("if a; then ", "; fi"), ("${a:-", "}"), ('"${a:-', '}"')],
    )
    def test_valid_deep_nesting_ends(self, opens: str, closes: str) -> None:
        script = read(opens * 300 + "a" + closes * 300)
        assert len(script.body) == 1

    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.binary(max_size=200))
    def test_any_bytes(self, data: bytes) -> None:
        try:
            script = read(data)
        except UnreadableFileError:
            return
        for statement in script.body:
            assert 0 <= statement.span.start <= statement.span.end <= len(data)

    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.text("abc $(){}[]'\"\\`|&;<>!=#\n\r-%", max_size=120), st.booleans())
    def test_any_shell_like_text(self, text: str, rendered: bool) -> None:
        script = read(text, rendered=rendered)
        length = len(script.file.data)
        assert all(0 <= one.span.start <= one.span.end <= length for one in script.body)

    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.text("abc $(){}'\"\\|&;<>=\n", max_size=80), st.text(" \n", max_size=20), st.text(" \n", max_size=20))
    def test_blank_lines_around_a_script_move_it_and_no_more(self, text: str, before: str, after: str) -> None:
        alone = read(f"\n{text.strip()}\n")
        inside = read(f"{before}\n{text.strip()}\n{after}")
        moved = [(type(one), one.span.start + len(before), one.span.end + len(before)) for one in alone.body]
        assert [(type(one), one.span.start, one.span.end) for one in inside.body] == moved
        assert (alone.error is None) == (inside.error is None)

    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(st.text("abcXYZ09._/-", min_size=1, max_size=12), min_size=1, max_size=6))
    def test_plain_words_come_back_as_they_are(self, plain: list[str]) -> None:
        quoted = " ".join(f"'{word}'" for word in plain)
        assert words(f"echo {quoted}") == ["echo", *plain]


def test_a_word_without_parts_is_empty_text() -> None:
    (empty,) = command("echo ''").words[1:]
    assert isinstance(empty, Word)
    assert empty.literal == ""


def test_a_backslash_starts_a_line_of_its_own() -> None:
    """The grammar alone takes it for more of the line before."""
    script = read("export A=1\n\\exit 0\nfoo \\\n  bar\n\\. file\n")
    assert [source(script, statement) for statement in script.body] == [
        "export A=1",
        "\\exit 0",
        "foo \\\n  bar",
        "\\. file",
    ]
