"""Migration: which date a deadline has when its rule, or the calendar, has changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from SpiffWorkflow.util.task import TaskState

from zuozhen.engine.ambient import same_values, told_values
from zuozhen.engine.events import BoundaryEvent
from zuozhen.engine.journal import Journal, from_micros, to_micros
from zuozhen.engine.migration.reporting import Report
from zuozhen.engine.timers import (
    ANCHOR,
    DUE,
    LEFT,
    MOVED,
    SINCE,
    TimerDefinition,
    passed_of,
    set_passed,
)
from zuozhen.feel import same
from zuozhen.model.clock import due_date, end_of_day, local_date
from zuozhen.model.migration import DueChange, Order
from zuozhen.model.step import Json


def same_rule(old: TimerDefinition, new: TimerDefinition, journal: Journal) -> bool:
    """Tell whether two timers fire by the same rule: the same text that reads the same parameters and rows."""
    return (
        old.recurring == new.recurring
        and same(old.text, new.text)
        and same_values(old.text, journal.former, new.text, journal.ambient)
    )


class Redating:
    """Decides and sets the dates of timers. ``activity`` is where a timer counts from: the token of the
    task it is drawn on, or the timer's own token for one in the flow."""

    def __init__(self, order: Order, journal: Journal, report: Report) -> None:
        self.order = order
        self.journal = journal
        self.report = report

    def keep_or_change(self, activity: Any, timer: Any, old: Any) -> None:
        """Give an armed timer the date it has from now on; its token is on the new specification already."""
        before = timer.internal_data[DUE]
        definition = timer.task_spec.event_definition
        changed = not same_rule(old.event_definition, definition, self.journal)
        why: tuple[Json, ...] = ()
        kept = False
        if changed and self.order.timers == "keep":
            kept = True
        elif changed:
            why, kept = self._changed(activity, timer)
        elif self.order.recount and not definition.literal:
            why, kept = self._recounted(activity, timer)
        after = timer.internal_data[DUE]
        if after != before:
            self.journal.write("retimed", timer.task_spec.element, timer.id)
        self.tell(activity, before, after, old, timer.task_spec, why=why, kept=kept)

    def add(self, activity: Any, parent: Any, spec: Any) -> None:
        """Arm an event that the old diagram did not have: it counts from the entry into the activity."""
        token = self._arm_token(activity, parent, spec)
        definition = spec.event_definition
        if isinstance(definition, TimerDefinition):
            due_at, why = definition.due(token, self._start(activity, token))
            definition.set_due(token, due_at, why)
            self.tell(activity, None, token.internal_data[DUE], None, spec, why=why)
            self.report.notes.append(f"新增“{spec.element.label}”，到期 {_day(due_at)}")
        else:
            definition.arm(token)
            self.report.notes.append(f"新增“{spec.element.label}”")
        self.journal.write("armed", spec.element, token.id)

    def drop(self, activity: Any, timer: Any, old: Any) -> None:
        """Close a boundary event that the new diagram does not have."""
        due = timer.internal_data.get(DUE)
        timer.cancel()
        self.journal.write("cancelled", old.element, timer.id)
        if due is not None:
            self.tell(activity, due, None, old, None)
        self.report.notes.append(f"“{old.element.label}”已删去，不再计时或等待")

    def passed(self, activity: Any, parent: Any, old: Any, new: Any) -> None:
        """Look at a timer that fired without ending its activity: a later date arms it again."""
        passed = passed_of(activity)
        before = passed.pop(old.name, None)
        changed = not same_rule(old.event_definition, new.event_definition, self.journal)
        again = self.order.timers != "keep" if changed else self.order.recount and before is not None
        if before is not None:
            set_passed(activity, {**passed, new.name: before})
        if not again or new.event_definition.recurring:
            if before is not None:
                self.tell(activity, before, before, old, new, kept=changed)
            return
        due_at, why = new.event_definition.due(parent, self._start(activity, None))
        due = to_micros(due_at)
        if due > self.journal.now_micros:
            token = self._arm_token(activity, parent, new)
            new.event_definition.set_due(token, due_at, why)
            if before is not None:
                set_passed(activity, passed)
            self.journal.write("armed", new.element, token.id)
            self.report.notes.append(f"“{new.element.label}”重新计时，到期 {_day(due_at)}")
            self.tell(activity, before, due, old, new, why=why)
        elif before is not None:
            if changed:
                set_passed(activity, {**passed, new.name: due})
            self.tell(activity, before, due if changed else before, old, new, why=why if changed else ())

    def missed_dropped(self, activity: Any, old: Any) -> None:
        """Forget the passed deadline of an event that the new diagram does not have."""
        passed = passed_of(activity)
        before = passed.pop(old.name, None)
        if before is not None:
            set_passed(activity, passed)
            self.tell(activity, before, None, old, None)

    def tell(
        self,
        activity: Any,
        before: int | None,
        after: int | None,
        old: Any,
        new: Any,
        *,
        why: tuple[Json, ...] = (),
        kept: bool = False,
    ) -> None:
        """Report a deadline; ``old`` and ``new`` are the specifications of the timer, if there is one."""
        place = activity.task_spec.element
        rules = ["" if spec is None else spec.element.rule for spec in (old, new)]
        worlds = (self.journal.former, self.journal.ambient)
        read = [told_values(rule, world) for rule, world in zip(rules, worlds, strict=True)]
        if read[0] != read[1]:
            rules = [f"{rule}（{known}）" if known else rule for rule, known in zip(rules, read, strict=True)]
        self.report.dues.append(
            DueChange(
                token=activity.id,
                element_id=place.id,
                name=place.label,
                timer_id=(old if new is None else new).element.id,
                old=None if before is None else from_micros(before),
                new=None if after is None else from_micros(after),
                old_rule=rules[0],
                new_rule=rules[1],
                why=why,
                kept=kept,
            )
        )

    # -- the rules

    def _changed(self, activity: Any, timer: Any) -> tuple[tuple[Json, ...], bool]:
        """Count by the new rule, unless a person moved the deadline to a date that must not be lost."""
        definition, known = timer.task_spec.event_definition, timer.internal_data
        timer.internal_data = {name: value for name, value in known.items() if name not in (LEFT, ANCHOR)}
        due_at, why = definition.due(timer, self._start(activity, timer))
        moved = timer.internal_data.get(MOVED)
        armed = timer.internal_data[DUE]
        if moved is not None and (armed < moved or to_micros(due_at) <= armed):
            label, day = timer.task_spec.element.label, _day(from_micros(armed))
            word = "延期" if armed > moved else "调整"
            self.report.notes.append(f"“{label}”已{word}，保留 {day}（按新规则为 {_day(due_at)}）")
            return (), True
        timer.internal_data = {name: value for name, value in timer.internal_data.items() if name != MOVED}
        definition.set_due(timer, due_at, why)
        return why, False

    def _recounted(self, activity: Any, timer: Any) -> tuple[tuple[Json, ...], bool]:
        """Count the same rule again, by a calendar that has changed; never to before the end of today."""
        label, armed = timer.task_spec.element.label, timer.internal_data[DUE]
        definition = timer.task_spec.event_definition
        due_at, why = definition.due(timer, self._start(activity, timer))
        if to_micros(due_at) == armed:
            self.journal.reasons[timer.id] = why  # no longer provisional, perhaps
            return why, False
        if MOVED in timer.internal_data:
            self.report.notes.append(f"“{label}”经人工调整，保留 {_day(from_micros(armed))}")
            return (), True
        earliest = min(from_micros(armed), end_of_day(local_date(self.journal.now)))
        if due_at < earliest:
            self.report.notes.append(
                f"“{label}”按新日历为 {_day(due_at)}，不因日历调整而逾期，定为 {_day(earliest)}"
            )
            if to_micros(earliest) == armed:
                return (), True
            text = f"按新日历为{_day(due_at)}，不因日历调整而逾期"
            due_at, why = earliest, (*why, {"due": _day(earliest), "text": text})
        definition.set_due(timer, due_at, why)
        return why, False

    def _start(self, activity: Any, timer: Any) -> datetime:
        """Return the instant from which a rule counts."""
        if self.order.timers == "now" and not self.order.recount:
            return from_micros(self.journal.now_micros)
        if timer is not None and timer.task_spec.event_definition.recurring:
            return from_micros(timer.internal_data.get(SINCE, timer.last_state_change))
        return from_micros(activity.last_state_change)

    @staticmethod
    def _arm_token(activity: Any, parent: Any, spec: Any) -> Any:
        token = parent._add_child(spec, TaskState.WAITING)
        token._inherit_data()
        token.last_state_change = activity.last_state_change
        return token


def is_timer(spec: Any) -> bool:
    """Tell whether a specification waits for a time."""
    return isinstance(getattr(spec, "event_definition", None), TimerDefinition)


def is_boundary(spec: Any) -> bool:
    """Tell whether a specification is an event on the border of an activity."""
    return isinstance(spec, BoundaryEvent)


def _day(instant: datetime) -> str:
    return due_date(instant).isoformat()
