"""Element templates hold the draft's lists, satisfy bpmn.io's own validator, and survive any draft."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import DIAGRAM, ROOT, SLUG, edited, pack_files

from zuozhen.services.studio.choices import read_choices
from zuozhen.services.studio.element_templates import desktop_file, element_templates

DESKTOP = ROOT / "processes" / ".camunda" / "element-templates" / "zuozhen.json"
VALIDATOR = Path(__file__).with_name("validate_templates.mjs")
ASKED_FOR = {
    "限时办理任务（工作日）",
    "公告",
    "受理审查",
    "会办多单位",
    "领导审批",
    "通知企业",
    "定期场次",
    "催办",
    "时限（边界定时事件）",
}


def of_draft(files: dict[str, bytes]) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in element_templates(read_choices(files, SLUG))}


def choices_of(template: dict[str, Any], label: str) -> dict[str, str]:
    (found,) = (each for each in template["properties"] if each.get("label") == label)
    return {choice["value"]: choice["name"] for choice in found["choices"]}


def test_the_committed_file_is_what_the_code_writes() -> None:
    assert DESKTOP.read_bytes() == desktop_file(), "write desktop_file() there again"


def test_the_desktop_file_names_no_jurisdiction() -> None:
    text = desktop_file().decode()
    known = read_choices(pack_files(), SLUG)
    ids = {option.value for option in (*known.roles, *known.units)} - {"enterprise"}
    assert [name for name in ids if f'"{name}"' in text] == []
    assert "choices" not in text


def test_every_template_that_the_notices_need_is_there() -> None:
    assert set(of_draft(pack_files())) == ASKED_FOR


def test_lists_are_those_of_the_draft() -> None:
    manifest = f"processes/{SLUG}/pack.toml"
    files = edited(pack_files(), manifest, "市政府分管领导", "市政府常务副市长")
    files |= {f"forms/{SLUG}/legal_review.json": '{"properties": {"title": "法审表"}}'.encode()}
    task = of_draft(files)["限时办理任务（工作日）"]
    roles, forms = choices_of(task, "岗位（谁办）"), choices_of(task, "表单")
    assert roles["leader"] == "市政府常务副市长"
    assert roles["=lead_unit"] == "表单里选的：牵头承办单位"
    assert forms["legal_review"] == "法审表"
    assert "accepted" in choices_of(of_draft(files)["通知企业"], "消息模板")


def test_a_broken_manifest_leaves_the_forms_and_says_why() -> None:
    choices = read_choices(pack_files() | {f"processes/{SLUG}/pack.toml": b"["}, SLUG)
    assert choices.roles == ()
    assert choices.forms
    assert "pack.toml" in choices.problem


def test_conditions_find_the_choices_of_nested_fields() -> None:
    forms = {form.key: form for form in read_choices(pack_files(), SLUG).forms}
    fields = {field.key: field for field in forms["register"].fields}
    assert {option.value for option in fields["enterprise_kind"].options} == {"operating", "investing"}
    assert forms["accept"].title == "诉求受理意见表"


@given(st.dictionaries(st.sampled_from(["a", "b"]), st.binary(max_size=200), max_size=2))
def test_no_content_of_a_draft_raises(contents: dict[str, bytes]) -> None:
    files = {f"forms/{SLUG}/{key}.json": content for key, content in contents.items()}
    files |= {f"templates/message/{SLUG}/{key}.txt": content for key, content in contents.items()}
    choices = read_choices(files, SLUG)
    assert {form.key for form in choices.forms} == set(contents)
    json.dumps(element_templates(choices))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["key", "label", "type", "values", "valuesKey", "value", "components", "properties", "title"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(JSON)
def test_no_shape_of_a_form_raises(schema: Any) -> None:
    choices = read_choices({f"forms/{SLUG}/a.json": json.dumps(schema).encode()}, SLUG)
    assert [form.key for form in choices.forms] == ["a"]
    json.dumps(element_templates(choices))


def test_both_files_satisfy_the_validator(tmp_path: Path) -> None:
    node = shutil.which("node")
    if (
        node is None
        or not (ROOT / "plugin/studio/node_modules/@bpmn-io/element-templates-validator").is_dir()
    ):
        pytest.skip("no Node or no npm packages (make static)")
    drafted = tmp_path / "draft.json"
    drafted.write_text(json.dumps(list(of_draft(pack_files()).values())), "utf-8")
    broken = tmp_path / "broken.json"
    broken.write_text(drafted.read_text("utf-8").replace('"camunda:property"', '"camunda:nothing"'), "utf-8")
    files = [str(each) for each in (DESKTOP, drafted, broken)]
    result = subprocess.run(
        [node, str(VALIDATOR), *files], capture_output=True, text=True, check=True, timeout=60
    )
    wrong = json.loads(result.stdout)
    assert wrong[:2] == [[], []]
    assert wrong[2], "the validator lets anything through"


def test_the_pack_uses_what_the_templates_write() -> None:
    """The templates' bindings are the ones the diagrams and the engine use."""
    diagram = pack_files()[DIAGRAM].decode()
    bindings = {
        each["binding"]["name"] for template in element_templates() for each in template["properties"]
    }
    assert [name for name in sorted(bindings) if name not in diagram] == []
