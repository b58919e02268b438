"""The documentation: generated pages say what the rules say, and the guide's words are true of the code."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path
from posixpath import dirname, normpath
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from mwaalint import config, profiles, report, rulebook
from mwaalint.catalog import load as load_catalog
from mwaalint.cli.app import app
from mwaalint.findings import Location
from mwaalint.report._pages import page_address
from mwaalint.report._sarif_rules import rule_object
from mwaalint.rulebook import Option, Rule, appendix
from tests.reporting import finding
from tools import docs_blocks, docs_rules, docs_site

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
GUIDE = {path.relative_to(DOCS).as_posix(): path.read_text(encoding="utf-8") for path in sorted(DOCS.rglob("*.md"))}
PAGES = docs_site.pages()
RULES = rulebook.shipped().all()
BLOCKS = re.compile(r"^<!-- generated: ([\w-]+) -->$", re.M)


def fences(language: str) -> list[Any]:
    """The blocks of code of the guide in one language, each under its page's name."""
    fence = re.compile(rf"^( *)```{language}\n(.*?)^\1```$", re.M | re.S)
    return [
        pytest.param(re.sub(rf"^{match[1]}", "", match[2], flags=re.M), id=f"{name}-{number}")
        for name, text in GUIDE.items()
        for number, match in enumerate(fence.finditer(text))
    ]


def made(tmp_path: Path, body: str, *, head: str = "") -> Rule:
    """A rule of a page with this text after its title."""
    folder = tmp_path / "requirements"
    folder.mkdir()
    path = folder / "MW103-constraint-missing.md"
    path.write_text(
        f"---\nseverity: error\nconfidence: high\nfix: safe\nsince: 0.1.0\ntags: [install]\n{head}---\n"
        f"# MW103 constraint-missing: No line\n\n{body}\n"
    )
    return rulebook.read_page(path)


class TestPagesOfRules:
    @pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
    def test_have_facts_text_and_sources(self, rule: Rule) -> None:
        page = PAGES[f"rules/{rule.family}/{rule.path.name}"]
        assert page.startswith(f"# {rule.code} {rule.name}")
        assert f"**{rule.severity}** | {rule.confidence} |" in page
        assert "## Why it matters on MWAA" in page
        assert "expect:" not in re.sub(r"^    .*$", "", page, flags=re.M)
        assert rule.references or rule.family == "tool", "a page of a rule has its sources"
        sources = page.rpartition("\n## Sources\n")[2]
        assert all(f"- <{reference}>" in sources for reference in rule.references)

    @pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
    def test_lead_to_the_page_that_sarif_names_and_it_is_there(self, rule: Rule) -> None:
        described: Any = rule_object(rulebook.shipped(), finding(Location("x"), code=rule.code))
        assert described["helpUri"] == page_address(rule)
        assert f"({described['helpUri']})" in PAGES[docs_rules.address(rule)]
        assert (ROOT / described["helpUri"].partition("/blob/main/")[2]).is_file()

    def test_name_the_files_of_examples_and_mark_what_is_found(self, tmp_path: Path) -> None:
        rule = made(
            tmp_path,
            '```text file=requirements.txt allow=MW109\nsix==1  # expect: MW103 "words"\n```\n'
            "```text before=requirements.txt\nsix==0\n```\n```diff\n-six\n```",
        )
        assert (
            '```text title="requirements.txt"\nsix==1  # ← MW103\n```\n'
            '```text title="requirements.txt before the change"\nsix==0\n```\n```diff\n-six\n```'
        ) in docs_rules.page(rule, "")

    def test_link_other_rules_in_prose_and_only_there(self, tmp_path: Path) -> None:
        prose = "See MW101 and MW103, `MW101`, [a page of MW101](x.md), MW999.\n\n### MW101\n\n```text\nMW101\n```"
        page = docs_rules.page(made(tmp_path, prose), "")
        shown = prose.replace("See MW101", "See [MW101](../requirements/MW101-pin-conflicts-constraint.md)")
        assert shown in page

    def test_say_which_versions_a_rule_is_for(self, tmp_path: Path) -> None:
        rule = made(tmp_path, "Text.")
        head = "| severity | confidence | family | Airflow | fix | tags | since |\n|---|---|---|---|---|---|---|\n"
        family = "[Requirements](../index.md#requirements)"
        assert (
            f"{head}| **error** | high | {family} | >=2.7.2, <3 | `--fix` | install | 0.1.0 |\n"
        ) in docs_rules.page(rule, ">=2.7.2,<3")
        assert "| all versions |" in docs_rules.page(rule, "")

    def test_show_messages_without_their_templates_marks(self, tmp_path: Path) -> None:
        rule = made(tmp_path, "Text.", head='messages:\n  default: "`{name}` & <b> {{x}}"\n')
        assert (
            "<ul><li><strong>error</strong>: <code><em>name</em></code> &amp; &lt;b&gt; {x}</li></ul>"
        ) in docs_rules.page(rule, "")

    def test_end_with_settings_and_sources(self, tmp_path: Path) -> None:
        head = "options:\n  most: {default: 3, help: how many}\nreferences:\n  - https://example.com/a_b\n"
        rule = made(tmp_path, "Text.", head=head)
        assert appendix(rule) == (
            "## Settings\n\n- `most` (default `3`): how many\n\n## Sources\n\n- <https://example.com/a_b>"
        )
        assert rule.options == {"most": Option(3, "how many")}


