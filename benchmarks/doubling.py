"""Shows that environments are read in time proportional to the size of what declares them: each project is twice as
large as the one before, in one run, and the last column should stay near 1.

    python benchmarks/doubling.py
    python benchmarks/doubling.py --rounds 3
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import process_time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

FILES = (25, 50, 100, 200, 400)
RESOURCES = (625, 1_250, 2_500, 5_000, 10_000)

ROOT = """\
variable "stage" {
  type = string
}

locals {
  names = { for name in ["a", "b"] : name => upper(name) }
  tags  = { Stage = var.stage, Team = "data" }
}
"""
CALL = """\
module "part_{number}" {{
  source   = "./parts/part_{number}"
  name     = "part-{number}-${{var.stage}}"
  before   = {before}
  size     = var.stage == "prod" ? "mw1.large" : "mw1.small"
  workers  = {{ min = 1, max = {workers} }}
  tags     = merge(local.tags, {{ Part = "{number}" }})
}}
"""
MAIN = """\
resource "aws_mwaa_environment" "this" {
  count                 = var.workers.max > 0 ? 1 : 0
  name                  = local.name
  airflow_version       = "2.10.3"
  environment_class     = var.size
  min_workers           = var.workers.min
  max_workers           = var.workers.max
  dag_s3_path           = "dags"
  requirements_s3_path  = aws_s3_object.requirements.key
  execution_role_arn    = aws_iam_role.this.arn
  source_bucket_arn     = aws_s3_bucket.this.arn
  webserver_access_mode = "PRIVATE_ONLY"
  tags                  = var.tags

  airflow_configuration_options = merge({ "core.parallelism" = 40 }, var.options)

  network_configuration {
    subnet_ids         = aws_subnet.this[*].id
    security_group_ids = [aws_security_group.this.id]
  }
}

resource "aws_s3_object" "requirements" {
  bucket = aws_s3_bucket.this.id
  key    = "requirements.txt"
  source = "${path.module}/requirements.txt"
}
"""
VARIABLES = """\
variable "name" { type = string }
variable "before" { type = string }
variable "size" { default = "mw1.small" }
variable "tags" { type = map(string) }
variable "options" {
  type    = map(string)
  default = {}
}
variable "workers" {
  type = object({ min = number, max = optional(number, 10) })
}
"""
OTHERS = """\
locals {
  name   = lower("${var.name}-after-${length(var.before)}")
  bucket = "${local.name}-bucket"
}

resource "aws_s3_bucket" "this" {
  bucket = local.bucket
}

resource "aws_security_group" "this" {
  name = local.name
}

resource "aws_subnet" "this" {
  count      = 2
  cidr_block = cidrsubnet("10.0.0.0/16", 8, count.index)
}

resource "aws_iam_role" "this" {
  name               = local.name
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}
"""
OUTPUTS = """\
output "name" {
  value = local.bucket
}
"""


def main() -> int:
    """Measures each series and prints it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="how often each project is read (the median counts)")
    options = parser.parse_args()
    series: tuple[tuple[str, str, tuple[int, ...], Callable[[Path, int], None]], ...] = (
        ("Terraform, modules that hang together", "files", FILES, terraform),
        ("Terraform, one module of many files", "files", FILES, flat),
        ("Terraform, root modules with tfvars for two stages", "files", FILES, roots),
        ("Terragrunt, units of one module", "files", FILES, terragrunt),
        ("CloudFormation in JSON", "resources", RESOURCES, cloudformation),
        ("terraform show -json", "resources", RESOURCES, plan),
    )
    for title, unit, sizes, make in series:
        show(title, unit, sizes, make, options.rounds)
    return 0


