"""A pack of several procedures for tests: a matter, sessions of units, a forum, a private complaint; numbers by form."""

from __future__ import annotations

import json
from typing import Any

from tests.engine_lint.build import CLAUSE, document, end, outputs, path, process, service, user
from tests.services.smallpack import DIAGRAM, MANIFEST, SLUG, TENANT, begin, form

MORE = """
[[unit]]
id = "gongxin"
name = "工业和信息化局"
office = "city"
[[unit]]
id = "zhen"
name = "某镇政府"
office = "town"
[[role]]
id = "watch"
name = "督查室"
sees = "all"
[[role]]
id = "judge"
name = "投诉受理岗"
[codes.office]
city = "市级"
town = "镇级"
[codes.ground]
law = "不属受理范围"
[[recurrence]]
name = "挂号期"
kind = "last_workdays"
days = 10
opens_at = "09:00"
closes_at = "17:00"
[[table]]
key = "rota"
title = "轮值表"
columns = [{key = "month", label = "月份"}, {key = "unit", label = "单位"}]
rows = [{month = "10", unit = "gongxin"}, {month = "11", unit = "fagai"}]
[numbering.dispatch]
pattern = "{prefix}服企办交（{year}）第{seq:02d}号"
scope = "year"
form = "dispatch"
field = "dispatch_number"
when = 'dispatch.kind = "formal"'
prefix = 'codes.office[office = dispatch.office]'
"""


def pack_form(key: str, *components: dict[str, Any]) -> bytes:
    """Write a form-js form of components that say what they need to say."""
    filled = [
        {"id": f"Field_{one['key']}", "label": f"填写{one['key']}", "type": "textfield", **one}
        for one in components
    ]
    content = {"type": "default", "id": f"Form_{key}", "schemaVersion": 19, "components": filled}
    return json.dumps({**content, "properties": {"title": f"表{key}"}}, ensure_ascii=False, indent=1).encode()


FORMS = {
    "register": pack_form(
        "register",
        {"key": "enterprise"},
        {"key": "title"},
        {"key": "booking", "type": "select", "valuesKey": "bookings"},
        {"key": "secret", "properties": {"mask": "=confidential = true"}},
        {"key": "confidential", "type": "checkbox"},
    ),
    "dispatch": pack_form(
        "dispatch",
        {"key": "kind"},
        {"key": "office"},
        {"key": "unit", "type": "select", "valuesExpression": "=units[office = kind_of]"},
        {"key": "kind_of"},
        {"key": "dispatch_number", "readonly": True},
    ),
    "plan": pack_form("plan", {"key": "session"}, {"key": "place"}, {"key": "deadline"}),
    "forum": form("forum", ("textfield", "theme")),
    "complaint": form("complaint", ("textfield", "enterprise"), ("textfield", "about")),
    "step": form("step", ("textfield", "note"), ("number", "amount")),
}

PROCEDURES = """
[procedure.case]
title = 'register.enterprise + "：" + register.title + (if dispatch.dispatch_number = null then "" else "（" + dispatch.dispatch_number + "）")'
[procedure.clinic]
label = "坐诊"
title = 'plan.place + names.fagai'
bookable = 'plan.deadline = null or today <= date(plan.deadline)'
[procedure.forum]
label = "座谈会"
session = true
open_to = ["gongxin"]
[procedure.complaint]
label = "投诉"
public = true
private = true
about = "对工作人员的投诉"
"""


def several(**numbers: str) -> dict[str, bytes]:
    """Return the files of the pack; ``numbers`` replace texts of its manifest."""
    manifest = MANIFEST.replace(
        'clinic = "clinic"\n', 'clinic = "clinic"\nforum = "forum"\ncomplaint = "complaint"\n'
    )
    manifest += MORE.replace(
        "codes.office[office = dispatch.office]", "get value(codes.office, dispatch.office)"
    )
    manifest += PROCEDURES
    for old, new in numbers.items():
        manifest = manifest.replace(old, new)
    case = process(
        begin("register"),
        user("dispatching", form="dispatch", group="office", inner=outputs(session="booking")),
        user("working", form="step", group="gongxin"),
        end(),
        path("s", "dispatching", "working", "e"),
        id_="case",
    )
    clinic = process(
        begin("plan", "cs"),
        user("held", form="step", group="office"),
        end("ce"),
        path("cs", "held", "ce"),
        id_="clinic",
    )
    forum = process(
        begin("forum", "fs"),
        user("talk", form="step", group="gongxin"),
        end("fe"),
        path("fs", "talk", "fe"),
        id_="forum",
    )
    complaint = process(
        begin("complaint", "ps"),
        user("judging", form="step", group="judge"),
        end("pe"),
        path("ps", "judging", "pe"),
        id_="complaint",
    )
    return {
        f"processes/{SLUG}/pack.toml": manifest.encode(),
        DIAGRAM: document("", case, clinic, forum, complaint),
        **{f"forms/{SLUG}/{key}.json": content for key, content in FORMS.items()},
    }


__all__ = ["CLAUSE", "SLUG", "TENANT", "pack_form", "service", "several"]
