"""What is written by hand beside a rule that changes: options told apart, options listed, days in texts, paper."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.builders import DIAGRAM, SLUG, edited, pack_files
from tests.packs_content.packs import LIBRARY

from zuozhen.feel.registry import BUILTINS
from zuozhen.feel.signatures import ACCEPTED, result_of
from zuozhen.formjs import load_form
from zuozhen.model.errors import Finding
from zuozhen.packs import Pack
from zuozhen.services.checking import check_files
from zuozhen.services.packtypes import PackTypes
from zuozhen.services.releases import functions_of, rules_of

WUHAI = "150300-wuhai"
YUNNAN = "530000-yunnan"
REFERRED = f"templates/message/{WUHAI}/referred.txt"
RECORD = f"templates/print/{YUNNAN}/clinic_record.html"
MANIFEST = f"processes/{SLUG}/pack.toml"


def found(files: dict[str, bytes], code: str) -> list[Finding]:
    """Return the findings of a code, each with its place and a way to mend it."""
    findings = [finding for finding in check_files(files) if finding.code == code]
    assert all(finding.file in files and finding.hint for finding in findings)
    return findings


def with_option(files: dict[str, bytes], path: str, key: str, value: str, label: str) -> dict[str, bytes]:
    """Add an option to every choice of this key in a form."""
    form: dict[str, Any] = json.loads(files[path])

    def add(components: list[dict[str, Any]]) -> None:
        for item in components:
            if item.get("key") == key and "values" in item:
                item["values"].append({"value": value, "label": label})
            add(item.get("components", []))

    add(form["components"])
    return {**files, path: json.dumps(form, ensure_ascii=False, indent=2).encode()}


def test_a_new_rating_counts_nowhere_in_silence() -> None:
    """The example of the satisfied rating: "very dissatisfied" would go the way of the satisfied, and into no share."""
    files = with_option(pack_files(), f"forms/{SLUG}/rate.json", "handling_score", "very_bad", "非常不满意")
    figures = found(files, "figure-options")
    assert any("very_bad" in finding.message and "handling_score" in finding.message for finding in figures)
    silent = found(files, "option-silent")
    assert any("very_bad" in finding.message for finding in silent)


def test_a_message_that_tells_options_apart_names_a_new_one() -> None:
    files = edited(
        LIBRARY.files(WUHAI), REFERRED, "{% else %}同级政法部门、纪检监察部门{% endif %}", "{% endif %}"
    )
    files = edited(files, REFERRED, '{{ text.accept.referral or "涉法涉诉、违纪违法问题" }}', "有关问题")
    manifest = f"processes/{WUHAI}/pack.toml"
    files = edited(files, manifest, "[codes.referral]\n", '[codes.referral]\nother = "其他机关"\n')
    (finding,) = found(files, "template-options")
    assert finding.file == REFERRED and finding.line == 4 and "“other”" in finding.message
    mended = edited(
        files, REFERRED, "同级纪检监察部门{% endif %}", "同级纪检监察部门{% else %}有关机关{% endif %}"
    )
    assert found(mended, "template-options") == []


def test_a_print_that_looks_words_up_names_every_option() -> None:
    files = with_option(
        LIBRARY.files(YUNNAN), f"forms/{YUNNAN}/clinic_record.json", "solved", "partly", "部分解决"
    )
    (finding,) = found(files, "template-options")
    assert finding.file == RECORD and "“partly”" in finding.message and finding.line


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            '5 = "其他不属于政务服务职责范围的问题"',
            '5 = "其他不属于政务服务范围的问题"',
            "不属于政务服务范围",
        ),
        (
            '5 = "其他不属于政务服务职责范围的问题"',
            '5 = "其他不属于政务服务职责范围的问题"\n6 = "超过规定期限提出的问题"',
            "超过规定期限",
        ),
    ],
)
def test_grounds_listed_by_hand_follow_their_table(old: str, new: str, words: str) -> None:
    assert found(pack_files(), "text-options") == []
    findings = found(edited(pack_files(), MANIFEST, old, new), "text-options")
    assert findings and all(finding.file == MANIFEST and finding.line for finding in findings)
    assert any(words in finding.message for finding in findings)


def test_days_of_a_text_are_days_of_a_rule() -> None:
    path = f"templates/message/{SLUG}/accepted.txt"
    assert found(pack_files(), "text-days") == []
    (finding,) = found(edited(pack_files(), path, "5个工作日", "17 个工作日"), "text-days")
    assert finding.file == path and "17个工作日" in finding.message
    hint = f"forms/{SLUG}/clinic_record.json"
    (finding,) = found(edited(pack_files(), hint, "10个工作日", "17个工作日"), "text-days")
    assert finding.file == hint and finding.line
    portal = edited(pack_files(), MANIFEST, "5.其他不属于", "17个工作日内答复。5.其他不属于")
    assert [each.line for each in found(portal, "text-days")]
    both = edited(
        edited(pack_files(), path, "5个工作日", "17个工作日"), DIAGRAM, "workdays(5)", "workdays(17)"
    )
    assert found(both, "text-days") == []


def field_of(change: Callable[[dict[str, Any]], None]) -> dict[str, bytes]:
    files, path = pack_files(), f"forms/{SLUG}/register.json"
    form: dict[str, Any] = json.loads(files[path])
    form["components"].append({"type": "textfield", "id": "Field_park", "key": "park", "label": "园区"})
    change(form)
    return {**files, path: json.dumps(form, ensure_ascii=False, indent=2).encode()}


def test_a_field_is_on_paper_or_says_that_it_is_not() -> None:
    (finding,) = found(field_of(lambda form: None), "field-unprinted")
    source = field_of(lambda form: None)[finding.file].decode().splitlines()
    assert finding.line is not None and '"park"' in source[finding.line - 1] and finding.element == "park"

    def not_on_paper(form: dict[str, Any]) -> None:
        form["components"][-1]["properties"] = {"print.skip": "true"}

    def shown_only(form: dict[str, Any]) -> None:
        form["components"][-1] = {"type": "separator", "id": "Line_1"}

    for change in (not_on_paper, shown_only):
        assert found(field_of(change), "field-unprinted") == []
    printed = edited(
        field_of(lambda form: None),
        f"templates/print/{SLUG}/register.html",
        "{{ t.title",
        "{{ t.park }}{{ t.title",
    )
    assert found(printed, "field-unprinted") == []


def test_a_layout_for_paper_means_paper() -> None:
    path = f"forms/{SLUG}/accept.json"
    files = pack_files()
    form: dict[str, Any] = json.loads(files[path])
    form["properties"]["print.landscape"] = "true"
    laid_out = {**files, path: json.dumps(form, ensure_ascii=False).encode()}
    (finding,) = found(laid_out, "form-unprinted")
    assert "print.landscape" in finding.message
    form["properties"]["print.attachment"] = "附件9"
    assert found({**files, path: json.dumps(form, ensure_ascii=False).encode()}, "form-unprinted") == []


def test_every_function_has_a_signature() -> None:
    """What typing knows nothing about would pass in silence."""
    pack = Pack.from_files(pack_files())
    forms = {key: load_form(pack.written(path), key=key, file=path) for key, path in pack.forms.items()}
    registered = functions_of(rules_of(pack), pack.units)(datetime(2026, 3, 2, tzinfo=UTC), lambda _: None)
    assert registered.keys() == PackTypes(pack, forms).signatures.keys()
    kinds = {*ACCEPTED, "any", "list"}
    for name, ways in BUILTINS.items():
        for way in ways:
            assert way.function.__annotations__.get("return"), name
            assert {parameter.kind for parameter in way.parameters} <= kinds, name
            assert result_of(way) is not None
