"""Deadlines while the diagram or the calendar changes: which count anew, which stay, what people are told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.engine import play as playing
from tests.engine.bpmn import Diagram
from tests.engine.moving import change, dates, deadline, drawing, due, line, move, moved, refused
from tests.engine.play import T0, Play

from zuozhen.engine import migrate
from zuozhen.model.clock import end_of_day, local_date
from zuozhen.model.migration import Migrated, Order
from zuozhen.model.step import Environment, Retime

DUE_5, DUE_10, DUE_20 = "2026-01-12", "2026-01-19", "2026-02-02"


def end_of(day: str) -> datetime:
    return end_of_day(datetime.fromisoformat(day).date())


# ---------------------------------------------------------------- the three ways to count


@pytest.mark.parametrize(
    ("timers", "new", "kept"),
    [("from_start", DUE_10, False), ("keep", DUE_5, True), ("now", "2026-01-22", False)],
)
def test_changed_rule(timers: str, new: str, kept: bool) -> None:
    play = Play(line("handle", handle="workdays(5)"))
    play.now += timedelta(days=3)
    result = move(play, line("handle", handle="workdays(10)"), timers=timers)
    assert dates(result) == {"handle_late": (DUE_5, new)} and change(result, "handle_late").kept is kept
    assert play.timer("handle_late").rule == play.task("handle").due_rule == "workdays(10)"


def test_unchanged_rule_keeps_its_instant_even_if_it_would_give_another_now() -> None:
    play = Play(line("a", "b", b="workdays(n)"), {"n": 5})
    play.done("a")
    play.now += timedelta(days=3)
    for timers in ("from_start", "keep", "now"):
        result = moved(
            play, line("a", "b", "c", b="=workdays( n )"), timers=timers
        )  # same but for the writing
        assert dates(result) == {"b_late": (DUE_5, DUE_5)} and not change(result, "b_late").kept


def test_added_deadline_counts_from_now_if_told_so() -> None:
    play = Play(line("handle"))
    play.now += timedelta(days=7)
    assert dates(moved(play, line("handle", handle="workdays(5)"), timers="now")) == {
        "handle_late": ("", DUE_10)
    }
    assert dates(moved(play, line("handle", handle="workdays(5)"), timers="keep")) == {
        "handle_late": ("", DUE_5)
    }


def test_every_timer_of_a_task_on_its_own() -> None:
    def task(reminder: str, limit: str, cancel: bool = False) -> Diagram:
        diagram, process = drawing()
        process.chain(process.start(), process.user("work"), process.end())
        deadline(process, "work", reminder, "remind")
        deadline(process, "work", limit, "late", cancel=cancel)
        return diagram

    play = Play(task("workdays(3)", "workdays(5)"))
    remind, late = play.timer("remind").token, play.timer("late").token
    result = move(play, task("workdays(3)", "workdays(10)", cancel=True))
    assert dates(result) == {"remind": ("2026-01-08", "2026-01-08"), "late": (DUE_5, DUE_10)}
    assert (play.timer("remind").token, play.timer("late").token) == (remind, late)
    assert [play.timer(name).interrupting for name in ("remind", "late")] == [False, True]
    assert result.notes == ("“时限late”：发生后结束任务",)
    play.later(days=20)
    assert play.open == ["late_urge", "remind_urge"]


def test_timer_in_the_flow_by_the_same_rules() -> None:
    def pause(rule: str, after: str = "b") -> Diagram:
        diagram, process = drawing()
        process.chain(
            process.start(), process.timer("catch", "pause", rule), process.user(after), process.end()
        )
        return diagram

    play = Play(pause("hours(5)"))
    token = play.timer("pause").token
    play.now += timedelta(hours=1)
    assert dates(moved(play, pause("hours(5)", "c"))) == {"pause": ("2026-01-05", "2026-01-05")}
    result = moved(play, pause("hours(9)"))
    assert change(result, "pause").new == T0 + timedelta(hours=9) and change(result, "pause").token == token
    assert [place.kind for place in result.placements] == ["timer"]
    assert change(moved(play, pause("hours(9)"), timers="now"), "pause").new == T0 + timedelta(hours=10)
    play.now += timedelta(hours=3)
    assert move(play, pause("hours(2)")).fires == ("pause",) and play.open == []
    play.later(seconds=1)
    assert play.open == ["b"]


def test_literal_durations_and_counts() -> None:
    play = Play(line("a", a="R3/P1D"))
    play.later(days=1)
    assert play.open == ["a", "a_late_urge"]
    result = move(play, line("a", a="R2/P3D"))  # counts on from the last time it fired
    assert change(result, "a_late").new == T0 + timedelta(days=4)
    play.later(days=30)
    assert play.open.count("a_late_urge") == 3 and play.armed == []


# ---------------------------------------------------------------- 延期


def extended(days: int, rule: str = "workdays(5)") -> Play:
    play = Play(line("handle", handle=rule))
    play.now += timedelta(days=1)
    play.send(Retime(play.task("handle").token, end_of(DUE_5) + timedelta(days=days), {"text": "延期"}))
    return play


def test_extension_is_not_lost_by_a_new_rule() -> None:
    play = extended(11)
    result = move(play, line("handle", handle="workdays(7)"))
    assert (
        dates(result) == {"handle_late": ("2026-01-23", "2026-01-23")} and change(result, "handle_late").kept
    )
    assert result.notes == ("“时限handle_late”已延期，保留 2026-01-23（按新规则为 2026-01-14）",)
    # and not by the next version either
    assert dates(move(play, line("handle", handle="workdays(8)")))["handle_late"][1] == "2026-01-23"


def test_new_rule_that_gives_more_than_the_extension_wins() -> None:
    play = extended(2)
    result = move(play, line("handle", handle="workdays(20)"))
    assert dates(result) == {"handle_late": ("2026-01-14", DUE_20)} and not change(result, "handle_late").kept
    result = move(play, line("handle", handle="workdays(10)"))  # it is an ordinary deadline again
    assert dates(result) == {"handle_late": (DUE_20, DUE_10)} and result.notes == ()


def test_date_moved_forward_by_a_person_stays() -> None:
    play = extended(-3)
    result = move(play, line("handle", handle="workdays(20)"))
    assert (
        dates(result) == {"handle_late": ("2026-01-09", "2026-01-09")} and "已调整，保留" in result.notes[0]
    )


def test_extension_of_a_task_that_is_drawn_anew_under_another_id() -> None:
    play = extended(11)
    new = line("treat", treat="workdays(7)")
    assert dates(move(play, new, mapping={"handle": "treat"})) == {"treat_late": ("2026-01-23", "2026-01-23")}


# ---------------------------------------------------------------- what has passed


def overdue() -> Play:
    play = Play(line("handle", handle="workdays(5)"))
    play.later(days=10)
    assert play.open == ["handle", "handle_late_urge"] and play.armed == []
    assert due(play.task("handle").due_at) == DUE_5
    return play


def test_missed_deadline_survives_and_does_not_fire_again() -> None:
    play = overdue()
    result = move(play, line("handle", "check", handle="workdays(5)"))
    assert dates(result) == {"handle_late": (DUE_5, DUE_5)} and due(play.task("handle").due_at) == DUE_5
    play.later(days=30)
    assert play.open == ["handle", "handle_late_urge"]


def test_longer_rule_arms_a_missed_deadline_again() -> None:
    play = overdue()
    result = move(play, line("handle", handle="workdays(20)"))
    assert dates(result) == {"handle_late": (DUE_5, DUE_20)} and play.armed == ["handle_late"]
    assert result.notes == (f"“时限handle_late”重新计时，到期 {DUE_20}",) and play.log == [
        ("armed", "handle_late")
    ]
    assert due(play.task("handle").due_at) == DUE_20
    play.later(days=40)
    assert play.open == ["handle", "handle_late_urge", "handle_late_urge"]


def test_rule_still_in_the_past_only_changes_since_when_it_is_overdue() -> None:
    play = overdue()
    result = move(play, line("handle", handle="workdays(3)"))
    assert dates(result) == {"handle_late": (DUE_5, "2026-01-08")} and play.armed == [] and result.fires == ()
    assert due(play.task("handle").due_at) == "2026-01-08"
    play.later(days=1)
    assert play.open == ["handle", "handle_late_urge"]
    play = overdue()
    result = move(play, line("handle", handle="workdays(20)"), timers="keep")
    assert dates(result) == {"handle_late": (DUE_5, DUE_5)} and change(result, "handle_late").kept


def test_removed_rule_takes_the_overdue_mark_away() -> None:
    play = overdue()
    assert refused(moved(play, line("handle"))) == [("handle_late_urge", "gone")]
    play.done("handle_late_urge")
    assert dates(move(play, line("handle"))) == {"handle_late": (DUE_5, "")}
    assert play.task("handle").due_at is None and play.step.closed == {}


def test_a_due_timer_that_the_worker_has_not_fired_yet_is_reported() -> None:
    play = Play(line("handle", handle="workdays(5)"))
    play.now += timedelta(days=30)
    result = move(play, line("handle", "check", handle="workdays(5)"))
    assert result.fires == ("handle_late",) and play.open == ["handle"]


# ---------------------------------------------------------------- another calendar


def with_holidays(*days: str) -> Any:
    """Return the toy functions with some days off."""
    off = {datetime.fromisoformat(day).date() for day in days}

    def functions(at: datetime, note: Any) -> dict[str, Any]:
        def workdays(n: Any, start: Any = None) -> Any:
            day, left = start or local_date(at), int(n)
            while left:
                day += timedelta(days=1)
                left -= day.weekday() < 5 and day not in off
            note({"function": "workdays", "n": int(n), "due": day.isoformat()})
            return day

        return {**playing.functions(at, note), "workdays": workdays}

    return functions


def recount(play: Play, *days: str) -> Migrated:
    env = Environment(play.now, with_holidays(*days))
    result = migrate(play.diagram, play.diagram, play.process, play.step.state, env, Order(recount=True))
    assert result.step is not None
    play.steps.append(result.step)
    return result


def test_new_holidays_move_open_deadlines_from_their_own_start() -> None:
    play = Play(line("a", "b", a="workdays(5)"))
    play.now += timedelta(days=2)
    assert recount(play).step == play.steps[-1] and dates(recount(play)) == {"a_late": (DUE_5, DUE_5)}
    result = recount(play, "2026-01-06", "2026-01-12")
    assert dates(result) == {"a_late": (DUE_5, "2026-01-14")} and play.log == [("retimed", "a_late")]
    assert change(result, "a_late").why[0]["due"] == "2026-01-14" and result.placements[0].outcome == "stays"
    assert dates(recount(play)) == {"a_late": ("2026-01-14", DUE_5)}


def test_the_same_date_for_another_reason_is_explained_anew() -> None:
    play = Play(line("a", a="workdays(5)"))
    play.later(hours=1)
    assert play.timer("a_late").why == ()
    result = recount(play, "2026-03-01")
    assert dates(result) == {"a_late": (DUE_5, DUE_5)} and play.log == []
    assert play.timer("a_late").why == change(result, "a_late").why != ()


def test_a_date_moved_forward_makes_nothing_overdue() -> None:
    play = Play(line("a", a="workdays(5)"))
    recount(play, *(f"2026-01-{day:02}" for day in range(6, 16)))
    play.now = T0 + timedelta(days=14)  # the 19th, 09:00
    result = recount(play)  # no holidays after all: due on the 12th
    assert dates(result) == {"a_late": ("2026-01-22", "2026-01-19")} and result.fires == ()
    assert (
        "不因日历调整而逾期" in result.notes[0]
        and "不因日历调整而逾期" in change(result, "a_late").why[-1]["text"]
    )
    play.later(hours=14)
    assert play.open == ["a"]
    play.later(hours=2)
    assert play.open == ["a", "a_late_urge"]


def test_recounting_leaves_what_a_person_moved_and_what_is_no_workday() -> None:
    play = extended(11)
    result = recount(play, "2026-01-06")
    assert (
        dates(result) == {"handle_late": ("2026-01-23", "2026-01-23")} and change(result, "handle_late").kept
    )
    assert result.notes == ("“时限handle_late”经人工调整，保留 2026-01-23",)
    assert change(result, "handle_late").why == ()
    play = Play(line("a", a="P20D"))
    assert recount(play, "2026-01-06").notes == ()


def test_recounting_calls_off_what_was_overdue_only_by_the_old_calendar() -> None:
    play = overdue()
    result = recount(play, *(f"2026-01-{day:02}" for day in range(6, 16)))
    assert dates(result) == {"handle_late": (DUE_5, "2026-01-22")} and play.armed == ["handle_late"]
    play = overdue()
    assert dates(recount(play, "2026-01-06")) == {"handle_late": (DUE_5, DUE_5)} and play.armed == []


def test_recurring_timer_counts_on_from_its_last_occurrence() -> None:
    diagram, process = drawing()
    process.chain(process.start(), process.user("a"), process.end())
    process.timer(
        "boundary", "daily", "workdays(1)", kind="timeCycle", attachedToRef="a", cancelActivity="false"
    )
    process.chain("daily", process.user("report"), process.end("reported"))
    play = Play(diagram)
    play.now = play.timer("daily").due_at + timedelta(minutes=7)  # the worker is a little late
    play.later()
    assert due(play.timer("daily").due_at) == "2026-01-07"
    assert dates(recount(play)) == {"daily": ("2026-01-07", "2026-01-07")}
    assert dates(recount(play, "2026-01-07")) == {"daily": ("2026-01-07", "2026-01-08")}
