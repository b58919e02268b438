"""The documents of the local runner: Compose files, Dockerfiles, files of variables, airflow.cfg."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mwaalint.documents import airflow_cfg, compose, dockerfile, env_file
from mwaalint.documents.yaml_nodes import YamlError
from mwaalint.source import SourceFile, UnreadableFileError

ANY_TEXT = st.text(alphabet=st.sampled_from("ab=:#\"'$ {}[]\\-\n\t\r<|&*é."), max_size=120)
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])


def source(text: str | bytes, path: str = "f") -> SourceFile:
    return SourceFile(path, Path("/nowhere") / path, text.encode() if isinstance(text, str) else text)


def services(text: str, **others: str) -> dict[str, compose.Service]:
    """The services of a file, which may extend those of the others."""
    files = {f"{name}.yml": source(content, f"{name}.yml") for name, content in others.items()}
    found = compose.services_of(source(text, "compose.yml"), lambda _, path: files.get(path))
    return {one.name: one for one in found}


class TestCompose:
    def test_a_service(self) -> None:
        one = services(
            """
services:
  runner:
    image: "amazon/mwaa-local:2_8"
    user: 1000:0
    command: airflow 'web server'
    env_file: ./.env.local
    depends_on: [db]
    environment: {A: 1, B: , C: "x y"}
    build: {context: ., dockerfile: Other}