class TestIndex:
    def test_lists_every_rule_once_by_family(self) -> None:
        index = PAGES["rules/index.md"]
        listed = re.findall(r"^\| \[(MW\d{3})\]\(([^)]+)\)", index, re.M)
        assert [code for code, _ in listed] == sorted(
            (rule.code for rule in RULES), key=lambda code: (code.startswith("MW0"), code)
        )
        assert all(f"rules/{path}" in PAGES for _, path in listed)
        assert re.findall(r"^## (.+)$", index, re.M) == [name for name, _ in docs_rules.families(RULES)]
        assert f"{len(RULES)} rules." in index

    def test_names_families_as_people_do(self) -> None:
        names = [name for name, _ in docs_rules.families(RULES)]
        assert names[0] == "Requirements"
        assert {"DAGs", "dbt", "IAM", "Local runner"} < set(names)
        assert names[-1] == "mwaalint itself"


class TestHooks:
    def test_the_navigation_holds_every_page(self) -> None:
        settings = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
        given: Any = SimpleNamespace(nav=settings["nav"])
        configured: Any = docs_site.on_config(given)
        assert sorted(leaves(configured.nav)) == sorted([*GUIDE, *PAGES])

    def test_blocks_are_filled_and_an_unknown_one_is_an_error(self) -> None:
        assert docs_site.on_page_markdown("a\n<!-- generated: catalogued -->\nb", page=None).startswith("a\n16 Airflow")
        with pytest.raises(KeyError):
            docs_site.on_page_markdown("<!-- generated: nothing -->")

    def test_every_block_is_used_and_every_used_one_is_there(self) -> None:
        assert {name for text in GUIDE.values() for name in BLOCKS.findall(text)} == set(docs_blocks.BLOCKS)


def leaves(nav: object) -> list[str]:
    if isinstance(nav, str):
        return [nav]
    parts = nav.values() if isinstance(nav, dict) else nav
    assert not isinstance(parts, int)
    return [leaf for part in parts for leaf in leaves(part)]  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", [*GUIDE, *PAGES])
def test_links_within_the_site_lead_somewhere(name: str) -> None:
    text = {**GUIDE, **PAGES}[name]
    links = re.findall(r"\]\((?!https?:)([^)#\s]+)", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))
    assert [link for link in links if normpath(f"{dirname(name)}/{link}").lstrip("/") not in {**GUIDE, **PAGES}] == []


class TestSettings:
    def keys(self, heading: str) -> list[str]:
        """The keys of the first table below a heading of the page on settings."""
        section = GUIDE["guide/settings.md"].partition(f"{heading}\n")[2]
        found = re.search(r"^\| key \|.*\n(?:\|.*\n)+", section, re.M)
        assert found
        return re.findall(r"^\| `([\w-]+)` \|", found[0], re.M)

    def test_every_one_is_on_the_page(self) -> None:
        names = {"environments": "environment", "rule_options": "rules"}
        internal = {"base", "inline_ignores"}
        known = [names.get(one.name, one.name) for one in fields(config.Config) if one.name not in internal]
        assert sorted(self.keys("# Settings")) == sorted([*(key.replace("_", "-") for key in known), "profile"])

    def test_every_one_of_an_environment_is_on_the_page(self) -> None:
        known = [one.name.replace("_", "-") for one in fields(config.StatedEnvironment)]
        assert self.keys("## Environments") == known

    def test_the_defaults_are_these(self) -> None:
        page, plain = GUIDE["guide/settings.md"], config.Config()
        assert f'| `fail-on` | `"{plain.fail_on}"` |' in page
        assert f"| `baseline` | `{config.BASELINE}` |" in page
        assert f"| `require-reason` | `{str(plain.require_reason).lower()}` |" in page

    @pytest.mark.parametrize("text", fences("toml"))
    def test_the_examples_can_be_used(self, text: str) -> None:
        table = tomllib.loads(text)["tool"]["mwaalint"]
        assert config.parse(table, "docs", rulebook.shipped()) != config.Config()

    def test_the_example_shows_every_key(self) -> None:
        shown: dict[str, Any] = {}
        for fence in fences("toml"):
            shown |= tomllib.loads(str(fence.values[0]))["tool"]["mwaalint"]
        assert sorted(shown) == sorted(self.keys("# Settings"))


