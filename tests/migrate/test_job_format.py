"""The page on jobs against the models, both ways."""

import re
from pathlib import Path

import yaml

from merger.mapping.document import read_document
from merger.migrate.job import AddressRule, Collision, Exclusion, Job, Policies, System

PAGE = (Path(__file__).parents[2] / "docs" / "job-format.md").read_text("utf-8")
MODELS = (Job, System, Exclusion, Collision, AddressRule, Policies)


def test_the_job_of_the_page_is_read(tmp_path: Path) -> None:
    (example,) = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    path = tmp_path / "job.yaml"
    path.write_text(example, encoding="utf-8")
    job = read_document(path, Job).value
    assert job.policies.holds_allowed == yaml.safe_load(example)["policies"]["holds_allowed"]
    assert [one.rule for one in job.collisions] == ["qualify", "merge", "hold"]


def test_the_page_names_every_key_of_a_job() -> None:
    keys = {field.alias or name for model in MODELS for name, field in model.model_fields.items()}
    assert {key for key in keys if not re.search(rf"`{key}(: [a-z]+)?`", PAGE)} == set()


def test_the_tables_of_the_page_name_no_key_that_is_not_there() -> None:
    keys = {field.alias or name for model in MODELS for name, field in model.model_fields.items()}
    told = set(re.findall(r"^\| `([a-z_]+)` \|", PAGE, re.MULTILINE))
    assert len(told) > 20
    assert told - keys - {"hold", "qualify", "merge"} == set()
