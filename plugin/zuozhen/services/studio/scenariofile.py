"""Scenarios in the pack's ``scenarios.toml``: added, renamed, deleted as text, everything else untouched."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import tomlkit

from zuozhen.model.errors import Invalid, NotFound
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.scenarios import load_scenarios
from zuozhen.services.studio import workspace
from zuozhen.services.studio.trials import StepTable, local_iso

LONGEST_NAME: Final = 80
_HEAD: Final = re.compile(r"^\[\[scenario\]\][ \t]*$", re.MULTILINE)
_ACTS: Final = ("task", "act", "start")
_BEFORE: Final = ("channel", "case")
_AFTER: Final = ("process", "as", "number", "files")


def path_of(slug: str) -> str:
    """Return where a pack's scenarios are written."""
    return f"processes/{slug}/scenarios.toml"


def add_scenario(
    context: Context,
    actor: Actor,
    name: str,
    start: datetime,
    steps: Sequence[StepTable],
    settings: Mapping[str, Mapping[str, Any]] | None = None,
) -> int:
    """Append a scenario to the draft; returns the new revision of the file.

    ``settings`` are its own ``parameters`` and ``tables``.

    Raises:
        Invalid: no steps, no name, or a name that another scenario has.
        StaleDraft: somebody has saved the file at this moment.
    """
    if not steps:
        raise Invalid("还没有走任何一步，没有可保存的情景。")

    def appended(text: str, names: Sequence[str]) -> str:
        wanted = _name(name, names)
        return f"{text.rstrip()}\n\n\n{scenario_text(wanted, start, steps, settings)}".lstrip()

    return _change(context, actor, appended, f"试运行保存为情景“{name.strip()}”")


def rename_scenario(context: Context, actor: Actor, old: str, new: str) -> int:
    """Give a scenario of the draft another name. Raises ``NotFound``, ``Invalid``, ``StaleDraft``."""

    def renamed(text: str, names: Sequence[str]) -> str:
        first, last = _block(text, names, old)
        wanted = _name(new, [name for name in names if name != old])
        block, count = re.subn(
            r"^name[ \t]*=.*$",
            lambda _match: f"name = {_value(wanted)}",
            text[first:last],
            count=1,
            flags=re.MULTILINE,
        )
        if not count:
            raise _by_hand()
        return text[:first] + block + text[last:]

    return _change(context, actor, renamed, f"情景“{old}”改名")


def delete_scenario(context: Context, actor: Actor, name: str) -> int:
    """Delete a scenario of the draft. Raises ``NotFound``, ``StaleDraft``."""

    def without(text: str, names: Sequence[str]) -> str:
        first, last = _block(text, names, name)
        return text[:first] + text[last:]

    return _change(context, actor, without, f"删除情景“{name}”")


def scenario_text(
    name: str,
    start: datetime,
    steps: Sequence[StepTable],
    settings: Mapping[str, Mapping[str, Any]] | None = None,
) -> str:
    """Return a scenario as it is written by hand: one table a step, answers and expectations below."""
    lines = ["[[scenario]]", f"name = {_value(name)}", f"start = {local_iso(start)}"]
    for title, values in (settings or {}).items():
        if values:
            lines += [f"[scenario.{title}]", *(f"{_key(k)} = {_value(v)}" for k, v in values.items())]
    for step in steps:
        lines += ["", "[[scenario.step]]", f"at = {step['at']}", *_head(step)]
        for key, title in (("register", "register"), ("answers", "answers"), ("expect", "expect")):
            table: Mapping[str, Any] = step.get(key) or {}
            if table or (key == "register" and key in step):
                lines += [f"[scenario.step.{title}]", *(f"{_key(k)} = {_value(v)}" for k, v in table.items())]
    return "\n".join(lines) + "\n"


def _head(step: StepTable) -> list[str]:
    keys = [key for key in (*_BEFORE, *_ACTS, *_AFTER) if key in step]
    return [f"{key} = {_value(step[key])}" for key in keys]


def _key(key: str) -> str:
    return tomlkit.key(key).as_string()


def _value(value: Any) -> str:
    """Return a value in one line; tables inside lists are inline."""
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(item) for item in value)}]"
    if isinstance(value, str):
        return tomlkit.string(value).as_string()
    return str(tomlkit.item(value).as_string())


# ---------------------------------------------------------------- the file


def _change(context: Context, actor: Actor, change: Any, note: str) -> int:
    path = path_of(workspace.slug(context, actor.tenant))
    try:
        file = workspace.read_file(context, actor.tenant, path)
        text, rev = file.content.decode(), file.rev
    except NotFound:
        text, rev = "", workspace.rev_of(context, actor.tenant, path)
    names = [scenario.name for scenario in load_scenarios(text.encode(), path)]
    changed: str = change(text, names)
    _require_readable(changed, path)
    return workspace.save_file(context, actor, path, changed.encode(), rev=rev, note=note)


def _require_readable(text: str, path: str) -> None:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _by_hand() from error
    load_scenarios(text.encode(), path)


def _block(text: str, names: Sequence[str], name: str) -> tuple[int, int]:
    """Return where a scenario begins and ends in the text; blank lines before it belong to it."""
    if name not in names:
        raise NotFound(f"没有名为“{name}”的情景。", hint="它可能已被改名或删除；请刷新页面。")
    heads = [match.start() for match in _HEAD.finditer(text)]
    if len(heads) != len(names):
        raise _by_hand()
    at = names.index(name)
    last = heads[at + 1] if at + 1 < len(heads) else len(text)
    return heads[at], last


def _name(text: str, taken: Sequence[str]) -> str:
    name = " ".join(text.split())[:LONGEST_NAME]
    if not name:
        raise Invalid("请给情景起一个名称。")
    if name in taken:
        raise Invalid(f"已有名为“{name}”的情景。", hint="请换一个名称。")
    return name


def _by_hand() -> Invalid:
    return Invalid("情景文件的写法较特殊，无法自动修改。", hint="请在文件中手工修改 scenarios.toml。")