"""
        )["runner"]
        assert one.image
        assert one.image.value == "amazon/mwaa-local:2_8"
        assert one.user
        assert one.user.value == "1000:0"
        assert one.command == ("airflow", "web server")
        assert [each.value for each in one.env_files] == ["./.env.local"]
        assert one.needs == ("db",)
        assert {each.name: each.text and each.text.value for each in one.environment} == {
            "A": "1",
            "B": None,
            "C": "x y",
        }
        assert (one.context, one.dockerfile) == (".", "Other")

    def test_lists_of_variables_and_files(self) -> None:
        one = services("services: {r: {environment: [A=1=2, B, 'C='], env_file: [a, {path: b, required: false}]}}")["r"]
        assert [(each.name, each.text and each.text.value) for each in one.environment] == [
            ("A", "1=2"),
            ("B", None),
            ("C", ""),
        ]
        assert [each.value for each in one.env_files] == ["a", "b"]

    def test_anchors_and_merge_keys(self) -> None:
        found = services(
            "x-all: &all\n  image: i\n  environment: &env {A: 1}\nservices:\n  one:\n    <<: *all\n"
            "  two:\n    <<: *all\n    image: j\n    environment:\n      <<: *env\n      B: 2\n"
        )
        assert found["one"].image
        assert found["one"].image.value == "i"
        assert found["two"].image
        assert found["two"].image.value == "j"
        assert [each.name for each in found["two"].environment] == ["A", "B"]

    @pytest.mark.parametrize(
        ("volume", "source_", "target", "read_only", "stated"),
        [
            ("./a:/b", "./a", "/b", False, False),
            ("./a:/b:ro", "./a", "/b", True, True),
            ("./a:/b:ro,z", "./a", "/b", True, True),
            ("./a:/b:z", "./a", "/b", False, False),
            ("./a:/b:rw", "./a", "/b", False, True),
            ("${PWD:-.}/a:/b", "${PWD:-.}/a", "/b", False, False),
            ("C:\\a:/b", "C:\\a", "/b", False, False),
            ("{source: ./a, target: /b}", "./a", "/b", False, False),
            ("{source: ./a, target: /b, read_only: true}", "./a", "/b", True, True),
            ("{source: ./a, target: /b, read_only: false}", "./a", "/b", False, True),
            ("{source: ./a, target: /b, read_only: $X}", "./a", "/b", None, True),
        ],
    )
    def test_volumes(self, volume: str, source_: str, target: str, read_only: bool | None, stated: bool) -> None:
        (mount,) = services(f"services:\n  r:\n    volumes:\n      - {volume}\n")["r"].mounts
        assert (mount.source, mount.target, mount.read_only, mount.stated) == (source_, target, read_only, stated)

    @pytest.mark.parametrize("volume", ["/b", "./a:${HOME}/b", "", "[a]", "{source: ./a}"])
    def test_volumes_that_mount_nothing_known(self, volume: str) -> None:
        assert services(f"services:\n  r:\n    volumes:\n      - {volume}\n")["r"].mounts == ()

    def test_what_a_service_extends(self) -> None:
        base = "services: {b: {image: i, user: u, environment: [A=1, B=1], volumes: ['./a:/a', './b:/b']}}"
        own = "{extends: {file: base.yml, service: b}, environment: [B=2], volumes: ['./c:/b:ro']}"
        one = services(f"services: {{r: {own}}}", base=base)["r"]
        assert one.image
        assert one.image.file.path == "base.yml"
        assert one.user is not None
        assert [(each.name, each.text and each.text.value) for each in one.environment] == [("A", "1"), ("B", "2")]
        assert [(each.source, each.target) for each in one.mounts] == [("./a", "/a"), ("./c", "/b")]

    @pytest.mark.parametrize(
        "text",
        [
            "services: {a: {extends: a}}",
            "services: {a: {extends: b}, b: {extends: a}}",
            "services: {a: {extends: {service: gone}}}",
            "services: {a: {extends: {file: gone.yml, service: b}}}",
            "services: {a: {extends: [b]}}",
        ],
    )
    def test_what_cannot_be_extended_is_left_out(self, text: str) -> None:
        assert services(text)["a"].name == "a"

    def test_a_long_chain_ends(self) -> None:
        chain = ", ".join(f"s{each}: {{extends: s{each + 1}}}" for each in range(50))
        assert services(f"services: {{{chain}, s50: {{image: i}}}}")["s0"].image is None

    @pytest.mark.parametrize("text", ["", "[]", "services:", "services: []", "services: {a: }", "x: 1"])
    def test_files_without_services(self, text: str) -> None:
        assert services(text) == {}

    @pytest.mark.parametrize("text", ["a: [", "a: *b", "\x01", "a: &a [*a]", "[" * 500])
    def test_what_is_no_yaml_is_an_error_that_says_so(self, text: str) -> None:
        with pytest.raises(YamlError):
            services(text)

    def test_aliases_that_multiply_end_soon(self) -> None:
        variables = "\n".join(f"  - V{each}=1" for each in range(5_000))
        bomb = "\n".join(f"  s{each}: {{environment: *e}}" for each in range(5_000))
        started = time.monotonic()
        assert len(services(f"x-e: &e\n{variables}\nservices:\n{bomb}\n")) == compose.MAX_SERVICES
        assert time.monotonic() - started < 20

    @given(ANY_TEXT)
    @settings(max_examples=200, deadline=None)
    def test_any_text_is_read_or_refused(self, text: str) -> None:
        try:
            found = services(f"services:\n  a:\n    volumes:\n      - {text}\n")
        except YamlError:
            return
        assert all(mount.target for one in found.values() for mount in one.mounts)


class TestFilled:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("plain", "plain"),
            ("$A-${A}", "1-1"),
            ("${B:-two}", "two"),
            ("${B-two}", "two"),
            ("${A:-two}", "1"),
            ("$$A", "$A"),
            ("${B}", None),
            ("${B:?no}", None),
            ("${B:-${A}}", None),
            ("a$", None),
            ("${", None),
        ],
    )
    def test_variables(self, text: str, value: str | None) -> None:
        assert compose.filled(text, {"A": "1"}) == value

    @given(ANY_TEXT)
    def test_text_without_variables_stays(self, text: str) -> None:
        assert compose.filled(text.replace("$", ""), {}) == text.replace("$", "")


class TestDockerfile:
    def test_instructions_go_on_over_lines_comments_and_heredocs(self) -> None:
        text = '# note\nFROM a\nRUN one \\\n  # inside\n\n  two\nrun <<EOF\n  three\nEOF\nCMD ["x"]\n'
        found = dockerfile.read(source(text))
        assert [one.word for one in found.instructions] == ["FROM", "RUN", "RUN", "CMD"]
        assert [found.file.slice(one.span) for one in found.instructions] == [one.text for one in found.instructions]
        assert found.instructions[1].text.endswith("two")
        assert "three" in found.instructions[2].text

    def test_another_escape(self) -> None:
        found = dockerfile.read(source("# escape=`\nRUN one `\n two\nRUN c:\\\nRUN three\n"))
        assert [one.text for one in found.instructions] == ["one `\n two", "c:\\", "three"]

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("ARG X=1", "1"),
            ("ARG X", None),
            ("ENV X 1 2", "1 2"),
            ("ENV X='1 2' Y=3", "1 2"),
            ("ARG Y=2\nENV X=a${Y}b", "a2b"),
            ("ENV X=${Y:-3}", "3"),
            ("ENV X=$Y", None),
            ("ENV X=1\nENV X=2", "2"),
            ("ENV A=1 \\\n    X=2", "2"),
            ("RUN X=1", None),
        ],
    )
    def test_settings(self, text: str, value: str | None) -> None:
        assert dockerfile.read(source(text)).value("X") == value

    def test_places_of_settings(self) -> None:
        found = dockerfile.read(source("ENV É='é' X=abc\nENV Y  d e\n"))
        assert [found.file.slice(one.span) for one in found.settings] == ["'é'", "abc", " d e"]

    def test_text_that_doubles_ends_soon(self) -> None:
        doubling = "ENV A=aaaaaaaa\n" + "ENV A=$A$A\n" * 200
        assert dockerfile.read(source(doubling)).value("A") is None

    @pytest.mark.parametrize(
        "text",
        [
            "RUN <<E\n" * 20_000,
            "RUN \\\n" * 100_000,
            "ENV " + "A" * 1_000_000,
            "ENV " + "A=1 " * 200_000,
            "RUN " + "<<E " * 200_000,
            " " * 1_000_000,
        ],
    )
    def test_huge_files_end_soon(self, text: str) -> None:
        started = time.monotonic()
        dockerfile.read(source(text))
        assert time.monotonic() - started < 20

    def test_a_binary_file_is_refused(self) -> None:
        with pytest.raises(UnreadableFileError, match="binary"):
            dockerfile.read(source(b"FROM a\0b"))

    @given(st.lists(st.sampled_from(["FROM a", "RUN b \\", "ENV C=d", "# e", "", "ARG F", "RUN <<G", "G"])), ENCODINGS)
    @settings(deadline=None)
    def test_every_place_holds_its_text(self, lines: list[str], encoding: str) -> None:
        found = dockerfile.read(source("\n".join(lines).encode(encoding)))
        assert all(found.file.slice(one.span) == one.text for one in found.instructions)
        ends = [one.span for one in found.instructions]
        assert all(before.end <= after.start for before, after in pairwise(ends))


class TestEnvFile:
    @pytest.mark.parametrize(
        ("line", "value"),
        [
            ("X=1", "1"),
            ("export X=1", "1"),
            ("X: 1", "1"),
            ('X="1 # 2" # three', "1 # 2"),
            ("X='1'", "1"),
            ("X=1 # two", "1"),
            ("X=1#2", "1#2"),
            ("X=", ""),
            ("X=# no", ""),
            ('X="open', '"open'),
            ("X=1\r", "1"),
            ("# X=1", None),
            ("X", None),
            ("1X=2", None),
        ],
    )
    def test_lines(self, line: str, value: str | None) -> None:
        assert env_file.read(source(f"A=0\n{line}\nB=1\n")).value("X") == value

    @pytest.mark.parametrize("text", ["X=" + " " * 1_000_000 + "y", "X=" + " #" * 500_000, "A=1\n" * 200_000])
    def test_huge_files_end_soon(self, text: str) -> None:
        started = time.monotonic()
        env_file.read(source(text))
        assert time.monotonic() - started < 20

    @given(ANY_TEXT, ENCODINGS)
    @settings(deadline=None)
    def test_every_place_holds_its_value(self, text: str, encoding: str) -> None:
        found = env_file.read(source(text.encode(encoding)))
        assert all(one.value in found.file.slice(one.span) for one in found.variables)


class TestAirflowCfg:
    def test_options(self) -> None:
        text = "; c\nlost = 1\n[Core]\n# x = 1\nKey = a b \n  goes on = 2\nempty =\nother: 3\n[a b]\nk=%(x)s = y\n"
        found = airflow_cfg.read(source(text))
        assert [(one.name, one.value) for one in found.options] == [
            ("core.key", "a b"),
            ("core.empty", ""),
            ("core.other", "3"),
            ("a b.k", "%(x)s = y"),
        ]
        assert [found.file.slice(one.key_span) for one in found.options] == ["Key", "empty", "other", "k"]
        assert found.option("core.key") is found.options[0]
        assert found.option("core.x") is None

    def test_windows_newlines_and_a_mark(self) -> None:
        found = airflow_cfg.read(source("\ufeff[core]\r\nkey = v\r\n"))
        assert [(one.name, one.value) for one in found.options] == [("core.key", "v")]

    @given(ANY_TEXT, ENCODINGS)
    @settings(deadline=None)
    def test_every_place_holds_its_text(self, text: str, encoding: str) -> None:
        found = airflow_cfg.read(source(f"[s]\n{text}".encode(encoding)))
        for one in found.options:
            assert found.file.slice(one.span) == one.value
            assert found.file.slice(one.key_span).lower() == one.name.partition(".")[2]

    @pytest.mark.parametrize("line", ["a" * 1_000_000, "a" + " " * 1_000_000 + "= 1", "[" * 1_000_000])
    def test_huge_lines_end_soon(self, line: str) -> None:
        started = time.monotonic()
        airflow_cfg.read(source(f"[s]\n{line}\n"))
        assert time.monotonic() - started < 20
