"""The rows of the catalogue's files, each function from the facts to one document."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tools.catalog_facts import Facts, FactsError, Node, version_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PRICES = (
    "environment_per_hour",
    "additional_worker_per_hour",
    "additional_scheduler_per_hour",
    "additional_webserver_per_hour",
)
_FORCED = re.compile(r"(?P<name>[a-z_]+\.[a-z_]+)(?:=(?P<value>\S+))?(?: \((?P<note>.*)\))?")


def releases(facts: Facts) -> dict[str, Any]:
    document = facts.read("versions")
    supported = document["supported_versions"]
    ended = document["end_of_support_versions"].covered_by(document.value, "end_of_support_")
    rows: dict[str, Any] = {}
    for node in (*supported.entries(), *ended.entries()):
        airflow = node["airflow"].version()
        if airflow in rows:
            raise FactsError(f"{node.name} repeats Airflow {airflow}")
        rows[airflow] = _release(node)
    latest = document["latest_default_version"]
    if latest["value"].text() not in rows:
        raise latest["value"].wrong("must be one of the versions")
    return {"releases": rows, "latest": {"value": latest["value"].text(), **latest.provenance()}}


def _release(node: Node) -> dict[str, Any]:
    ends = node["end_of_support"]
    conflict = node.get("mwaa_release_conflict")
    return {
        "python": node["python"].version(),
        "mwaa_release": node["mwaa_release"].day(),
        "upstream_release": node["upstream_release"].day(),
        "end_of_support": None if ends.value is None else ends.day(),
        "creatable": node["creatable"].flag(),
        "os": node["os"].text(),
        "constraints_url": node["constraints_url"].text(),
        "source": node.provenance()["source"][0],
        "confidence": node.provenance()["confidence"],
        **({"mwaa_release_conflict": conflict.text()} if conflict else {}),
    }


def classes(facts: Facts) -> dict[str, Any]:
    table = facts.read("environment_classes")["classes"]
    ordered = sorted(table.items(), key=lambda item: item[1]["dag_capacity"].integer())
    rows = {name: {"rank": rank, **_class(node)} for rank, (name, node) in enumerate(ordered)}
    return {"classes": rows, **table.provenance()}


def _class(node: Node) -> dict[str, Any]:
    worker = node.get("worker") or node["worker_and_scheduler_shared"]
    autoscaling = node.get("autoscaling")
    return {
        "dag_capacity": node["dag_capacity"].integer(),
        "tasks_per_worker": node["default_concurrent_tasks_per_worker"].integer(),
        "worker_autoscale_default": node["worker_autoscale_default"].text(),
        "worker_ram_gb": worker["ram_gb"].number(),
        "worker_vcpu": worker["vcpu"].number(),
        "autoscaling": autoscaling.flag() if autoscaling else True,
        "parsing_processes_max": _optional_integer(node, "parsing_processes_max"),
        "triggerer_default_capacity": _optional_integer(node, "triggerer_default_capacity"),
    }


def prices(facts: Facts) -> dict[str, Any]:
    document = facts.read("environment_classes")
    names = list(document["classes"].mapping())
    pricing = document["pricing"]
    regions = {key: _region(node, names, facts) for key, node in pricing.items() if _is_region(node)}
    return {
        "regions": regions,
        "currency": pricing["currency"].text(),
        "monthly_hours": pricing["monthly_hours"].integer(),
    }


def _is_region(node: Node) -> bool:
    return isinstance(node.value, dict) and PRICES[0] in node.value


def _region(node: Node, names: list[str], facts: Facts) -> dict[str, Any]:
    """A class is catalogued where the region's table names it, its price known or not."""
    tables = {kind: node[kind] for kind in PRICES}
    listed = [name for name in names if name in tables[PRICES[0]].mapping()]
    rows = {name: {kind: _price(table, name) for kind, table in tables.items()} for name in listed}
    webserver = node.get("webserver_confidence")
    doubt = {"webserver_confidence": webserver.text()} if webserver else {}
    return {"classes": rows, "date": facts.date(), **node.provenance(), **doubt}


def _price(table: Node, name: str) -> float | None:
    price = table.get(name)
    return price.number() if price else None


