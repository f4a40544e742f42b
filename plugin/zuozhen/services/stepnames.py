"""What the ids in a scenario are called: elements, cases, forms, letters. People read names, not ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from zuozhen.model.errors import ZuozhenError
from zuozhen.services.releases import Release

_INNER: Final = str.maketrans("“”", "‘’")
"""A name that has quotation marks stands in quotation marks itself."""

JOBS: Final = {
    "send": "传递消息",
    "match": "领取消息",
    "deliver": "送达消息",
    "start": "启动流程",
    "begin": "因消息启动流程",
    "notify": "发通知",
    "publish": "发公告",
    "print": "打印文书",
    "archive": "归档",
    "document": "出文书",
    "report": "出报告",
}


class StepNames:
    """Names, in quotation marks, of what the steps of a scenario say by id.

    An id stands by itself only where there is no name, and in parentheses where a name is not unique.
    """

    def __init__(self, release: Release) -> None:
        self._release = release
        self._count = Counter(element.name for element in release.diagram.elements.values() if element.name)

    def element(self, element_id: str) -> str:
        """Name an element of the diagram; a timer without a name is called by the activity it is on."""
        element = self._release.diagram.elements.get(element_id)
        if element is None:
            return f"“{element_id}”"
        if not element.name and element.attached_to:
            return f"{self.element(element.attached_to)}的时限"
        own = f"（{element_id}）" if self._count[element.name] > 1 else ""
        return f"{quoted(element.label)}{own}"

    def is_drawn(self, element_id: str) -> bool:
        """Say whether the diagram has such an element."""
        return element_id in self._release.diagram.elements

    def elements(self, element_ids: Iterable[str]) -> str:
        """List elements, each once with how many there are of it; ``没有`` for none."""
        count = Counter(element_ids)
        parts = (f"{self.element(one)}{f'{many} 项' if many > 1 else ''}" for one, many in count.items())
        return "、".join(parts) or "没有"

    def case(self, alias: str) -> str:
        """Name a case of the scenario by its process: ``clinic-2`` is the second of its kind."""
        pack, processes = self._release.pack, self._release.diagram.processes
        role, _, ordinal = alias.rpartition("-") if alias not in pack.processes else (alias, "", "")
        process = processes.get(pack.processes.get(role, ""))
        if process is None or not process.name:
            return quoted(alias)
        return f"{f'第 {ordinal} 个' if ordinal else ''}{quoted(process.name)}"

    def form(self, key: str) -> str:
        """Name a form by its title."""
        title = None
        with suppress(ZuozhenError):
            title = self._release.form(key).properties.get("title")
        return quoted(title if isinstance(title, str) and title else key)

    def letter(self, template: str) -> str:
        """Name a letter or announcement by the elements that send it."""
        senders = [
            element.id
            for element in self._release.diagram.elements.values()
            if element.properties.get("zz:template") == template and element.name
        ]
        return "、".join(dict.fromkeys(map(self.element, senders))) or quoted(template)


def quoted(name: str) -> str:
    """Return a name in quotation marks."""
    return f"“{name.translate(_INNER)}”"
