"""Which cases a register by period holds, and what can be chosen above it: one pass over its cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from zuozhen.model.errors import Invalid, NotFound
from zuozhen.packs import Register
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.listing.formulas import Fault
from zuozhen.services.listing.stream import Entry, Pass, within
from zuozhen.services.lookups import functions_for
from zuozhen.services.registers.rules import RegisterRules, open_register
from zuozhen.services.registers.views import Asked, FilterView, RegisterRow
from zuozhen.services.releases import Release

MOST_CHOICES: Final = 200


class PeriodWork:
    """One pass: ``entries`` are the cases asked for; afterwards ``count``, choices and problems are known."""

    def __init__(
        self, release: Release, register: Register, rules: RegisterRules, cases: Pass, asked: Asked
    ) -> None:
        self.release = release
        self.register = register
        self.rules = rules
        self.asked = asked
        self.count = 0
        self._cases = cases
        self._query = asked.query.strip().lower()
        self._found: dict[str, Counter[str]] = {choice.key: Counter() for choice in register.filters}
        self._faults: dict[str, None] = {}

    def entries(self) -> Iterator[Entry]:
        """Yield the cases of the period that meet the register's filter, the choices and the text."""
        functions = self._cases.functions
        asked = self.asked
        for entry in self._cases.entries(within(self.register.period, asked.first, asked.last)):
            if not self._in_period(entry):
                continue
            included = self.rules.includes(entry.facts, functions)
            if isinstance(included, Fault):
                self._faults[f"筛选条件{included.text}"] = None  # a broken filter hides nothing
            elif not included:
                continue
            texts = self.rules.choices(entry.facts, functions)
            for key, found in texts.items():
                self._found[key].update(found)
            if all(wanted in texts.get(key, ()) for key, wanted in asked.chosen.items()) and self._said(
                entry
            ):
                self.count += 1
                yield entry

    def line(self, entry: Entry, number: int) -> RegisterRow:
        """Return the line of a case, the ``number``-th from 1."""
        return self.rules.row(entry.case.id, entry.facts, self._cases.functions, number)

    def department(self, entry: Entry) -> str:
        return self.rules.department_of(entry.facts, self._cases.functions)

    @property
    def headline(self) -> str:
        """What was asked for, in words."""
        labels = {choice.key: choice.label for choice in self.register.filters}
        chosen = [f"{labels[key]}：{text}" for key, text in self.asked.chosen.items()]
        query = [f"含“{self.asked.query.strip()}”"] if self._query else []
        return "；".join((self.asked.span, *chosen, *query))

    @property
    def filters(self) -> tuple[FilterView, ...]:
        """The choices of the period, whatever is chosen now."""
        return tuple(
            FilterView(
                choice.key,
                choice.label,
                tuple(sorted(self._found[choice.key].items()))[:MOST_CHOICES],
                self.asked.chosen.get(choice.key, ""),
            )
            for choice in self.register.filters
        )

    @property
    def problems(self) -> tuple[str, ...]:
        return tuple(self._faults)

    def _in_period(self, entry: Entry) -> bool:
        first, last = self.asked.first, self.asked.last
        if first is None and last is None:
            return True
        day = self.rules.day(entry.facts, self._cases.functions)
        return day is not None and (first is None or first <= day) and (last is None or day <= last)

    def _said(self, entry: Entry) -> bool:
        """Say whether the text asked for stands in the line, as people would read it."""
        if not self._query:
            return True
        return any(self._query in text.lower() for text in self.line(entry, self.count + 1).texts)


@contextmanager
def period_work(context: Context, actor: Actor, key: str, asked: Asked) -> Iterator[PeriodWork]:
    """Open a register by period for one pass.

    Raises:
        NotFound: there is no such register by period.
        Forbidden: it is open to other posts only.
        Invalid: the days are the wrong way round.
    """
    if asked.first and asked.last and asked.first > asked.last:
        raise Invalid("开始日期晚于结束日期。", hint="请重新选择期间。")
    with context.database.read() as session:
        release = context.releases.live(session, actor.tenant)
        register = open_register(release, actor, key)
        if register.by != "period":
            raise NotFound(f"“{register.title}”按场次列出。", hint="请从场次页打开某一场次的清单。")
        functions = functions_for(context, session, release)(context.clock(), lambda _note: None)
        rules = RegisterRules.of(register)
        cases = Pass(context, session, actor, release, register.process, rules.needs, functions, actor)
        yield PeriodWork(release, register, rules, cases, asked)
