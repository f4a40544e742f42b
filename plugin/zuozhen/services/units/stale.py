"""What a pack still says of units that are over: it works, by their successors, but should be written anew."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from lxml import etree

from zuozhen.model.errors import ContentError, Finding
from zuozhen.packs import Pack
from zuozhen.packs.paths import manifest_path
from zuozhen.packs.safexml import read_xml
from zuozhen.packs.units import heir, is_over

CODE: Final = "unit-over"
_GROUPS: Final = "candidateGroups"


def stale_findings(pack: Pack, today: date) -> Iterator[Finding]:
    """Yield a warning for each role, rota and element of the diagram that names a unit which is over by ``today``."""
    names = {unit.id: unit.name for unit in pack.units}
    over = {unit.id: unit for unit in pack.units if is_over(unit, today)}
    if not over:
        return
    for id_, what, file, element in _named(pack, frozenset(over)):
        unit = over[id_]
        now = heir(pack.units, id_, today)
        message = f"{what}写着单位“{unit.name}”（{id_}），它自 {unit.until} 起撤销"
        if now == id_:
            yield Finding(
                "warning", CODE, f"{message}，没有承接单位", file, element, hint="请改为现有的单位。"
            )
        else:
            hint = f"请改为 {now}；分立而应归别的单位的，改为那个单位。"
            yield Finding(
                "warning", CODE, f"{message}，现在按“{names.get(now, now)}”办理", file, element, hint=hint
            )


def _named(pack: Pack, over: frozenset[str]) -> Iterator[tuple[str, str, str, str]]:
    """Yield (unit, what names it, file, element)."""
    manifest = manifest_path(pack.slug)
    for role in pack.roles:
        if role.unit in over:
            yield role.unit, f"岗位“{role.name}”", manifest, role.id
    for spec in pack.recurrences:
        for holder in dict.fromkeys((*spec.table.get("holders", ()), spec.table.get("holder", ""))):
            if holder in over:
                yield holder, f"周期规则“{spec.name}”", manifest, spec.name
    drawn = pack.files[pack.diagram_path]
    if not any(f'"{unit}"'.encode() in drawn for unit in over):
        return  # reading it costs more than the whole look
    try:
        root = read_xml(drawn, pack.diagram_path)
    except ContentError:
        return  # said of the diagram itself
    for node in root.iter(etree.Element):
        for key, value in node.attrib.items():
            if value in over and etree.QName(key).localname == _GROUPS:
                id_ = node.get("id", "")
                yield value, f"“{node.get('name') or id_}”的办理岗位", pack.diagram_path, id_