def pins(facts: Facts, known: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    found = facts.pins()
    for airflow in sorted(known.keys() ^ found.keys()):
        raise FactsError(
            f"pins/{airflow}.json {'is missing' if airflow in known else 'is for no version of versions.yaml'}"
        )
    for airflow, node in found.items():
        if (node["airflow"].text(), node["python"].text()) != (airflow, known[airflow]):
            raise FactsError(f"{node.where}airflow and python must be {airflow} and {known[airflow]}")
    return {f"pins/{airflow}.json": _pins(node) for airflow, node in found.items()}


def _pins(node: Node) -> dict[str, Any]:
    essential = _packages(node["essential"])
    stated = node.get("essential_known")
    known = stated.flag() if stated else bool(essential)
    if known is not bool(essential):
        raise FactsError(f"{node.where}essential_known contradicts essential, which has {len(essential)} packages")
    full, derived = node["python_full"], node.get("preinstalled_derived")
    return {
        "airflow": node["airflow"].version(),
        "python": node["python"].version(),
        "python_full": None if full.value is None else full.version(),
        "constraints": _packages(node["constraints"]),
        "essential": essential,
        "essential_known": known,
        "preinstalled": _packages(node["preinstalled"]),
        "preinstalled_complete": node["preinstalled_complete"].flag(),
        "preinstalled_derived": _packages(derived) if derived else {},
        "notes": node["notes"].texts(),
        "source": node["sources"].texts(),
        "confidence": "high" if known else "medium",
    }


def _packages(node: Node) -> dict[str, str]:
    rows: dict[str, str] = {}
    for name, version in node.items():
        normal = re.sub(r"[-_.]+", "-", name).lower()
        if normal in rows:
            raise FactsError(f"{version.name} repeats {normal}")
        rows[normal] = version.text()
    return rows


def options(facts: Facts) -> dict[str, Any]:
    runtime = facts.read("runtime")
    forced = runtime["config_forced_by_mwaa"]
    changed = runtime["config_defaults_changed_by_mwaa"]
    rows = _forced(forced, facts.images())
    ignored = replace(forced, source=tuple(source for source in forced.source if source.startswith("http")))
    tables = {
        "forced": {"rows": rows["forced"], **forced.provenance()},
        "merged": {"rows": rows["merged"], **forced.provenance()},
        "ignored": {
            "rows": {name: [{"from": None}] for name in forced["ignored_per_docs"].texts()},
            **ignored.provenance(),
        },
        "defaults": {"rows": _defaults(changed, facts.images()), **changed.provenance()},
    }
    metrics = forced["metrics_all_images"]
    handed = re.search(r"user's ([a-z_ /]+) are handed", metrics.text())
    if handed is None:
        raise metrics.wrong("must say which of the user's options are handed on")
    section = {"versions": facts.images(), "handed_on": handed[1].split(" / "), "note": metrics.text()}
    documented = {name: node.value for name, node in changed["documented_defaults"].items()}
    specific = runtime["mwaa_specific_options"]
    return {
        "tables": tables,
        "forced_sections": {"metrics": {**section, **metrics.provenance()}},
        "documented_defaults": {"rows": documented, **changed.provenance()},
        "mwaa_options": {"rows": {n: v.value for n, v in specific.items() if "." in n}, **specific.provenance()},
    }


def _forced(forced: Node, images: list[str]) -> dict[str, dict[str, Any]]:
    """Rows by kind; an option MWAA merges with the user's value is told by its note."""
    rows: dict[str, dict[str, Any]] = {"forced": {}, "merged": {}}
    for key, group in forced.items():
        versions = _versions(key, images)
        if not versions or not isinstance(group.value, list):
            continue
        for node in group.entries():
            match = _FORCED.fullmatch(node.text())
            if match is None:
                raise node.wrong("must be section.option[=value] [(note)]")
            kind = "merged" if (match["note"] or "").startswith("merged") else "forced"
            row = {"versions": versions, "value": match["value"], "note": match["note"]}
            rows[kind].setdefault(match["name"], []).append(row)
    return rows


def _defaults(changed: Node, images: list[str]) -> dict[str, Any]:
    rows: dict[str, Any] = {}
    for key, group in changed.items():
        versions = _versions(key, images)
        for name, node in group.items() if versions else ():
            stated: dict[str, Any] = node.value if isinstance(node.value, dict) else {"mwaa": node.text()}
            alike = re.fullmatch(r"same pattern as (\S+)", str(stated.get("mwaa")))
            value = changed.at(("all_images", alike[1], "mwaa")).text() if alike else str(stated.get("mwaa"))
            row = {
                "versions": versions,
                "value": value,
                "upstream": stated.get("upstream"),
                "note": stated.get("effect"),
            }
            rows.setdefault(name, []).append(row)
    return rows


def _versions(key: str, images: list[str]) -> list[str]:
    """The images a key speaks of (all_images, 3.0.6_and_later, "v2_only (2.9.2-2.11.2)", v3.2.1_3.3.1), else none."""
    named = re.findall(r"\d+\.\d+\.\d+", key)
    if key == "all_images":
        return images
    if named and key.endswith(("_and_later", "+")):
        return [version for version in images if version_key(version) >= version_key(named[0])]
    if len(named) == 2 and f"{named[0]}-{named[1]}" in key:
        return [version for version in images if version_key(named[0]) <= version_key(version) <= version_key(named[1])]
    return named


def protected(facts: Facts) -> dict[str, Any]:
    runtime = facts.read("runtime")
    node, first = runtime["protected_environment"], facts.images()[0]
    names: dict[str, Any] = {name: {"from": first} for name in node["code_list_all_images"].texts()}
    for since, added in node["added_in"].items():
        names |= {name: {"from": since.removesuffix("+")} for name in added.texts()}
    for entry in runtime["config_forced_by_mwaa"]["environ_essential"].texts():
        names.setdefault(entry.partition("=")[0], {"from": first})
    listed = node["docs_reserved_list"].covered_by(node.value, "docs_list_")
    code = {"variables": names, "known_from": first, "prefixes": [node["plus_prefix"].text()], **node.provenance()}
    docs = {"variables": dict(map(_documented, listed.texts())), **listed.provenance()}
    return {"code": code, "docs": docs, "conflict": node["conflict"].text()}


def _documented(entry: str) -> tuple[str, dict[str, str | None]]:
    """A variable of the documented list, perhaps with the version it holds from: ``PYTHONPATH (2.9+ only)``."""
    name, _, condition = entry.partition(" ")
    since = re.search(r"\((\d+\.\d+)\+ only\)", condition)
    return name, {"from": since[1] if since else None}


def api(facts: Facts) -> dict[str, Any]:
    document = facts.read("api")
    fields = {name: _field(node) for name, node in document["fields"].items()}
    for name, node in document.at(("nested", "NetworkConfiguration")).items():
        fields[f"NetworkConfiguration.{name}"] = _nested(name, node)
    return {"fields": fields, **document["fields"].provenance()}


def _field(node: Node) -> dict[str, Any]:
    boto3 = node["boto3"].text()
    optional = {key: node.value.get(key) for key in ("min", "max", "pattern", "pattern_cfn", "default")}
    return {
        **optional,
        "cloudformation": node["cloudformation"].value,
        "terraform": node["terraform"].value,
        "boto3": boto3.partition(" ")[0],
        "type": node["type"].text(),
        "on_create": "UpdateEnvironment only" not in boto3,
        "required_api": node["required_api"].flag(),
        "required_cfn": node["required_cfn"].flag(),
        "enum": node["enum"].texts() if node.get("enum") else [],
        "updatable": node.value.get("updatable_api"),
        "note": node["note"].text(),
    }


def _nested(name: str, node: Node) -> dict[str, Any]:
    limits, rule = node["api"], node.get("rule")
    return {
        **{key: limits[key].value for key in ("min", "max", "pattern")},
        **dict.fromkeys(("pattern_cfn", "default", "updatable")),
        "cloudformation": f"NetworkConfiguration.{name}",
        "terraform": node["terraform"].text().partition(" ")[0],
        "boto3": f"NetworkConfiguration.{name}",
        "type": "list",
        "on_create": True,
        "required_api": False,
        "required_cfn": False,
        "enum": [],
        "note": rule.text() if rule else "",
    }


def constants(facts: Facts, plan: Node) -> dict[str, Any]:
    """facts.json: the sections the plan names, flattened to dotted names, and what the plan adds.

    ``from`` is a fact's key in ``sources``: its section's, or its own where it states another source.
    """
    rows: dict[str, Any] = {}
    sources: dict[str, Any] = {}
    skipped = set(plan["skip_keys"].texts())
    for name, path in plan["facts"].items():
        section = _section(facts, path)
        for leaf, node in _leaves(name, section, skipped):
            key = name if (node.source, node.confidence) == (section.source, section.confidence) else leaf
            sources[key] = node.provenance()
            _put(rows, leaf, node, {"value": node.value, "from": key})
    for name, node in plan["added"].items():
        _check_evidence(facts, node)
        sources[name] = node.provenance()
        _put(rows, name, node, {"value": node["value"].value, "from": name})
    noted = [_disagreement(node) for node in plan["disagreements"].entries()]
    return {"facts": rows, "sources": sources, "disagreements": noted}


def _section(facts: Facts, entry: Node) -> Node:
    """The facts at a path, which stands alone or as ``path`` beside a source that the facts do not state."""
    stated = entry.value if isinstance(entry.value, dict) else {}
    file, *keys = (entry["path"] if stated else entry).texts()
    return facts.read(file).at(keys).covered_by(stated)


def _put(rows: dict[str, Any], name: str, node: Node, row: dict[str, Any]) -> None:
    if name in rows:
        raise FactsError(f"{node.name} repeats the name {name}")
    rows[name] = row


def _leaves(name: str, node: Node, skipped: set[str]) -> Iterator[tuple[str, Node]]:
    if not isinstance(node.value, dict):
        yield name, node
        return
    for key, child in node.items():
        if key not in skipped and not key.endswith(("_source", "_confidence")):
            yield from _leaves(f"{name}.{key}", child, skipped)


def _check_evidence(facts: Facts, node: Node) -> None:
    """An added fact that restates a sentence of the facts must still be found in it."""
    evidence = node.get("evidence")
    if evidence is None:
        return
    file, *keys = evidence.texts()
    stated, needle = facts.read(file).at(keys), node["contains"].text()
    if needle not in str(stated.value):
        raise stated.wrong(f"must contain {needle!r}, on which {node.name} rests")


def _disagreement(node: Node) -> dict[str, str]:
    return {key: node[key].text() for key in ("rule", "assumed", "fact")}


def _optional_integer(node: Node, key: str) -> int | None:
    child = node.get(key)
    return child.integer() if child else None