class TestCommands:
    def test_each_command_and_option_is_listed(self) -> None:
        listed = docs_blocks.commands()
        for name, command in app.commands.items():
            section = listed.partition(f"### {name}\n")[2].partition("\n### ")[0]
            assert f"mwaalint {name} " in section
            for parameter in command.params:
                assert all(
                    option in section for option in (*parameter.opts, *parameter.secondary_opts) if "-" in option
                )

    def test_help_reads_as_text(self) -> None:
        listed = docs_blocks.commands()
        assert "\b" not in listed
        assert "| `--format NAME[=FILE]` | text, json, sarif" in listed
        assert "| `--color / --no-color` | Color the text." in listed
        assert "```text\nbash:  eval" in listed

    def test_those_the_guide_names_exist(self) -> None:
        text = "\n".join(GUIDE.values())
        named = set(re.findall(r"(?:^|[`(])mwaalint ([a-z]+)", text, re.M))
        assert {"check", "baseline", "audit", "explain", "init", "completion"} <= named <= set(app.commands)
        helps = "".join(CliRunner().invoke(app, [command, "--help"]).output for command in app.commands)
        options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))
        assert options - set(re.findall(r"--[a-z-]+", helps)) == set()

    def test_completion_and_statistics_are_explained(self) -> None:
        page = GUIDE["guide/commands.md"]
        shells = re.findall(r"mwaalint completion (\w+)", page)
        assert sorted(shells) == ["bash", "fish", "zsh"]
        assert "mwaalint check --statistics" in page

    def test_every_format_is_in_the_table(self) -> None:
        table = GUIDE["guide/ci.md"].partition("| format | for |")[2]
        assert sorted(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`[^|]+) \|", table, re.M)))) == list(
            report.FORMATS
        )


class TestContinuousIntegration:
    @pytest.mark.parametrize("text", [fence for fence in fences("yaml") if "--8<--" not in str(fence.values[0])])
    def test_its_yaml_is_valid(self, text: str) -> None:
        assert yaml.safe_load(text)

    def test_the_inputs_are_those_of_the_action(self) -> None:
        table = GUIDE["guide/ci.md"].partition("| input |")[2].partition("\n\n")[0]
        action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
        assert re.findall(r"^\| `([\w-]+)`", table, re.M) == list(action["inputs"])

    def test_the_version_is_the_one_that_is_released(self) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        assert set(re.findall(r"mwaalint@v([\d.]+)|rev: v([\d.]+)", "".join(GUIDE.values()))) == {
            (project["version"], ""),
            ("", project["version"]),
        }


class TestFacts:
    def test_profiles_are_all_listed(self) -> None:
        listed = docs_blocks.profile_table()
        assert all(f"| `{name}` | {profiles.about(name)} |" in listed for name in profiles.names())

    def test_settings_of_rules_are_all_listed(self) -> None:
        listed = docs_blocks.rule_options()
        assert "| `[tool.mwaalint.rules.MW122]` requirements-too-heavy | `megabytes` | `300` |" in listed
        assert listed.count("\n") == 1 + sum(len(rule.options) for rule in RULES)

    def test_versions_are_all_listed_the_newest_first(self) -> None:
        listed = re.findall(r"^\| (\d[\d.]+) \|", docs_blocks.releases(), re.M)
        assert listed == list(load_catalog().releases)[::-1]
        assert docs_blocks.releases().count("](https://") == len(listed)

    def test_each_file_of_the_catalogue_has_a_day_and_sources(self) -> None:
        rows = docs_blocks.collections().splitlines()[2:]
        files = {*docs_blocks.DATA.glob("*.json"), *docs_blocks.DATA.glob("tables/*.json")}
        assert len(rows) == len(files)
        assert all(re.fullmatch(r"\| `[\w./-]+\.json` \| \d{4}-\d\d-\d\d \| .+ \|", row) for row in rows)

    def test_many_sources_are_counted(self) -> None:
        document = {
            "rows": [{"source": [f"https://a/{number}", "https://a/0 (x)"]} for number in range(9)],
            "list": [1],
        }
        shown = docs_blocks._sources(document)
        assert shown.startswith("[1](https://a/0), [2](https://a/0), [3](https://a/1)")
        assert shown.endswith("[8](https://a/6) and 2 more")
        assert docs_blocks._sources({"source": "the wheels themselves"}) == "the wheels themselves"

    def test_cells_cannot_break_a_table(self) -> None:
        assert docs_blocks.table(("a", "b"), [("x|y `[p|q]`", "1\n2")]) == (
            "| a | b |\n| --- | --- |\n| x\\|y `[p|q]` | 1 2 |"
        )