def show(title: str, unit: str, sizes: tuple[int, ...], make: Callable[[Path, int], None], rounds: int) -> None:
    """Prints the times of one series; the projects take turns, so drift hits all alike."""
    times: dict[int, list[float]] = {size: [] for size in sizes}
    found: dict[int, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            make(Path(folder, str(size)), size)
        reading(Path(folder, str(sizes[0])))  # what is imported and compiled only once counts for none of them
        for _ in range(rounds):
            for size in sizes:
                seconds, found[size] = reading(Path(folder, str(size)))
                times[size].append(seconds)
    first = median(times[sizes[0]]) / sizes[0]
    print(f"\n{title} (median of {rounds})")
    for size in sizes:
        taken = median(times[size])
        share = taken / size / first
        print(f"  {size:>6} {unit:<9} {found[size]:>5} environments {taken:8.3f} s   {share:5.2f} × a {unit[:-1]}")


def reading(root: Path) -> tuple[float, int]:
    """How long the processor takes to read what a project declares, and how many environments that is."""
    from mwaalint.discover import discover
    from mwaalint.model.declared import declarations

    project = discover(root)
    gc.collect()
    started = process_time()
    declared = declarations(project)
    taken = process_time() - started
    assert not declared.problems, declared.problems
    return taken, len(declared.environments)


def write(root: Path, path: str, text: str) -> None:
    """Writes a file with its folders."""
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")


def part(root: Path, folder: str) -> None:
    """The four files of a module with an environment."""
    for name, text in (("main", MAIN), ("variables", VARIABLES), ("others", OTHERS), ("outputs", OUTPUTS)):
        write(root, f"{folder}/{name}.tf", text)


def terraform(root: Path, files: int) -> None:
    """A root that calls modules, each with an output of the one before."""
    write(root, "main.tf", ROOT)
    for number in range(files // 5):
        before = f"module.part_{number - 1}.name" if number else '"nothing"'
        write(root, f"part_{number}.tf", CALL.format(number=number, before=before, workers=number + 1))
        part(root, f"parts/part_{number}")


def flat(root: Path, files: int) -> None:
    """One folder whose files all declare a variable, a local value and an environment that need each other."""
    for number in range(files):
        write(
            root,
            f"part_{number}.tf",
            f'variable "v{number}" {{\n  default = {number}\n}}\n'
            f"locals {{\n  l{number} = var.v{number} + var.v{max(number - 1, 0)}\n}}\n"
            f'resource "aws_mwaa_environment" "e{number}" {{\n  name        = "e-${{local.l{number}}}"\n'
            f'  max_workers = local.l{number // 2}\n  tags        = {{ all = "${{aws_x.x{number}.arn}}" }}\n}}\n'
            f'resource "aws_x" "x{number}" {{\n  arn = aws_x.x{number // 2}.name\n  name = "x"\n}}\n',
        )


def roots(root: Path, files: int) -> None:
    """Root modules that share one module, each with two variants."""
    part(root, "parts/part_0")
    for number in range(files // 5):
        folder = f"live/root_{number}"
        call = CALL.format(number=0, before='"nothing"', workers=number + 1)
        write(root, f"{folder}/main.tf", ROOT + call.replace("./parts", "../../parts"))
        for stage in ("dev", "prod"):
            write(root, f"{folder}/{stage}.tfvars", f'stage = "{stage}"\n')


def terragrunt(root: Path, files: int) -> None:
    """Units that include a root configuration and read the file of their stage."""
    part(root, "modules/mwaa")
    write(root, "live/root.hcl", 'locals {\n  stage = read_terragrunt_config(find_in_parent_folders("stage.hcl"))\n}\n')
    for number in range(files // 2):
        folder = f"live/stage_{number}"
        write(root, f"{folder}/stage.hcl", f'locals {{\n  name = "stage-{number}"\n}}\n')
        write(
            root,
            f"{folder}/mwaa/terragrunt.hcl",
            'include "root" {\n  path   = find_in_parent_folders("root.hcl")\n  expose = true\n}\n'
            'terraform {\n  source = "../../../modules/mwaa"\n}\n'
            "inputs = {\n  name    = include.root.locals.stage.locals.name\n"
            "  before  = basename(get_terragrunt_dir())\n"
            "  tags    = {}\n  workers = { min = 1 }\n}\n",
        )


def cloudformation(root: Path, resources: int) -> None:
    """A template with an environment, and with buckets and log groups around it."""
    found: dict[str, object] = {"Mwaa": {"Type": "AWS::MWAA::Environment", "Properties": {"Name": {"Ref": "Stage"}}}}
    for number in range(1, resources):
        kind, name = (("AWS::S3::Bucket", "BucketName"), ("AWS::Logs::LogGroup", "LogGroupName"))[number % 2]
        found[f"R{number}"] = {"Type": kind, "Properties": {name: {"Fn::Sub": f"r{number}-${{Stage}}"}}}
    parameters = {"Stage": {"Type": "String", "Default": "dev"}}
    write(root, "template.json", json.dumps({"Parameters": parameters, "Resources": found}))


def plan(root: Path, resources: int) -> None:
    """A plan with an environment a hundred resources."""
    found = []
    for number in range(resources):
        kind = "aws_s3_bucket" if number % 100 else "aws_mwaa_environment"
        values = {"name": f"r{number}", "tags": None, "environment_class": "mw1.small"}
        found.append({"address": f"{kind}.r{number}", "mode": "managed", "type": kind, "name": "r", "values": values})
    planned = {"format_version": "1.2", "planned_values": {"root_module": {"resources": found}}}
    write(root, "plan.json", json.dumps(planned, separators=(",", ":")))


if __name__ == "__main__":
    sys.exit(main())
