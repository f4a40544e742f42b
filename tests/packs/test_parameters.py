"""Named values: read from the manifest, written out in texts, found wherever files read them."""

from __future__ import annotations

from datetime import date

import pytest
from tests.builders import pack_files

from zuozhen.model.errors import ContentError
from zuozhen.packs import Pack
from zuozhen.packs.parameterreads import WHOLE, reads
from zuozhen.packs.parameters import file_written_out, valued, values_of

SLUG = "150300-wuhai"
TOML = f"processes/{SLUG}/pack.toml"
DIAGRAM = f"processes/{SLUG}/{SLUG}.bpmn"
FORM = f"forms/{SLUG}/dispatch.json"


def with_section(text: str) -> dict[str, bytes]:
    files = pack_files(SLUG)
    return {**files, TOML: files[TOML] + f"\n{text}\n".encode()}


def test_every_kind_of_value() -> None:
    kinds = {"n": "3", "share": "0.5", "place": '"三楼 <A> & \\"B\\""', "day": "2026-12-01", "yes": "true"}
    text = "\n".join(f'[parameters.{key}]\nlabel = "{key}"\nvalue = {value}' for key, value in kinds.items())
    pack = Pack.from_files(with_section(text))
    values = values_of(pack.parameters)
    assert [values[key] for key in kinds] == [3, 0.5, '三楼 <A> & "B"', date(2026, 12, 1), True]
    assert (pack.parameters["implement_days"].label, pack.parameters["implement_days"].unit) == (
        "落实情况报送期限",
        "个工作日",
    )
    xml = (
        b'<a name="{{ parameters.place }}, {{parameters.day}}, {{ parameters.yes }}, {{ parameters.gone }}"/>'
    )
    assert file_written_out("x.bpmn", xml, pack.parameters).decode() == (
        '<a name="三楼 &lt;A&gt; &amp; &quot;B&quot;, 2026年12月1日, 是, {{ parameters.gone }}"/>'
    )
    assert file_written_out("x.json", b'{"label": "{{ parameters.place }}"}', pack.parameters).decode() == (
        '{"label": "三楼 <A> & \\"B\\""}'
    )
    rule = "if parameters.yes then workdays(parameters.n) else parameters.day"
    assert valued(rule, pack.parameters) == 'if true then workdays(3) else date("2026-12-01")'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[parameters]\nextra = 3", "参数 extra 应单独成一节"),
        ('[parameters.x]\nlabel = "x"', "缺少 value"),
        ("[parameters.x]\nvalue = 3", "缺少 label"),
        ('[parameters.x]\nlabel = "x"\nvalue = [3]', "value 不能用作参数的值"),
        ('[parameters.x]\nlabel = "x"\nvalue = 2026-12-01T10:00:00', "value 不能用作参数的值"),
        ('[parameters.x]\nlabel = "x"\nvalue = nan', "value 不是数"),
        ('[parameters.x]\nlabel = "x"\nvalue = " "', "value 不能为空"),
        ('[parameters.X-y]\nlabel = "x"\nvalue = 3', "参数名“X-y”不合规"),
        ('[parameters.x]\nlabel = "x"\nvalue = 3\ndays = 4', "不认识的键 days"),
    ],
)
def test_what_is_no_parameter_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(ContentError) as caught:
        Pack.from_files(with_section(text))
    [finding] = caught.value.findings
    assert message in finding.message and finding.file == TOML and finding.line


def test_texts_of_the_manifest_say_the_value() -> None:
    pack = Pack.from_files(pack_files(SLUG))
    [note] = next(one for one in pack.registers if one.key == "dispatched").notes
    assert "次日起7个工作日内报送，办理结果30日内" in note
    assert b'name="7\xe4\xb8\xaa' in pack.drawing and b"parameters.implement_days }}" not in pack.drawing
    assert pack.drawing.count(b"\n") == pack.files[DIAGRAM].count(b"\n")


def test_every_place_that_reads_one_is_found() -> None:
    files = pack_files(SLUG)
    files["templates/message/150300-wuhai/extra.txt"] = (
        b"a\nb\n{% for p in parameters %}{% endfor %}parameters.prose"
    )
    found = list(reads(files))
    places = {(one.file.split("/")[0], one.key) for one in found}
    assert places == {
        (folder, key)
        for folder in ("processes", "forms", "templates")
        for key in ("implement_days", "result_days")
    } | {("templates", WHOLE)}
    drawn = {one.element for one in found if one.file == DIAGRAM}
    assert drawn == {"Task_implement", "Timer_implement", "Sub_result", "Timer_result"}
    assert {one.element for one in found if one.file == FORM} >= {"implement_due", "result_due"}
    for one in found:
        line = files[one.file].decode().splitlines()[(one.line or 0) - 1]
        assert "parameters" in line, one
