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

_NEXT = "如果本来不用填，再次提交即可；如果应当填，请核对决定它的各项"


@dataclass(frozen=True, slots=True)
class Surprise:
    """An answer that is not treated as the page made the person believe; ``title`` names field and row.

    ``lost`` says that it does not count: once that is said it may be handed in again as it stands.
    """

    bound: Any
    title: str
    message: str
    lost: bool


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
        if isinstance(component, (Composite, Computed)) or bound.name in sent.told:
            continue
        unseen = sent.concealed is not None and bound.name in sent.concealed
        title = within_quotes(place + component.title)
        if hidden and not unseen and _typed(bound, sent, always=sent.concealed is not None):
            message = f"“{title}”按现在的填写不需要填，所填内容不会保留。{_NEXT}"
            yield Surprise(bound, title, message, lost=True)
        elif not hidden and bound.state.readonly:
            if isinstance(component.readonly, Rule) and _typed(bound, sent):
                message = f"“{title}”按现在的填写不能改，所填内容没有采用。{_NEXT}"
                yield Surprise(bound, title, message, lost=True)
        elif unseen and not hidden and _typed(bound, sent, always=True):
            message = f"“{title}”填有内容，提交前却没有显示出来：请核对这一项，再次提交"
            yield Surprise(bound, title, message, lost=False)


def _typed(bound: Any, sent: Submission, *, always: bool = False) -> bool:
    """Tell whether there is something in an input, and (unless ``always``) something else than the page began with."""
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
    return not component.blank(answer) and (always or bool(answer != before))
