"""The shell scripts of a file: all of a script, a Makefile's recipes, the steps of a CI file, Terraform's provisioners,
what a Dockerfile runs.

What is not script is blanked out, byte for byte, so that every place in what is parsed is a place in the file.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.documents import dockerfile, shell, yaml_nodes
from mwaalint.documents.yaml_nodes import Mapping, Scalar, Sequence
from mwaalint.patterns import regex
from mwaalint.source import SourceFile, UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mwaalint.documents.shell_syntax import ShellScript
    from mwaalint.documents.yaml_nodes import Node

# Each script of a file is parsed with the whole file's length in front of it.
MAX_EMBEDDING_BYTES = 256 * 1024
_SCRIPT_KEYS = frozenset(
    {
        *("run", "script", "before_script", "after_script", "commands", "cmds", "cmd", "command"),
        *("inlineScript", "bash", "sh"),
    }
)
_RECIPE = regex(rb"^(?:\t| {2,})(?P<silent>[@+-]*)(?P<line>(?:[^\n\\]|\\.|\\\n)*)", re.M | re.S)
_MAKE_VARIABLE = regex(rb"(?<!\$)\$\((\w+)\)")
_PROVISIONED = regex(
    rb"\bcommand\s*=\s*(?:\"(?P<text>(?:[^\"\\$\n]|\\.|\$\{[^}\n]*\}|\$)*)\"|<<[-~]?(?P<end>\w+)\n(?P<lines>.*?)\n\s*(?P=end)\b)",
    re.S,
)
_GROOVY = regex(rb"\bsh\s*\(?\s*(?P<quotes>'''|\"\"\"|'|\")(?P<text>.*?)(?<!\\)(?P=quotes)", re.S)
_IS_DOCKERFILE = regex(r"(?:^|/)(?:Dockerfile[^/]*|[^/]+\.Dockerfile)$")
_RUN_OPTIONS = regex(rb"\A(?:--[\w-]+(?:=\S*)?[ \t]+)+")
_COMMENT = regex(rb"^[ \t]*#[^\n]*(?=\n)", re.M)
_HEREDOC = regex(
    rb"\A(?P<head><<-?[\"']?(?P<end>\w+)[\"']?[^\n]*)(?P<lines>\n.*)\n(?P<tail>[ \t]*(?P=end)[ \t\r]*)\Z", re.S
)
_EXPRESSION = regex(rb"\$\{\{([^}\n]{0,300})\}\}")
_PLACEHOLDER = regex(rb"(?<!\$)\$\{([^{}\n]*)\}")
# An escaped quote, as long as before: two of them around nothing change no word.
_QUOTE = b'""'
# For each line of a Makefile once more: a regular expression takes as long as all else that is done with it.
_BLANK = bytes(byte if byte in b"\r\n" else 32 for byte in range(256))


class Part(NamedTuple):
    """One script, and the mappings of a CI file in which it stands, the outermost first."""

    script: ShellScript
    around: tuple[Mapping, ...] = ()


def parts(file: SourceFile, words: Iterable[bytes] = ()) -> Iterator[Part]:
    """The scripts of a file that hold one of the words, or all. A file that is none of its kind has none."""
    wanted = tuple(words)
    with suppress(UnreadableFileError):
        if file.path.endswith((".sh", ".bash")):
            yield from (Part(shell.parse(file)) for _ in (1,) if _mentions(file.data, wanted))
        elif len(file.data) <= MAX_EMBEDDING_BYTES and file.encoding == "utf-8":
            for data, around in _embedded(file):
                if _mentions(data, wanted):
                    yield Part(shell.parse(SourceFile(file.path, file.absolute, data)), around)


def _mentions(data: bytes, words: tuple[bytes, ...]) -> bool:
    return not words or any(word in data for word in words)


def _embedded(file: SourceFile) -> Iterator[tuple[bytes, tuple[Mapping, ...]]]:
    data = file.data
    if file.path.endswith((".yml", ".yaml")):
        with suppress(yaml_nodes.YamlError):
            for root in yaml_nodes.read(file):
                yield from _of_ci(data, root)
    elif file.path.endswith((".tf", ".hcl")):
        for match in _PROVISIONED.finditer(data):
            group = "lines" if match["end"] else "text"
            text = _PLACEHOLDER.sub(_named, match[group].replace(b'\\"', _QUOTE))
            yield _blanked(data, [(match.start(group), text)]), ()
    elif _IS_DOCKERFILE.search(file.path):
        yield _blanked(data, _of_image(file)), ()
    elif file.path.endswith("Jenkinsfile"):
        for match in _GROOVY.finditer(data):
            yield _blanked(data, [(match.start("text"), match["text"])]), ()
    else:
        for match in _RECIPE.finditer(data):
            yield _blanked(data, [(match.start("line"), _MAKE_VARIABLE.sub(_of_make, match["line"]))]), ()


def _of_image(file: SourceFile) -> Iterator[tuple[int, bytes]]:
    """The commands of a Dockerfile, without the options of RUN and the comments between its lines."""
    for one in dockerfile.read(file).all("RUN"):
        text = _RUN_OPTIONS.sub(lambda match: b" " * len(match[0]), file.data[one.span.start : one.span.end])
        # A heredoc is a script of its own: its first line and its last are none of it.
        yield one.span.start, _HEREDOC.sub(_inner, _COMMENT.sub(lambda match: b" " * (len(match[0]) - 1) + b"\\", text))


def _inner(match: re.Match[bytes]) -> bytes:
    return b" " * len(match["head"]) + match["lines"] + b" " * len(match["tail"])


def _of_ci(data: bytes, root: Node) -> Iterator[tuple[bytes, tuple[Mapping, ...]]]:
    """The scripts below a node of a CI file; a list of commands is one script."""
    pending: list[tuple[Node, tuple[Mapping, ...]]] = [(root, ())]
    while pending:
        node, around = pending.pop()
        if isinstance(node, Sequence):
            pending += [(item, around) for item in reversed(node.items)]
        elif isinstance(node, Mapping):
            inside = (*around, node)
            for entry in reversed(node.entries):
                scalars = list(_scalars(entry.value)) if entry.key in _SCRIPT_KEYS else []
                if scalars:
                    yield _blanked(data, [_script(data, scalar) for scalar in scalars]), inside
                if not isinstance(entry.value, Scalar):
                    pending.append((entry.value, inside))


def _scalars(node: Node) -> Iterator[Scalar]:
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Sequence):
        yield from (item for item in node.items if isinstance(item, Scalar))


def _script(data: bytes, scalar: Scalar) -> tuple[int, bytes]:
    start, end = scalar.span
    text = data[start:end]
    if text[:1] in (b"|", b">"):
        header, newline, body = text.partition(b"\n")
        text = b" " * len(header) + newline + (_folded(body) if header[:1] == b">" else body)
    elif text[:1] in (b'"', b"'") and len(text) > 1:
        text = b" " + text[1:-1].replace(b'\\"', _QUOTE) + b";"
    elif data[end : end + 1] in (b",", b"]"):
        text += b";"
    return start, _EXPRESSION.sub(_named, text)


def _folded(body: bytes) -> bytes:
    """The lines of a folded text, joined by blanks unless one of them is indented more deeply than the first."""
    lines = body.split(b"\n")
    margins = [len(line) - len(line.lstrip()) if line.strip() else -1 for line in lines]
    base = next((margin for margin in margins if margin >= 0), 0)
    pieces = [lines[0]]
    for line, before, margin in zip(lines[1:], margins, margins[1:], strict=False):
        pieces += [b" " if before == margin == base else b"\n", line]
    return b"".join(pieces)


def _named(match: re.Match[bytes]) -> bytes:
    """A placeholder as a variable of the shell, as long as before: ``${{ env.NAME }}`` is ``${__env_NAME__}``."""
    return b"${" + re.sub(rb"\W", b"_", match[0][2:-1]) + b"}"


def _of_make(match: re.Match[bytes]) -> bytes:
    return b"${" + match[1] + b"}"


def _blanked(data: bytes, scripts: Iterable[tuple[int, bytes]]) -> bytes:
    """The file with nothing but these scripts in it."""
    pieces, position = [], 0
    for start, text in scripts:
        pieces += [_blank(data[position:start]), text]
        position = start + len(text)
    return b"".join([*pieces, _blank(data[position:])])


def _blank(data: bytes) -> bytes:
    return data.translate(_BLANK)
