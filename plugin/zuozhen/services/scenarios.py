"""Scenario tables of a pack (``scenarios.toml``): what is done when, and what must come out."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from zuozhen.model.clock import LOCAL
from zuozhen.model.errors import ContentError, Finding

STEP_KEYS = frozenset(
    {
        "at",
        "register",
        "channel",
        "task",
        "act",
        "start",
        "process",
        "answers",
        "as",
        "number",
        "case",
        "files",
        "expect",
    }
)
_DUE = re.compile(r"\d{4}-\d\d-\d\d( (([01]\d|2[0-3]):[0-5]\d|24:00))?", re.ASCII)
YEARS = range(2000, 2100)
"""What calendars and clocks can bear."""
EXPECT_KEYS = frozenset({"open", "due", "stage", "ended", "fired", "documents", "notices", "data"})


@dataclass(frozen=True, slots=True)
class Expected:
    """What must hold after a step; ``None`` means not asked."""

    open: tuple[str, ...] | None = None
    due: Mapping[str, str] = field(default_factory=dict)
    stage: str | None = None
    ended: str | None = None
    fired: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    """Answers by ``form.field``."""


@dataclass(frozen=True, slots=True)
class ScenarioStep:
    """One step: the clock moves to ``at``, then one act (or none) happens."""

    at: datetime
    kind: str
    target: str
    answers: Mapping[str, Any]
    channel: str
    process: str
    number: int
    case: str
    files: tuple[str, ...]
    """Upload fields in which a sample file is handed in."""
    expected: Expected


@dataclass(frozen=True, slots=True)
class Scenario:
    """One story through a procedure."""

    name: str
    start: datetime
    steps: tuple[ScenarioStep, ...]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Values that parameters of the pack have in this story."""
    tables: Mapping[str, Any] = field(default_factory=dict)
    """Rows that reference tables of the pack have in this story."""

    @property
    def begin(self) -> datetime:
        """When the clock of a walk must stand at its beginning."""
        return min(self.start, self.steps[0].at) if self.steps else self.start


@lru_cache(maxsize=16)
def load_scenarios(content: bytes, file: str) -> tuple[Scenario, ...]:
    """Read a scenario table; the same text is read once.

    Raises:
        ContentError: with the scenario and step that is wrong.
    """
    try:
        table = tomllib.loads(content.decode())
    except (ValueError, RecursionError) as error:
        raise ContentError(
            "情景文件不是正确的 TOML。", [Finding("error", "scenario-syntax", str(error), file=file)]
        ) from error
    findings: list[Finding] = []
    scenarios = []
    for index, entry in enumerate(_tables(table.get("scenario")), start=1):
        name = str(entry.get("name", f"第{index}个"))
        steps = []
        for at, step in enumerate(_tables(entry.get("step")), start=1):
            try:
                steps.append(read_step(step))
            except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
                findings.append(
                    Finding(
                        "error", "scenario-step", f"情景“{name}”第 {at} 步：{error}", file=file, element=name
                    )
                )
        start = entry.get("start") or (steps[0].at if steps else None)
        if isinstance(start, datetime) and start.year in YEARS:
            parameters, tables = entry.get("parameters", {}), entry.get("tables", {})
            problem = _settings_problem(parameters, tables)
            if problem:
                findings.append(
                    Finding("error", "scenario-setting", f"情景“{name}”：{problem}", file=file, element=name)
                )
                continue
            scenarios.append(Scenario(name, _local(start), tuple(steps), parameters, tables))
        else:
            findings.append(
                Finding("error", "scenario-start", f"情景“{name}”没有开始时间。", file=file, element=name)
            )
    if findings:
        raise ContentError("情景文件有错误。", findings)
    return tuple(scenarios)


def _settings_problem(parameters: Any, tables: Any) -> str:
    """Return what is wrong with what a scenario sets for itself; empty if nothing."""
    if not isinstance(parameters, Mapping) or any(
        isinstance(each, dict | list) for each in parameters.values()
    ):
        return "parameters 应写成 [scenario.parameters]，下面一行一个，如 answer_days = 5"
    if not isinstance(tables, Mapping) or not all(isinstance(rows, list) for rows in tables.values()):
        return '[scenario.tables] 下面写各表的行，如 rota = [{ month = "1月", host = "fagai" }]'
    return ""


def _tables(value: Any) -> list[Mapping[str, Any]]:
    """Return the tables of an array; what is none stands for an empty one, which is found wanting."""
    entries = value if isinstance(value, list) else [] if value is None else [value]
    return [entry if isinstance(entry, Mapping) else {} for entry in entries]


def read_step(table: Mapping[str, Any]) -> ScenarioStep:
    """Read one step.

    Raises:
        KeyError, TypeError, ValueError: what is wrong, in Chinese where we say it.
    """
    unknown = table.keys() - STEP_KEYS
    if unknown:
        raise ValueError("不认识的项：" + "、".join(sorted(unknown)))
    kinds = [kind for kind in ("register", "task", "act", "start") if kind in table]
    if len(kinds) > 1:
        raise ValueError("一步只能做一件事：" + "、".join(kinds))
    kind = kinds[0] if kinds else "wait"
    answers = table["register"] if kind == "register" else table.get("answers", {})
    if not isinstance(answers, Mapping):
        raise ValueError("填写的内容应写成表")
    return ScenarioStep(
        _local(table["at"]),
        kind,
        "" if kind in ("register", "wait") else str(table[kind]),
        answers,
        str(table.get("channel", "")),
        str(table.get("process", "case" if kind == "register" else "clinic")),
        int(table.get("number", 1)),
        str(table.get("case", "case")),
        tuple(str(key) for key in table.get("files", ())),
        _expected(table.get("expect", {})),
    )


def _expected(table: Mapping[str, Any]) -> Expected:
    unknown = table.keys() - EXPECT_KEYS
    if unknown:
        raise ValueError("expect 中不认识的项：" + "、".join(sorted(unknown)))
    opened = table.get("open")
    return Expected(
        tuple(sorted(opened)) if opened is not None else None,
        {key: _due(value) for key, value in table.get("due", {}).items()},
        table.get("stage"),
        table.get("ended"),
        tuple(table.get("fired", ())),
        tuple(table.get("documents", ())),
        tuple(table.get("notices", ())),
        _answers(table.get("data", {})),
    )


def _due(value: Any) -> str:
    """Return an expected due date as ``2026-10-20``, or with its time as ``2026-10-20 16:00``."""
    text = str(value).replace("T", " ")
    if isinstance(value, datetime):
        text = text[: len("2026-10-20 16:00")]
    if text != "不限" and not _DUE.fullmatch(text):
        raise ValueError(f"due 不能是“{text[:40]}”，写成 2026-10-20 或 2026-10-20 16:00（整天是 24:00）")
    return text


def _answers(table: Any) -> Mapping[str, Any]:
    if not isinstance(table, Mapping) or not all("." in key for key in table):
        raise ValueError('data 应写成 { "表单.项" = 值 }')
    return dict(table)


def _local(value: Any) -> datetime:
    if not isinstance(value, datetime):
        raise ValueError("at 应写成本地日期时间，例如 2026-09-01T09:30:00")
    if value.year not in YEARS:
        raise ValueError(f"时间应在 {YEARS.start} 年至 {YEARS.stop - 1} 年之间")
    return value if value.tzinfo else value.replace(tzinfo=LOCAL)
