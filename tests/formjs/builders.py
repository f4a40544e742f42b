"""Small forms and submissions for the tests of formjs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from werkzeug.datastructures import MultiDict

from zuozhen.formjs import BoundForm, FormDefinition, bind, load_form

ROOT = Path(__file__).resolve().parents[2]
XUANWEI = ROOT / "forms" / "530381-xuanwei"


def component(kind: str, key: str, **more: Any) -> dict[str, Any]:
    named = {"path": key} if kind in ("dynamiclist",) else {"key": key}
    return {"type": kind, "id": f"Field_{key}", "label": f"标签{key}", **named, **more}


def source(*components: dict[str, Any], **root: Any) -> dict[str, Any]:
    return {"type": "default", "id": "Form_test", "schemaVersion": 19, "components": list(components), **root}


def form(*components: dict[str, Any], **root: Any) -> FormDefinition:
    text = json.dumps(source(*components, **root), ensure_ascii=False, indent=1)
    return load_form(text, key="test", file="forms/test.json")


def submit(definition: FormDefinition, *pairs: tuple[str, Any], **more: Any) -> BoundForm:
    return bind(definition, formdata=MultiDict(pairs), **more)


def answer(kind: str, typed: str, **more: Any) -> tuple[Any, list[str]]:
    """Return the answer and the messages of a form with one field into which something was typed."""
    bound = submit(form(component(kind, "x", **more)), ("x", typed))
    bound.validate()
    return bound.answers.get("x"), [problem.message for problem in bound.problems]


def xuanwei(key: str) -> FormDefinition:
    path = XUANWEI / f"{key}.json"
    return load_form(path.read_bytes(), key=key, file=f"forms/530381-xuanwei/{key}.json")
