"""Which requirements file MWAA installs, decided by evidence; and what versions a deployment runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mwaalint.config import Config, StatedEnvironment
from mwaalint.findings import Confidence
from tests.deployments import CONSTRAINT, ENVIRONMENT, check, write_all

if TYPE_CHECKING:
    from pathlib import Path

    from mwaalint.model.deployment import Deployment

DAG = "from airflow import DAG\nwith DAG('etl') as dag:\n    pass\n"
PATH_ONLY = """\
resource "aws_mwaa_environment" "etl" {
  name                           = "etl"
  airflow_version                = "2.10.3"
  dag_s3_path                    = "dags"
  requirements_s3_path           = "requirements.txt"
  requirements_s3_object_version = var.version_of_requirements
}
"""
SCRIPT = {"deploy.sh": "# to MWAA\naws s3 cp requirements.txt s3://bucket/requirements.txt\n"}
WITHOUT_REQUIREMENTS = PATH_ONLY.replace('  requirements_s3_path           = "requirements.txt"\n', "")


def deployments(root: Path, files: dict[str, str], config: Config | None = None) -> tuple[Deployment, ...]:
    return check(write_all(root, files), config).deployments


def linked(root: Path, files: dict[str, str], config: Config | None = None) -> list[str | None]:
    return [d.requirements.file.path if d.requirements else None for d in deployments(root, files, config)]


def test_the_upload_of_the_environments_key_is_the_strongest_evidence(tmp_path: Path) -> None:
    files = {
        "main.tf": ENVIRONMENT.replace("/requirements.txt", "/mwaa/packages.txt"),
        "mwaa/packages.txt": "six\n",
        "requirements.txt": "six\n",
    }
    found = deployments(tmp_path, files)
    assert found[0].requirements is not None
    assert found[0].requirements.file.path == "mwaa/packages.txt"
    assert found[0].requirements_evidence is not None
    assert found[0].requirements_evidence.reason == "the environment names requirements.txt, and main.tf uploads it"
    assert found[0].requirements_evidence.confidence is Confidence.HIGH


@pytest.mark.parametrize(
    "command",
    [
        "aws s3 cp airflow/reqs.txt s3://bucket/requirements.txt",
        'aws s3 cp "airflow/reqs.txt" "s3://${BUCKET}/requirements.txt" --profile prod',
        "aws --region eu-west-1 s3 cp \\\n  airflow/reqs.txt \\\n  s3://bucket/requirements.txt",
        'aws s3 cp "$ROOT/airflow/reqs.txt" "s3://$BUCKET/requirements.txt"',
        "FILE=airflow/reqs.txt\naws s3 cp $FILE s3://bucket/requirements.txt",
    ],
)
def test_a_script_that_copies_the_file_is_evidence(tmp_path: Path, command: str) -> None:
    files = {
        "main.tf": PATH_ONLY,
        "deploy.sh": f"#!/bin/bash\n{command}\n",
        "airflow/reqs.txt": "six\n",
        "requirements.txt": "six\n",
    }
    assert linked(tmp_path, files) == ["airflow/reqs.txt"]


def test_a_script_speaks_of_paths_from_its_own_folder_too(tmp_path: Path) -> None:
    files = {
        "main.tf": PATH_ONLY,
        "airflow/deploy.sh": "aws s3 cp requirements/requirements.txt s3://bucket/requirements.txt\n",
        "airflow/requirements/requirements.txt": "six\n",
    }
    assert linked(tmp_path, files) == ["airflow/requirements/requirements.txt"]


def test_a_synced_folder_carries_the_file(tmp_path: Path) -> None:
    files = {
        "main.tf": PATH_ONLY.replace('"requirements.txt"', '"config/requirements.txt"'),
        ".github/workflows/deploy.yml": "steps:\n  - run: aws s3 sync ./mwaa/ s3://bucket/config --delete\n",
        "mwaa/requirements.txt": "six\n",
    }
    assert linked(tmp_path, files) == ["mwaa/requirements.txt"]


@pytest.mark.parametrize(
    "line",
    [
        'echo "aws s3 cp airflow/reqs.txt s3://bucket/requirements.txt"',
        "# aws s3 cp airflow/reqs.txt s3://bucket/requirements.txt",
        "aws s3 cp s3://bucket/requirements.txt airflow/reqs.txt",
        "aws s3 cp airflow/gone.txt s3://bucket/requirements.txt",
        "aws s3 cp 'unclosed s3://bucket/requirements.txt",
    ],
)
def test_a_command_that_uploads_nothing_is_no_evidence(tmp_path: Path, line: str) -> None:
    assert linked(tmp_path, {"main.tf": PATH_ONLY, "deploy.sh": f"{line}\n", "airflow/reqs.txt": "six\n"}) == [None]


def test_an_environment_that_installs_nothing_leaves_the_folders_alone(tmp_path: Path) -> None:
    files = {"main.tf": WITHOUT_REQUIREMENTS, "dags/etl.py": DAG, "requirements.txt": "six\n"}
    assert linked(tmp_path, files) == [None]


def test_where_nothing_shows_the_upload_the_folders_decide(tmp_path: Path) -> None:
    files = {
        "main.tf": PATH_ONLY,
        "airflow/dags/etl.py": DAG,
        "airflow/requirements.txt": "six\n",
        "lambda/requirements.txt": "six\n",
    }
    found = deployments(tmp_path, files)
    assert found[0].requirements is not None
    assert found[0].requirements.file.path == "airflow/requirements.txt"
    assert found[0].requirements_evidence is not None
    assert found[0].requirements_evidence.confidence is Confidence.MEDIUM


def test_two_folders_that_could_be_meant_mean_none(tmp_path: Path) -> None:
    files = {
        "main.tf": PATH_ONLY,
        **{f"{team}/dags/etl.py": DAG for team in ("one", "two")},
        **{f"{team}/requirements.txt": "six\n" for team in ("one", "two")},
    }
    assert linked(tmp_path, files) == [None]


@pytest.mark.parametrize("package", ["aws-cdk-lib==2.100.0", "constructs>=10", "pulumi-aws", "-e ."])
def test_the_requirements_of_the_deploying_program_are_not_mwaas(tmp_path: Path, package: str) -> None:
    files = {"main.tf": PATH_ONLY, "dags/etl.py": DAG, "requirements.txt": f"{package}\n"}
    assert linked(tmp_path, files) == [None]


def test_the_local_runners_layout_is_preferred(tmp_path: Path) -> None:
    files = {
        "README.md": "for MWAA",
        "dags/etl.py": DAG,
        "requirements/requirements.txt": "six\n",
        "requirements.txt": "six\n",
    }
    assert linked(tmp_path, files) == ["requirements/requirements.txt"]


def test_without_a_word_of_mwaa_nothing_is_linked(tmp_path: Path) -> None:
    files = {"README.md": "runs on Kubernetes", "dags/etl.py": DAG, "requirements.txt": "six\n"}
    assert linked(tmp_path, files) == []


@pytest.mark.parametrize(
    ("readme", "about_mwaa"),
    [
        ("96% cheaper than AWS MWAA", False),
        ("Airflow on EC2 vs. Amazon MWAA, instead of `MWAA`, an alternative to MWAA", False),
        ("Runs on MWAA, which costs less than MWAA of two years ago", True),
        ("more than enough for MWAA", True),
    ],
)
def test_a_readme_that_only_compares_with_mwaa_is_no_sign(tmp_path: Path, readme: str, about_mwaa: bool) -> None:
    found = linked(tmp_path, {"README.md": readme, "dags/etl.py": DAG, "requirements.txt": "six\n"})
    assert found == (["requirements.txt"] if about_mwaa else [])


@pytest.mark.parametrize(
    ("image", "mwaas"),
    [
        ("FROM apache/airflow:2.9.1\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\n", False),
        ("FROM docker.io/apache/airflow:2.9.1 AS base\nADD requirements.txt /\n", False),
        ("FROM apache/airflow:2.9.1\nRUN pip install six\n", True),
        ("FROM python:3.11\nCOPY requirements.txt .\n", True),
    ],
)
def test_what_an_image_of_airflow_is_made_with_is_for_that_image(tmp_path: Path, image: str, mwaas: bool) -> None:
    files = {"README.md": "MWAA", "dags/etl.py": DAG, "requirements.txt": "six\n", "Dockerfile": image}
    assert linked(tmp_path / "alone", files) == ["requirements.txt" if mwaas else None]
    assert linked(tmp_path / "mwaa", {**files, "main.tf": PATH_ONLY}) == ["requirements.txt"]
    elsewhere = {**files, "requirements/requirements.txt": "attrs\n"}
    assert linked(tmp_path / "elsewhere", elsewhere) == ["requirements/requirements.txt"]


def test_a_project_for_astronomers_image_is_not_mwaas(tmp_path: Path) -> None:
    image = "FROM quay.io/astronomer/astro-runtime:12.1.0\n"
    files = {"README.md": "MWAA comes later", "dags/etl.py": DAG, "requirements.txt": "six\n", "Dockerfile": image}
    assert linked(tmp_path, files) == []
    assert linked(tmp_path / "own", {**files, "Dockerfile": "FROM amazonlinux:2023\n"}) == ["requirements.txt"]
    assert linked(tmp_path / "mwaa", {**files, "main.tf": PATH_ONLY}) == ["requirements.txt"]


def test_a_constraints_file_is_not_a_requirements_file(tmp_path: Path) -> None:
    files = {
        "README.md": "MWAA",
        "dags/etl.py": DAG,
        "dags/requirements-constraints.txt": "six==1\n",
        "requirements/dev.txt": "six\n",
    }
    assert linked(tmp_path, files) == [None]


def test_an_environment_in_a_language_not_read_that_installs_nothing_is_respected(tmp_path: Path) -> None:
    files = {
        "mwaa_stack.go": 'awsmwaa.NewCfnEnvironment(stack, "E", &mwaa.CfnEnvironmentProps{DagS3Path: "dags"})',
        "dags/etl.py": DAG,
        "requirements.txt": "six\n",
    }
    assert linked(tmp_path, files) == []


def test_an_environment_in_typescript_that_installs_nothing_is_respected(tmp_path: Path) -> None:
    files = {
        "lib/mwaa-stack.ts": "new mwaa.CfnEnvironment(this, 'E', { dagS3Path: 'dags' })",
        "dags/etl.py": DAG,
        "requirements.txt": "six\n",
    }
    assert linked(tmp_path, files) == [None]


def test_the_settings_go_before_the_layout(tmp_path: Path) -> None:
    files = {"main.tf": PATH_ONLY, "dags/etl.py": DAG, "requirements.txt": "six\n", "other/packages.txt": "six\n"}
    config = Config(environments=(StatedEnvironment("etl", requirements="other/packages.txt"),))
    assert linked(tmp_path, files, config) == ["other/packages.txt"]


def test_the_settings_alone_can_state_a_deployment(tmp_path: Path) -> None:
    config = Config(
        environments=(StatedEnvironment(airflow_version="2.9.2", requirements="packages.txt", dags="flows"),)
    )
    found = deployments(tmp_path, {"packages.txt": "six\n", "flows/etl.py": DAG}, config)
    assert [(d.requirements.file.path if d.requirements else None, d.dags_folder) for d in found] == [
        ("packages.txt", "flows")
    ]
    assert (found[0].target.airflow, found[0].target.source) == ("2.9.2", "stated in the settings")


def test_a_version_stated_of_everything_holds_where_only_the_layout_tells(tmp_path: Path) -> None:
    files = {"README.md": "MWAA", "dags/etl.py": DAG, "requirements.txt": "six\n"}
    config = Config(environments=(StatedEnvironment(airflow_version="2.9.2"),))
    assert [found.target.airflow for found in deployments(tmp_path, files, config)] == ["2.9.2"]


def test_a_stated_file_that_cannot_be_read_makes_no_second_deployment(tmp_path: Path) -> None:
    config = Config(environments=(StatedEnvironment("etl", requirements="packages.txt"),))
    assert linked(tmp_path, {"main.tf": PATH_ONLY, "packages.txt": "\0"}, config) == [None]


def test_the_version_comes_from_the_environment(tmp_path: Path) -> None:
    target = deployments(tmp_path, {"main.tf": ENVIRONMENT, "requirements.txt": "six\n"})[0].target
    assert (target.airflow, target.python, target.source, target.confidence) == (
        "2.10.3",
        "3.11",
        "declared in main.tf",
        Confidence.HIGH,
    )


def test_without_an_environment_the_constraint_line_tells_the_version_with_less_confidence(tmp_path: Path) -> None:
    files = {"README.md": "MWAA", "dags/etl.py": DAG, "requirements.txt": CONSTRAINT}
    target = deployments(tmp_path, files)[0].target
    assert (target.airflow, target.source, target.confidence) == (
        "2.10.3",
        "taken from the constraint line of requirements.txt",
        Confidence.MEDIUM,
    )


def test_two_constraint_lines_tell_nothing(tmp_path: Path) -> None:
    files = {
        "README.md": "MWAA",
        "dags/etl.py": DAG,
        "requirements.txt": CONSTRAINT + CONSTRAINT.replace("2.10.3", "2.9.2"),
    }
    assert deployments(tmp_path, files)[0].target.airflow is None


@pytest.mark.parametrize(
    "line", ["apache-airflow==2.9.2", "apache-airflow[amazon, celery] == 2.9.2  # as MWAA", "Apache_Airflow===2.9.2"]
)
def test_an_exact_airflow_tells_the_version_of_a_file_that_is_certainly_installed(tmp_path: Path, line: str) -> None:
    target = deployments(tmp_path, SCRIPT | {"requirements.txt": f"six\n{line}\n"})[0].target
    assert (target.airflow, target.source, target.confidence) == (
        "2.9.2",
        "taken from the apache-airflow line of requirements.txt",
        Confidence.MEDIUM,
    )


def test_an_exact_airflow_in_a_file_that_only_lies_beside_the_dags_tells_nothing(tmp_path: Path) -> None:
    files = {"README.md": "MWAA", "dags/etl.py": DAG, "requirements.txt": "apache-airflow==2.9.2\n"}
    assert deployments(tmp_path, files)[0].target.airflow is None


@pytest.mark.parametrize(
    "lines",
    [
        "apache-airflow>=2.9.2",
        "apache-airflow==2.9.*",
        "apache-airflow==2.7.1  # never on MWAA",
        "# apache-airflow==2.9.2",
        "apache-airflow-providers-amazon==8.24.0",
        "apache-airflow==2.9.2\napache-airflow==2.10.3",
    ],
)
def test_any_other_line_for_airflow_tells_nothing(tmp_path: Path, lines: str) -> None:
    assert deployments(tmp_path, SCRIPT | {"requirements.txt": f"{lines}\n"})[0].target.airflow is None


def test_the_constraint_line_goes_before_the_airflow_line(tmp_path: Path) -> None:
    files = SCRIPT | {"requirements.txt": f"{CONSTRAINT}apache-airflow==2.9.2\n"}
    assert deployments(tmp_path, files)[0].target.airflow == "2.10.3"


def test_the_dags_folder_is_the_one_that_is_synced(tmp_path: Path) -> None:
    files = {
        "main.tf": PATH_ONLY,
        "deploy.sh": "aws s3 sync src/flows s3://bucket/dags\n",
        "src/flows/etl.py": DAG,
        "dags/old.py": DAG,
    }
    assert deployments(tmp_path, files)[0].dags_folder == "src/flows"


def test_dbt_projects_of_the_dags_folder_belong_to_the_deployment(tmp_path: Path) -> None:
    files = {
        "main.tf": PATH_ONLY,
        "dags/etl.py": DAG,
        "dags/dbt/shop/dbt_project.yml": "name: shop\n",
        "dags/dbt/shop/dbt_packages/dbt_utils/dbt_project.yml": "name: dbt_utils\n",
        "transform/dbt_project.yml": "name: other\n",
    }
    assert [project.folder for project in deployments(tmp_path, files)[0].dbt_projects] == ["dags/dbt/shop"]


@pytest.mark.parametrize(
    ("script", "updated"),
    [
        (
            "aws mwaa update-environment --name x --requirements-s3-object-version $V\n",
            {"requirements_s3_object_version"},
        ),
        (
            "aws mwaa update-environment --name x --startup-script-s3-object-version $V\n",
            {"startup_script_s3_object_version"},
        ),
        ("aws mwaa update-environment --name x --environment-class mw1.small\n", set()),
        ("aws s3api head-object --key requirements.txt\n", set()),
    ],
)
def test_a_step_that_passes_the_object_version_is_remembered(tmp_path: Path, script: str, updated: set[str]) -> None:
    files = {"main.tf": PATH_ONLY, "deploy.sh": script, "requirements.txt": "six\n"}
    assert deployments(tmp_path, files)[0].updated_versions == updated


def test_a_file_uploaded_under_mwaas_key_counts_though_the_environment_does_not_name_it(tmp_path: Path) -> None:
    script = "aws s3 cp airflow/requirements.txt s3://$BUCKET/requirements.txt\n"
    files = {"main.tf": WITHOUT_REQUIREMENTS, "deploy.sh": script, "airflow/requirements.txt": "six\n"}
    found = deployments(tmp_path, files)[0]
    assert found.requirements is not None
    assert found.requirements.file.path == "airflow/requirements.txt"
    assert found.requirements_evidence is not None
    assert found.requirements_evidence.reason == "the repository uploads airflow/requirements.txt as requirements.txt"
    assert found.requirements_evidence.confidence is Confidence.MEDIUM


def test_the_local_runners_file_counts_though_the_environment_does_not_name_it(tmp_path: Path) -> None:
    files = {"main.tf": WITHOUT_REQUIREMENTS, "dags/etl.py": DAG, "requirements/requirements.txt": "six\n"}
    assert linked(tmp_path, files) == ["requirements/requirements.txt"]


def test_values_and_uploads_of_a_cdk_app_come_from_all_of_its_files(tmp_path: Path) -> None:
    files = {
        "cdk.json": '{"app": "python app.py"}',
        "app.py": "import settings\nfrom stacks.airflow import Airflow\nAirflow(version=settings.VERSION)\n",
        "settings.py": "VERSION = '2.10.3'\n",
        "stacks/airflow.py": "from aws_cdk import aws_mwaa as mwaa\n"
        "class Airflow:\n"
        "    def __init__(self, version='2.9.2'):\n"
        "        mwaa.CfnEnvironment(self, 'e', airflow_version=version, requirements_s3_path='requirements.txt')\n",
        "stacks/bucket.py": "from aws_cdk import aws_s3_deployment as s3d\n"
        "s3d.BucketDeployment(self, 'files', sources=[s3d.Source.asset('content')])\n",
        "content/requirements.txt": "six\n",
        "requirements.txt": "aws-cdk-lib\n",
    }
    (found,) = deployments(tmp_path, files)
    assert found.target.airflow == "2.10.3"
    assert found.requirements is not None
    assert found.requirements.file.path == "content/requirements.txt"


def two_apps(first: str, second: str) -> dict[str, str]:
    """Two environments of one repository in folders of their own, each with DAGs and requirements."""
    shared = {"dags/etl.py": DAG, "requirements.txt": "six\n"}
    return {
        "one/main.tf": first,
        "two/main.tf": second.replace('"etl" {', '"other" {'),
        **{f"{app}/{path}": text for app in ("one", "two") for path, text in shared.items()},
    }


def test_an_upload_feeds_the_environment_that_lies_nearest_to_it(tmp_path: Path) -> None:
    upload = """
