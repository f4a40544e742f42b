"""What happens to units, in the sentences of the deployment page and the command line."""

from __future__ import annotations

from collections.abc import Iterator

from zuozhen.services.units.outlook import Outlook, TaskMove, UnitChange

_DAY = {
    "ended": "自 {until} 起撤销",
    "ending": "将于 {until} 撤销（到当天自动转办）",
    "moved": "改了承接单位",
}


def sentences(outlook: Outlook) -> Iterator[str]:
    """Yield what becomes of each unit, then which tasks move."""
    for change in outlook.changes:
        yield _unit(change)
    for move in outlook.now:
        yield _task(move)
    for day, moves in outlook.later.items():
        yield from (f"到 {day}：{_task(move)}" for move in moves)


def _unit(change: UnitChange) -> str:
    if change.kind == "back":
        return (
            f"单位“{change.name}”恢复：还没办结的任务转回；已经由承接单位办结的、已发出的消息、"
            "已交表单里选的单位不变。"
        )
    if change.kind == "removed":
        people = (
            f"：{_people(change)}改登记到“{change.taker}”，以后恢复这个单位时不会自动转回"
            if change.uses.people
            else ""
        )
        return f"已撤销的单位“{change.name}”的行删去{people}。"
    what = _DAY[change.kind].format(until=change.until)
    if not change.heirs:
        return f"单位“{change.name}”{what}，没有承接单位：到时还没办完的留在原单位，请届时改派。"
    shares = "；".join(f"{when} 的归“{name}”" if when else f"其余归“{name}”" for name, when in change.heirs)
    to = shares if change.split else f"由“{change.heirs[0][0]}”承接"
    return f"单位“{change.name}”{what}：{to}。{_without_a_case(change)}已办件和已交的表单仍用原名。"


def _without_a_case(change: UnitChange) -> str:
    uses = change.uses
    parts = []
    if uses.people:
        tail = "，属于其他承接单位的请在“人员”中改" if change.split else ""
        parts.append(f"{_people(change)}转入“{change.taker}”{tail}")
    named = [
        *uses.roles,
        *(f"周期“{name}”" for name in uses.rotas),
        *(f"资料表“{title}”" for title in uses.tables),
    ]
    if named:
        parts.append(f"{'、'.join(named)}写着原单位，按“{change.taker}”算，可以直接改写")
    if uses.sessions:
        parts.append("以它命名的场次仍用原来的名称，任务由承接单位办理")
    return "".join(f"{part}。" for part in parts)


def _people(change: UnitChange) -> str:
    people = change.uses.people
    return f"{'、'.join(people[:5])}{f'等 {len(people)} 人' if len(people) > 5 else ''}"


def _task(move: TaskMove) -> str:
    draft = "（已填的内容保留）" if move.draft else ""
    return f"{move.number or move.title}　{move.task}：{move.origin} → {move.target}{draft}"
