"""A pack of one's own for tests: two processes of a few nodes, two forms, drawn and free of findings."""

from __future__ import annotations

import json

from tests.engine_lint.build import (
    CLAUSE,
    catch,
    document,
    end,
    message,
    node,
    path,
    process,
    start,
    throw,
    user,
)

SLUG = "999999-shifan"
TENANT = 999999
DIAGRAM = f"processes/{SLUG}/{SLUG}.bpmn"
MANIFEST = f"""\
slug = "{SLUG}"
code = {TENANT}
name = "示范县"
title = "示范县局长坐诊接诉"
diagram = "{SLUG}.bpmn"
session_recurrence = "坐诊日"
business_key = "session"
[notice]
number = "示办通〔2024〕1号"
date = 2024-11-05
issuer = "示范县人民政府办公室"
basis = "示范市〔2024〕2号"
[processes]
case = "case"
clinic = "clinic"
[[unit]]
id = "fagai"
name = "发展和改革局"
[[role]]
id = "office"
name = "专班"
unit = "fagai"
sees = "all"
[[recurrence]]
name = "坐诊日"
kind = "monthly_day"
day = 20
roll = "forward"
[numbering.case]
pattern = "SF{{year}}-{{seq:04d}}"
scope = "year"
[[channel]]
id = "window"
name = "专窗"
[[channel]]
id = "online"
name = "线上"
[portal]
objects = "企业"
scope = "生产经营中的困难"
venue = "二楼接待室"
online_channel = "online"
qr_channel = "online"
privacy = "仅用于办理。"
"""


def form(key: str, *fields: tuple[str, str], required: str = "") -> bytes:
    """Write a form-js form of (type, key) fields; all but the one ``required`` are optional."""
    components = [
        {
            "type": kind,
            "id": f"Field_{name}",
            "key": name,
            "label": f"填写{name}",
            "validate": {"required": name == required},
        }
        for kind, name in fields
    ]
    content = {"type": "default", "id": f"Form_{key}", "schemaVersion": 19, "components": components}
    return json.dumps({**content, "properties": {"title": f"表{key}"}}, ensure_ascii=False, indent=1).encode()


REGISTER = (("textfield", "enterprise"), ("textfield", "title"), ("textfield", "session"))
PLAN = (("textfield", "session"), ("textfield", "note"))
FORMS = {
    "register": form("register", *REGISTER),
    "step": form("step", ("textfield", "note"), ("number", "amount")),
    "plan": form("plan", *PLAN),
}


def task(id_: str, *, body: str = "", inner: str = "") -> str:
    return user(id_, form="step", group="office", body=body, inner=inner)


def begin(form_key: str, id_: str = "s") -> str:
    return node(
        "startEvent",
        id_,
        attrs=f'camunda:formRef="{form_key}" camunda:formRefBinding="deployment"',
        clause=CLAUSE,
    )


def pack(case: str, clinic: str = "", messages: str = "") -> dict[str, bytes]:
    """Return the files of the pack with these two processes."""
    clinic = clinic or process(
        begin("plan", "cs"), task("held"), end("ce"), path("cs", "held", "ce"), id_="clinic"
    )
    return {
        f"processes/{SLUG}/pack.toml": MANIFEST.encode(),
        DIAGRAM: document(messages, case, clinic),
        **{f"forms/{SLUG}/{key}.json": content for key, content in FORMS.items()},
    }


def case_process(*elements: str) -> str:
    return process(begin("register"), *elements, id_="case")


def straight_case(*middle: str, ids: tuple[str, ...]) -> str:
    """Return a case process that passes through ``ids`` one after the other."""
    return case_process(*middle, end(), path("s", *ids, "e"))


def talking(delivery: str, ttl: str = "P90D") -> dict[str, bytes]:
    """Return a pack whose sessions tell their cases to come; one that began twice may hear twice."""
    hear = catch("hear", message("m"), key="session", clause=CLAUSE)
    case = straight_case(task("ready"), hear, task("after"), ids=("ready", "hear", "after"))
    call = throw(
        "call", message("m"), key="session", payload="note", delivery=delivery, ttl=ttl, clause=CLAUSE
    )
    clinic = process(begin("plan", "cs"), call, end("ce"), path("cs", "call", "ce"), id_="clinic")
    asked = {
        f"forms/{SLUG}/{key}.json": form(key, *fields, required="session")
        for key, fields in (("register", REGISTER), ("plan", PLAN))
    }
    return {**pack(case, clinic, '<bpmn:message id="m" name="开始" />'), **asked}


__all__ = [
    "DIAGRAM",
    "SLUG",
    "TENANT",
    "begin",
    "case_process",
    "form",
    "pack",
    "start",
    "straight_case",
    "talking",
    "task",
]