resource "aws_s3_object" "requirements" {
  bucket = "b"
  key    = "requirements.txt"
  source = "${path.module}/requirements.txt"
}
"""
    assert linked(tmp_path, two_apps(PATH_ONLY + upload, PATH_ONLY)) == ["one/requirements.txt", "two/requirements.txt"]
    both = two_apps(PATH_ONLY + upload, PATH_ONLY + upload)
    assert linked(tmp_path / "both", both) == ["one/requirements.txt", "two/requirements.txt"]


def test_a_script_apart_from_all_environments_feeds_all(tmp_path: Path) -> None:
    files = {
        "infra/one/main.tf": PATH_ONLY,
        "infra/two/main.tf": PATH_ONLY,
        "deploy.sh": "aws s3 cp mwaa/requirements.txt s3://bucket/requirements.txt\n",
        "mwaa/requirements.txt": "six\n",
    }
    assert linked(tmp_path, files) == ["mwaa/requirements.txt", "mwaa/requirements.txt"]


def test_an_environment_that_names_no_file_gets_none_of_its_neighbours(tmp_path: Path) -> None:
    files = two_apps(PATH_ONLY, WITHOUT_REQUIREMENTS)
    files["two/requirements/requirements.txt"] = "six\n"
    assert linked(tmp_path, files) == ["one/requirements.txt", None]


def test_a_key_with_a_folder_is_looked_for_from_the_environments_own_folder_upwards(tmp_path: Path) -> None:
    named = PATH_ONLY.replace('"requirements.txt"', '"requirements/requirements.txt"')
    files = {
        "cases/one/infra/main.tf": named,
        "cases/one/requirements/requirements.txt": "six\n",
        "cases/two/main.tf": named,
        "cases/three/requirements/requirements.txt": "six\n",
    }
    assert linked(tmp_path, files) == ["cases/one/requirements/requirements.txt", None]


def test_each_environment_has_the_dags_nearest_to_it(tmp_path: Path) -> None:
    found = deployments(tmp_path, two_apps(PATH_ONLY, PATH_ONLY))
    assert [deployment.dags_folder for deployment in found] == ["one/dags", "two/dags"]


def test_the_only_dags_folder_belongs_to_the_environment_nearest_to_it(tmp_path: Path) -> None:
    files = {"one/main.tf": WITHOUT_REQUIREMENTS, "two/main.tf": WITHOUT_REQUIREMENTS, "one/dags/etl.py": DAG}
    assert [deployment.dags_folder for deployment in deployments(tmp_path, files)] == ["one/dags", None]


@pytest.mark.parametrize("path", ["requirements_mwaa.txt", "etl/MWAA-requirements-2.9.txt", "requirements/mwaa.txt"])
def test_a_file_may_say_by_its_name_that_it_is_mwaas(tmp_path: Path, path: str) -> None:
    found = deployments(tmp_path, {path: "six\n", "requirements.txt": "six\n"})
    assert [deployment.requirements and deployment.requirements.file.path for deployment in found] == [path]
    assert found[0].requirements_evidence is not None
    assert found[0].requirements_evidence.reason == "its name says that it is for MWAA"
    assert found[0].requirements_evidence.confidence is Confidence.MEDIUM


@pytest.mark.parametrize(
    "line", ['--constraint "/usr/local/airflow/dags/constraints.txt"', "--find-links /usr/local/airflow/plugins"]
)
def test_a_file_that_names_folders_of_the_containers_is_mwaas(tmp_path: Path, line: str) -> None:
    files = {"README.md": "MWAA", "requirements.txt": f"{line}\nsix\n", "tools/requirements.txt": "six\n"}
    assert linked(tmp_path, files) == ["requirements.txt"]


@pytest.mark.parametrize(
    "files",
    [
        {"mwaa_requirements_checker.txt": "six\n"},
        {"requirements_mwaa.txt": "aws-cdk-lib\n"},
        {"mwaa/requirements.txt": "six\n"},
        {"README.md": "MWAA", "requirements.txt": "# --find-links /usr/local/airflow/plugins\nsix\n"},
        {"main.tf": WITHOUT_REQUIREMENTS, "requirements_mwaa.txt": "six\n"},
    ],
)
def test_less_than_that_is_no_evidence(tmp_path: Path, files: dict[str, str]) -> None:
    assert set(linked(tmp_path, files)) <= {None}


@pytest.mark.parametrize(
    ("others", "expected"),
    [({}, "app/requirements_mwaa.txt"), ({"old/mwaa_requirements.txt": "six\n"}, None)],
)
def test_an_environment_whose_key_is_not_told_installs_the_one_file_named_for_mwaa(
    tmp_path: Path, others: dict[str, str], expected: str | None
) -> None:
    unknown = PATH_ONLY.replace('= "requirements.txt"', "= var.key_of_requirements")
    files = {"main.tf": unknown, "app/requirements_mwaa.txt": "six\n", "lambda/requirements.txt": "six\n"}
    assert linked(tmp_path, files | others) == [expected]


def test_a_file_beside_the_dags_goes_before_one_named_for_mwaa(tmp_path: Path) -> None:
    files = {"dags/etl.py": DAG, "dags/requirements.txt": "six\n", "requirements_mwaa.txt": "six\n"}
    assert linked(tmp_path, files) == ["dags/requirements.txt"]


LAMBDA = """\
resource "aws_s3_object" "of_lambda" {
  bucket = aws_s3_bucket.lambda.id
  key    = "requirements.txt"
  source = "lambda/requirements.txt"
}
resource "aws_s3_object" "of_mwaa" {
  bucket = aws_s3_bucket.mwaa.id
  key    = "requirements.txt"
  source = "airflow/requirements.txt"
}
"""
TWO_FILES = {"lambda/requirements.txt": "six\n", "airflow/requirements.txt": "six\n"}


def test_of_two_files_under_one_key_the_one_beside_the_dags_is_meant(tmp_path: Path) -> None:
    files = {"main.tf": PATH_ONLY + LAMBDA, "airflow/dags/etl.py": DAG, **TWO_FILES}
    assert linked(tmp_path, files) == ["airflow/requirements.txt"]


def test_of_two_files_under_one_key_none_is_taken_by_chance(tmp_path: Path) -> None:
    assert linked(tmp_path, {"main.tf": PATH_ONLY + LAMBDA, **TWO_FILES}) == [None]


def test_a_key_that_only_ends_alike_is_another_key(tmp_path: Path) -> None:
    files = {
        "main.tf": PATH_ONLY.replace('"requirements.txt"', '"mwaa/requirements.txt"')
        + LAMBDA.partition("resource")[0]
        + LAMBDA[: LAMBDA.index("}") + 2],
        **TWO_FILES,
    }
    assert linked(tmp_path, files) == [None]


def test_a_variable_of_a_command_may_hold_the_folders_of_the_key(tmp_path: Path) -> None:
    files = {
        "main.tf": PATH_ONLY.replace('"requirements.txt"', '"mwaa/requirements.txt"'),
        "deploy.sh": "aws s3 cp airflow/requirements.txt s3://$TARGET/requirements.txt\n",
        **TWO_FILES,
    }
    assert linked(tmp_path, files) == ["airflow/requirements.txt"]


def test_each_instance_of_a_module_has_its_own_file(tmp_path: Path) -> None:
    module = """\
    variable "team" {}
    resource "aws_mwaa_environment" "this" {
      name                           = var.team
      airflow_version                = "2.10.3"
      requirements_s3_path           = "requirements.txt"
    }
    resource "aws_s3_object" "requirements" {
      key    = "requirements.txt"
      source = "${path.root}/${var.team}/requirements.txt"
    }
    """
    calls = "".join(f'module "{team}" {{\n  source = "./mwaa"\n  team = "{team}"\n}}\n' for team in ("red", "blue"))
    files = {
        "main.tf": calls,
        "mwaa/main.tf": module,
        "red/requirements.txt": "six\n",
        "blue/requirements.txt": "six\n",
    }
    found = {found.label: found.requirements for found in deployments(tmp_path, files)}
    assert {label: file and file.file.path for label, file in found.items()} == {
        "red": "red/requirements.txt",
        "blue": "blue/requirements.txt",
    }


@pytest.mark.parametrize(
    ("packed", "folder"),
    [("extensions", "extensions"), ("mwaa/plugins", "mwaa/plugins"), ("missing", None), (".", None), ("mwaa", None)],
)
def test_the_plugins_folder_is_the_one_that_is_packed(tmp_path: Path, packed: str, folder: str | None) -> None:
    main = (
        'resource "aws_mwaa_environment" "etl" {\n  name = "etl"\n  dag_s3_path = "dags"\n'
        "  plugins_s3_path = aws_s3_object.plugins.key\n}\n"
        f'data "archive_file" "plugins" {{\n  source_dir = "{packed}"\n  output_path = "p.zip"\n}}\n'
        'resource "aws_s3_object" "plugins" {\n  key = "plugins.zip"\n  source = "p.zip"\n}\n'
    )
    files = {"main.tf": main, "mwaa/dags/etl.py": DAG, "extensions/a.py": "", "mwaa/plugins/b.py": ""}
    assert [deployment.plugins_folder for deployment in deployments(tmp_path, files)] == [folder]
