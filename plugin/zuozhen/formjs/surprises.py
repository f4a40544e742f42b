"""Answers that would be lost, or taken, without the person knowing: page and server disagree about what is asked.

The page says which of its inputs it hides (:data:`zuozhen.formjs.submissions.CONCEALED`). Whatever else was typed was
seen, and is not dropped in silence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from zuozhen.formjs.components.base import within_quotes
from zuozhen.formjs.components.containers import Composite, DynamicList
from zuozhen.formjs.components.scope import Scope
from zuozhen.formjs.components.showing import Computed
from zuozhen.formjs.components.uploads import FilePicker
from zuozhen.formjs.expressions import Rule
from zuozhen.formjs.settling import inner_forms
from zuozhen.formjs.submissions import Submission


@dataclass(frozen=True, slots=True)
class Surprise:
    """An answer that is not treated as the page made the person believe; ``title`` names field and row."""

    bound: Any
    title: str
    message: str


def surprises(
    form: Any, scope: Scope, sent: Submission, *, enclosed: bool = False, place: str = ""
) -> Iterator[Surprise]:
    """Give what was typed into the inputs of a form and is not treated as it looked.

    ``enclosed``: all are hidden; ``place`` names the row that the form is.
    """
    for component in scope.fields:
        bound = form.field(component.key)
        hidden = enclosed or bound.state.hidden
        for number, each in enumerate(inner_forms(bound), start=1):
            row = f"{component.title}第 {number} 行的" if isinstance(component, DynamicList) else ""
            yield from surprises(each, bound.component.scope, sent, enclosed=hidden, place=row)
        if isinstance(component, (Composite, Computed)) or not _typed(bound, sent):
            continue
        title = within_quotes(place + component.title)
        unseen = bound.name in sent.concealed
        if hidden and not unseen:
            message = f"“{title}”按现在的填写不需要填，所填内容不会保留：请清空这一项；如果应当填，请核对决定它是否出现的各项"
        elif unseen and not hidden and not bound.state.readonly:
            message = f"“{title}”填有内容，提交前却没有显示出来：请核对这一项，再次提交"
        elif bound.state.readonly and isinstance(component.readonly, Rule):
            message = f"“{title}”按现在的填写不能改，所填内容没有采用：请核对后再次提交"
        else:
            continue
        yield Surprise(bound, title, message)


def _typed(bound: Any, sent: Submission) -> bool:
    """Tell whether something was typed that is neither blank nor what the page began with."""
    component = bound.component
    before = component.coerce(bound.object_data)
    if isinstance(component, FilePicker):
        return bool(bound.data != before)
    if bound.name not in sent.values:
        return False
    try:
        answer = component.parse(sent.values.getlist(bound.name))
    except ValueError:
        return True
    return not component.blank(answer) and bool(answer != before)
