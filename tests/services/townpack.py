"""A pack with several procedures, for tests: sessions of two kinds, a public and private complaint, numbers,
a booking period, reference data, a quota. ``town`` makes any number of jurisdictions of it."""

from __future__ import annotations

from tests.engine_lint.build import CLAUSE, document, end, node, outputs, path, process, service, user
from tests.services.smallpack import form

FIRST, SECOND = 990001, 990002

MANIFEST = """\
slug = "{slug}"
code = {code}
name = "{name}"
title = "{name}局长坐诊接诉"
diagram = "{slug}.bpmn"
session_recurrence = "坐诊日"
business_key = "session"
[notice]
number = "{name}办〔2025〕1号"
date = 2025-03-01
issuer = "{name}人民政府办公室"
basis = "上级通知"
[processes]
case = "case"
clinic = "clinic"
forum = "forum"
complaint = "complaint"
[procedure.case]
label = "我要挂号"
about = "面对面听取企业诉求。"
[procedure.clinic]
label = "月度坐诊"
[procedure.forum]
label = "专题恳谈会"
title = '"恳谈会：" + plan.note'
session = true
open_to = ["forum_office"]
[procedure.complaint]
label = "投诉办理人员"
about = "由督查人员直接受理，办理单位看不到。"
public = true
private = true
[[unit]]
id = "fagai"
name = "{name}发展和改革局"
[[role]]
id = "office"
name = "{name}专班"
unit = "fagai"
sees = "all"
[[role]]
id = "forum_office"
name = "恳谈会办公室"
unit = "fagai"
[[role]]
id = "inspector"
name = "督查室"
[[recurrence]]
name = "坐诊日"
kind = "monthly_day"
day = 20
roll = "forward"
[[recurrence]]
name = "挂号期"
kind = "last_workdays"
days = 10
opens_at = "09:00"
closes_at = "17:00"
[[recurrence]]
name = "恳谈次数"
kind = "quota"
times = 2
period = "quarter"
[numbering.case]
pattern = "{mark}{{year}}-{{seq:04d}}"
scope = "year"
[numbering.dispatch]
pattern = "{mark}交〔{{year}}〕{{seq:02d}}号"
scope = "year"
form = "dispatch"
field = "dispatch_number"
[[channel]]
id = "window"
name = "专窗"
[[channel]]
id = "online"
name = "线上"
[[counter]]
id = "hall"
name = "{name}政务大厅"
[codes.refusal_ground]
1 = "属于民事纠纷的"
[portal]
objects = "{name}的企业"
scope = "生产经营中的困难"
venue = "{name}接待室"
online_channel = "online"
qr_channel = "online"
privacy = "仅用于办理。"
window = "挂号期"
[[register]]
key = "ledger"
title = "{name}问题台账"
by = "period"
columns = [{{label = "企业", value = "case.enterprise"}}]
[[register]]
key = "list"
title = "{name}事项清单"
columns = [{{label = "企业", value = "case.enterprise"}}]
[[report]]
key = "monthly"
title = "{name}月报"
figures = [{{key = "all", label = "件数"}}]
[[table]]
key = "rota"
title = "{name}领导轮值表"
public = true
columns = [{{key = "month", label = "月份"}}, {{key = "who", label = "领导"}}]
rows = [{{month = "3月", who = ["王一", "李二"]}}, {{month = "4月", who = "张三"}}]
notes = ["如有调整，另行公布。"]
[[table]]
key = "inner"
title = "{name}内部表"
columns = [{{key = "month", label = "月份"}}]
rows = [{{month = "3月"}}]
[[quota]]
name = "{name}恳谈会"
recurrence = "恳谈次数"
process = "forum"
"""

FORMS = {
    "register": form(
        "register",
        ("textfield", "enterprise"),
        ("textfield", "title"),
        ("textfield", "session"),
        ("textarea", "content"),
    ),
    "dispatch": form("dispatch", ("textfield", "dispatch_number"), ("textfield", "note")),
    "rate": form("rate", ("textfield", "score")),
    "plan": form("plan", ("textfield", "session"), ("textfield", "note")),
    "complain": form(
        "complain", ("textfield", "enterprise"), ("textfield", "title"), ("textarea", "content")
    ),
}


def _begin(id_: str, form_key: str) -> str:
    attrs = f'camunda:formRef="{form_key}" camunda:formRefBinding="deployment"'
    return node("startEvent", id_, attrs=attrs, clause=CLAUSE)


def _task(id_: str, group: str, **properties: str) -> str:
    """A task of staff, with properties that ``user`` does not write."""
    attrs = f'camunda:formRef="plan" camunda:formRefBinding="deployment" camunda:candidateGroups="{group}"'
    return node("userTask", id_, attrs=attrs, inner=outputs(place="session"), clause=CLAUSE, **properties)


def _rating(id_: str, **properties: str) -> str:
    """A task of the enterprise itself, with properties that ``user`` does not write."""
    attrs = 'camunda:formRef="rate" camunda:formRefBinding="deployment" camunda:candidateGroups="enterprise"'
    return node("userTask", id_, attrs=attrs, clause=CLAUSE, **properties)


DIAGRAM_PARTS = (
    process(
        _begin("s", "register"),
        user("dispatch", form="dispatch", group="office", inner=outputs(place="session")),
        _rating("rate", onsite="true"),
        _rating("rate_again"),
        service("keep", "archive"),
        end(),
        path("s", "dispatch", "rate", "rate_again", "keep", "e"),
        id_="case",
    ),
    process(
        _begin("cs", "plan"),
        service("tell", "publish", template="announcement"),
        _task("held", "office", report="monthly"),
        end("ce"),
        path("cs", "tell", "held", "ce"),
        id_="clinic",
    ),
    process(
        _begin("fs", "plan"),
        user("talk", form="plan", group="forum_office", inner=outputs(place="session")),
        end("fe"),
        path("fs", "talk", "fe"),
        id_="forum",
    ),
    process(
        _begin("ps", "complain"),
        user("inspect", form="plan", group="inspector"),
        end("pe"),
        path("ps", "inspect", "pe"),
        id_="complaint",
    ),
)


def town(code: int, name: str) -> dict[str, bytes]:
    """Return the files of a jurisdiction whose every text and number bears its ``name``."""
    slug = f"{code}-{'jia' if code == FIRST else 'yi'}"
    manifest = MANIFEST.format(slug=slug, code=code, name=name, mark=name[0])
    return {
        f"processes/{slug}/pack.toml": manifest.encode(),
        f"processes/{slug}/{slug}.bpmn": document(*DIAGRAM_PARTS),
        f"templates/message/{slug}/announcement.txt": f"{name}接诊公告\n请各企业按时参加。".encode(),
        **{f"forms/{slug}/{key}.json": content for key, content in FORMS.items()},
    }
