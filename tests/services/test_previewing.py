"""Previews of the draft: the page people get, the paper, the letter; nothing is written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import func, select
from tests.builders import DIAGRAM, SLUG, Office, edited, pack_files
from tests.conftest import OfficeMaker
from werkzeug.datastructures import MultiDict

from zuozhen.documents import Rendered, check_pdf
from zuozhen.model.errors import Conflict, ContentError, Invalid, NotFound
from zuozhen.services.studio import formfiles, previewing, templatefiles, workspace
from zuozhen.store.tables import Case, Document, Event, StudioRevision

RATE = f"forms/{SLUG}/rate.json"


@pytest.fixture
def office(make_office: OfficeMaker) -> Office:
    return make_office()


def preview(office: Office, key: str, **more: Any) -> Any:
    files = pack_files()
    return previewing.preview_form(
        office.context, office.tenant, files, key, files[f"forms/{SLUG}/{key}.json"], **more
    )


def rows_in_store(office: Office) -> list[int]:
    with office.context.database.read() as session:
        tables = (Case, Document, Event, StudioRevision)
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def with_field(key: str, label: str) -> bytes:
    form = json.loads(pack_files()[f"forms/{SLUG}/{key}.json"])
    form["components"].append({"type": "textfield", "id": "Field_new", "key": "legal_note", "label": label})
    return json.dumps(form, ensure_ascii=False).encode()


# ---------------------------------------------------------------- the page


def test_the_samples_of_every_form_of_the_pack_pass_its_own_check(office: Office) -> None:
    for key in sorted(formfiles.form_keys(pack_files())):
        bound = preview(office, key, filling="sample")
        problems = [p for p in bound.problems if not isinstance(bound.answers.get(p.field), list)]
        assert problems == [], key  # files cannot be made up


def test_choices_come_from_the_living_installation(office: Office) -> None:
    bound = preview(office, "assign")
    units = {
        unit.id for unit in previewing.draft_release(office.context, office.tenant, pack_files()).pack.units
    }
    items = [item for row in bound.rows for item in row if item.name == "reception_unit"]
    assert {value for value, _ in items[0].choices} == units


def test_what_a_form_takes_from_earlier_forms_is_there(office: Office) -> None:
    bound = preview(office, "clinic_record")
    shown = {item.name: item.value for row in bound.rows for item in row}
    assert shown["enterprise"], "default =register.enterprise"
    assert shown["appeal"], "default =contact.appeal"
    assert not shown["leader"]


def test_what_is_typed_is_checked_and_forgotten(office: Office) -> None:
    before = rows_in_store(office)
    refused = preview(office, "rate", formdata=MultiDict({"service_score": "dissatisfied"}))
    assert not refused.validate()
    assert {problem.field for problem in refused.problems} == {"handling_score", "dissatisfied_reason"}
    passed = preview(
        office, "rate", formdata=MultiDict({"service_score": "satisfied", "handling_score": "satisfied"})
    )
    assert passed.validate()
    assert rows_in_store(office) == before


def test_a_form_that_cannot_be_used_gives_findings(office: Office) -> None:
    for source in (b"", b"{", b"[]", b"\xff", b'{"type":"default"}', b"null", b'{"components":[1]}'):
        with pytest.raises(ContentError) as caught:
            previewing.preview_form(office.context, office.tenant, pack_files(), "rate", source)
        assert caught.value.findings, source
        with pytest.raises(ContentError):
            previewing.preview_print(office.context, office.tenant, pack_files(), "rate", source)


def test_a_form_can_be_looked_at_while_the_diagram_is_broken(office: Office) -> None:
    files = {**pack_files(), DIAGRAM: b"<half-written", f"processes/{SLUG}/pack.toml": b"slug ="}
    bound = previewing.preview_form(
        office.context, office.tenant, files, "assign", files[f"forms/{SLUG}/assign.json"]
    )
    assert any(item.choices for row in bound.rows for item in row)


def test_a_draft_without_sessions_is_looked_at_all_the_same(office: Office) -> None:
    manifest = f"processes/{SLUG}/pack.toml"
    text = pack_files()[manifest].decode()
    lines = [line for line in text.splitlines() if not line.startswith(("session_recurrence", "clinic ="))]
    files = {**pack_files(), manifest: "\n".join(lines).encode()}
    for key in ("arrange", "register"):
        source = files[f"forms/{SLUG}/{key}.json"]
        assert previewing.preview_form(office.context, office.tenant, files, key, source).rows
        assert previewing.preview_print(office.context, office.tenant, files, key, source).pages


def test_odd_scenarios_do_no_harm(office: Office) -> None:
    table = f"processes/{SLUG}/scenarios.toml"
    step = "[[scenario]]\nname='x'\nstart=2026-01-01T00:00:00\n[[scenario.step]]\nat=2026-01-01T00:00:00\n"
    for text in ("scenario = 3", "[[", f"{step}register='x'", f"{step}register={{title={{a=1}}, phone=[1]}}"):
        files = {**pack_files(), table: text.encode()}
        source = files[f"forms/{SLUG}/register.json"]
        made = previewing.preview_print(office.context, office.tenant, files, "register", source)
        assert made.pages >= 1, text


# ---------------------------------------------------------------- the paper


def test_a_new_field_is_on_the_paper_of_a_form_without_a_template(office: Office) -> None:
    source = with_field("rate", "法制审核意见")
    made = previewing.preview_print(office.context, office.tenant, pack_files(), "rate", source)
    assert check_pdf(made.pdf, texts=["满意度评价表", "法制审核意见", "示例法制审核意见"]) == ()
    blank = previewing.preview_print(
        office.context, office.tenant, pack_files(), "rate", source, filling="blank"
    )
    assert check_pdf(blank.pdf, texts=["法制审核意见"]) == ()
    assert check_pdf(blank.pdf, texts=["示例法制审核意见"]) != ()


def test_the_paper_shows_what_was_typed_into_the_page(office: Office) -> None:
    files = pack_files()
    answers = preview(office, "register", formdata=MultiDict({"enterprise": "某某木业公司"})).answers
    made = previewing.preview_print(
        office.context,
        office.tenant,
        files,
        "register",
        files[f"forms/{SLUG}/register.json"],
        answers=answers,
    )
    assert check_pdf(made.pdf, texts=["某某木业公司", "附件2"]) == ()


def test_a_broken_print_template_is_told_with_its_line(office: Office) -> None:
    path = f"templates/print/{SLUG}/register.html"
    files = edited(pack_files(), path, "{% endif %}", "{% endfi %}")
    with pytest.raises(ContentError):
        previewing.preview_print(
            office.context, office.tenant, files, "register", files[f"forms/{SLUG}/register.json"]
        )


def test_every_template_of_the_pack_can_be_looked_at(office: Office) -> None:
    before = rows_in_store(office)
    for path in sorted(path for path in pack_files() if path.startswith("templates/")):
        made = previewing.preview_template(office.context, office.tenant, pack_files(), path)
        if isinstance(made, Rendered):
            assert made.pages >= 1, path
        else:
            assert all(made), path
            assert "{{" not in "".join(made), path
    assert rows_in_store(office) == before


def test_a_template_that_nothing_uses_is_told(office: Office) -> None:
    path = f"templates/print/{SLUG}/nobody.html"
    with pytest.raises(NotFound):
        previewing.preview_template(office.context, office.tenant, {**pack_files(), path: b"x"}, path)


# ---------------------------------------------------------------- the list


def test_the_list_tells_where_each_form_is_used(office: Office) -> None:
    forms = {form.key: form for form in formfiles.form_entries(office.context, office.tenant)}
    assert forms.keys() == formfiles.form_keys(pack_files())
    assert forms["register"].attachment == "附件2"
    assert forms["register"].audience == "enterprise"
    assert forms["rate"].audience == "enterprise"
    assert len(forms["handle"].uses) == 3
    assert not any(form.changed or form.findings for form in forms.values())


def test_a_form_is_added_copied_and_deleted(office: Office) -> None:
    admin = office.person("admin", admin="system")
    formfiles.new_form(office.context, admin, "legal_review", "  法制审核  意见表 ")
    formfiles.new_form(office.context, admin, "second_rate", "再次评价表", copy_of="rate")
    files = workspace.files(office.context, office.tenant)
    copied, source = (json.loads(files[f"forms/{SLUG}/{key}.json"]) for key in ("second_rate", "rate"))
    assert copied["components"] == source["components"]
    assert copied["properties"]["title"] == "再次评价表"
    entry = formfiles.form_entry(office.context, office.tenant, "legal_review")
    assert (entry.title, entry.uses, entry.changed) == ("法制审核 意见表", (), True)
    formfiles.delete_form(office.context, admin, "legal_review", rev=entry.rev)
    assert f"forms/{SLUG}/legal_review.json" not in workspace.files(office.context, office.tenant)
    assert formfiles.new_form(office.context, admin, "legal_review", "又一张") == "legal_review"


def test_a_form_in_use_stays_and_the_message_says_where(office: Office) -> None:
    admin = office.person("admin", admin="system")
    with pytest.raises(Conflict, match="满意度评价"):
        formfiles.delete_form(office.context, admin, "rate", rev=0)
    broken = workspace.read_file(office.context, office.tenant, DIAGRAM).content.replace(
        b"</bpmn:definitions>", b""
    )
    workspace.save_file(office.context, admin, DIAGRAM, broken, rev=0)
    with pytest.raises(Conflict, match="暂时无法读取"):
        formfiles.delete_form(office.context, admin, "rate", rev=0)


def test_names_that_cannot_be_used_are_told(office: Office) -> None:
    admin = office.person("admin", admin="system")
    for key in ("", "Rate", "../x", "名称", "a" * 41):
        with pytest.raises(Invalid) as caught:
            formfiles.new_form(office.context, admin, key, "名称")
        assert [problem.field for problem in caught.value.problems] == ["key"], key
    for title in ("", "长" * 61, "\x07"):
        with pytest.raises(Invalid) as caught:
            formfiles.new_form(office.context, admin, "fresh", title)
        assert [problem.field for problem in caught.value.problems] == ["title"], title


def test_templates_are_listed_with_what_uses_them(office: Office) -> None:
    entries = {entry.path: entry for entry in templatefiles.template_entries(office.context, office.tenant)}
    assert entries.keys() == {path for path in pack_files() if path.startswith("templates/")}
    assert all(entry.uses for entry in entries.values())
