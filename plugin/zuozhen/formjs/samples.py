"""Made-up answers that fit a form: what a preview of page and paper shows before anybody has filled it in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from zuozhen.formjs.components import Answerable
from zuozhen.formjs.components.base import Choice
from zuozhen.formjs.components.choices import Checkbox, Checklist, Options
from zuozhen.formjs.components.containers import Composite, DynamicList
from zuozhen.formjs.components.moments import Moment
from zuozhen.formjs.components.numbers import Number
from zuozhen.formjs.components.scope import Scope
from zuozhen.formjs.components.showing import Computed
from zuozhen.formjs.components.texts import TextArea, TextField
from zuozhen.formjs.components.uploads import FilePicker
from zuozhen.formjs.credit_codes import check_character
from zuozhen.formjs.definition import FormDefinition
from zuozhen.formjs.expressions import Surroundings
from zuozhen.model.step import Json

_ROWS = 2
_CODE_BODY = "91000000MA0000000"
_CHECKED: Mapping[str, str] = {
    "credit_code": _CODE_BODY + check_character(_CODE_BODY),
    "phone": "13800000000",
    "mobile": "13800000000",
    "email": "name@example.com",
}
_SENTENCE = "（示例内容，用于查看页面和打印件的样子。）"


def sample_answers(
    form: FormDefinition, options: Mapping[str, Sequence[Choice]], today: date
) -> dict[str, Json]:
    """Return an answer for every field, also for those that a condition would hide.

    They are plausible, not always valid: a pattern of the form's own cannot be guessed.
    """
    return _scope(form.scope, options, today)


def _scope(scope: Scope, options: Mapping[str, Sequence[Choice]], today: date) -> dict[str, Json]:
    answers: dict[str, Json] = {}
    for field in scope.order:
        value = _value(field, answers, options, today)
        if value is not None:
            answers[field.key] = value
    return {key: answers[key] for key in (field.key for field in scope.fields) if key in answers}


def _value(
    field: Answerable, answers: Mapping[str, Json], options: Mapping[str, Sequence[Choice]], today: date
) -> Json:
    if isinstance(field, Composite):
        inner = _scope(field.scope, options, today)
        return [inner] * min(_ROWS, field.max_rows) if isinstance(field, DynamicList) else inner
    if isinstance(field, Options):
        values = [value for value, _ in field.choices(Surroundings(answers), options)]
        return values[:_ROWS] if isinstance(field, Checklist) else (values[0] if values else None)
    if isinstance(field, Checkbox):
        return True if field.required else None
    if isinstance(field, FilePicker):
        return [{"name": f"示例{field.accept.split(',')[0].strip() or '.pdf'}", "size": 1024}]
    if isinstance(field, Computed):
        return None
    return _typed(field, today)


def _typed(field: Answerable, today: date) -> Json:
    if isinstance(field, Moment):
        return {"date": f"{today}", "time": "09:00", "datetime": f"{today}T09:00:00+08:00"}[field.subtype]
    if isinstance(field, Number):
        return _number(field)
    if isinstance(field, TextField):
        return _text(field)
    return None


def _number(field: Number) -> Json:
    low, step = field.limits.get("min"), field.increment or Decimal(1)
    number = Decimal(str(low)) if isinstance(low, (int, float)) else step
    return field.coerce(str(number))


def _text(field: TextField) -> Json:
    if field.check_name:
        return _CHECKED[field.check_name]
    text = f"示例{field.title}" + (_SENTENCE if isinstance(field, TextArea) else "")
    low, high = (field.limits.get(name) for name in ("minLength", "maxLength"))
    if isinstance(low, (int, float)):
        text += "例" * max(0, min(int(low), field.hard_limit) - len(text))
    return text[: int(high)] if isinstance(high, (int, float)) and high >= 1 else text
