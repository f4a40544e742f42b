"""Variables that some way leaves without a value: each shape of a way, and the guards that make it right."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.engine_lint.build import (
    CLAUSE,
    boundary,
    catch,
    diagram,
    document,
    end,
    flow,
    gateway,
    message,
    node,
    outputs,
    path,
    process,
    service,
    start,
    sub_process,
    throw,
    timer,
    user,
)
from tests.engine_lint.world import CONTEXT

from zuozhen.engine.lint import lint
from zuozhen.engine.lint.guards import needs_of

CODES = {"value-unset", "value-unset-somewhere", "value-empty"}
ERROR = '<bpmn:errorEventDefinition errorRef="err" />'
STOP = "<bpmn:terminateEventDefinition />"
MESSAGES = '<bpmn:message id="m" name="安排" /><bpmn:error id="err" name="退回" errorCode="back" />'
COUNTING = frozenset({"workdays"})
ASKED = user("r", group="=note")
"""A task that nobody gets unless ``note`` has a value; the form ``other`` gives it one."""


def found(*elements: str, more: tuple[str, ...] = ()) -> list[tuple[str, str, str]]:
    findings = lint(document(MESSAGES, process(*elements), *more), file="p.bpmn", context=CONTEXT)
    return [(each.code, each.element, each.message) for each in findings if each.code in CODES]


def at(*elements: str, more: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    return [(code, element) for code, element, _ in found(*elements, more=more)]


UNSET = [("value-unset", "r")]


def test_the_way_is_named_from_its_beginning() -> None:
    ways = (path("s", "x", "n", "y", "r", "e"), flow("x", "a"), flow("a", "y"))
    nodes = (
        start(),
        gateway("exclusive", "x"),
        gateway("exclusive", "y"),
        user("n", form="other"),
        user("a"),
    )
    ((code, element, text),) = found(*nodes, *ways, ASKED, end())
    assert (code, element) == ("value-unset", "r")
    assert "任务“r号”的候选组读取“note”" in text and "经“s号→x号→a号→y号→r号”" in text
    assert "n号" not in text


def test_the_form_of_the_task_itself_comes_too_late() -> None:
    own = user("r", group="=note", form="other")
    assert at(start(), own, end(), path("s", "r", "e")) == UNSET


def test_a_form_handed_in_before_is_enough() -> None:
    assert at(start(), user("n", form="other"), ASKED, end(), path("s", "n", "r", "e")) == []


@pytest.mark.parametrize(("joined", "wrong"), [("n", []), ("b", []), ("f", UNSET)])
def test_parallel_branches_know_only_their_own(joined: str, wrong: list[tuple[str, str]]) -> None:
    """A reader in the other branch knows nothing of it; behind the join everybody does."""
    nodes = [
        start(),
        gateway("parallel", "f"),
        gateway("parallel", "j"),
        user("n", form="other"),
        user("b"),
        end(),
    ]
    ways = {
        "n": (path("s", "f", "n", "r", "j", "e"), path("f", "b", "j")),
        "b": (path("s", "f", "n", "j", "r", "e"), path("f", "b", "j")),
        "f": (path("s", "f", "n", "j", "e"), path("f", "b", "r", "j")),
    }
    assert at(*nodes, ASKED, *ways[joined]) == wrong


def test_a_boundary_event_knows_what_was_set_before_its_activity() -> None:
    """That the form of the task is handed in later does not help the deadline's own path."""
    late = boundary("late", "n", timer("workdays(1)"), clause=CLAUSE)
    nodes = (
        start(),
        user("n", form="other"),
        late,
        ASKED,
        end(),
        path("s", "n", "e"),
        path("late", "r", "e"),
    )
    assert at(*nodes) == UNSET
    assert at(*nodes, user("b", form="other")) == UNSET
    before = tuple(
        each.replace('sourceRef="s" targetRef="n"', 'sourceRef="b" targetRef="n"') for each in nodes
    )
    assert at(*before, user("b", form="other"), flow("s", "b")) == []


def test_an_act_by_hand_with_a_form_sets_its_fields() -> None:
    act = node(
        "boundaryEvent",
        "act",
        attrs='attachedToRef="t" cancelActivity="false" camunda:formRef="other"',
        body=message(),
        trigger="staff",
    )
    assert at(start(), user(), act, ASKED, end(), path("s", "t", "e"), path("act", "r", "e")) == []


@pytest.mark.parametrize(("again", "wrong"), [("n", []), ("t", UNSET)])
def test_loops(again: str, wrong: list[tuple[str, str]]) -> None:
    """Going round past the setter is as good as the first time; a setter after the reader is too late."""
    nodes = (
        start(),
        user(),
        user("n", form="other"),
        gateway("exclusive", "y"),
        gateway("exclusive", "x", default="x_e"),
    )
    order = ("s", "t", "y", "n", "r", "x", "e") if again == "n" else ("s", "t", "y", "r", "n", "x", "e")
    assert at(*nodes, ASKED, end(), path(*order), flow("x", "y", 'decision = "a"')) == wrong


def test_outputs_come_after_the_form_and_in_their_order() -> None:
    right = user("n", form="other", inner=outputs(a="note", b="a"))
    wrong = user("n", form="other", inner=outputs(b="a", a="note"))
    last = service("r", "archive", until="b")
    assert at(start(), right, last, end(), path("s", "n", "r", "e")) == []
    assert at(start(), wrong, last, end(), path("s", "n", "r", "e")) == [("value-unset", "n")]


def inside(*elements: str, edge: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    return at(start(), sub_process("u", *elements), *edge, ASKED, end(), path("s", "u", "r", "e"))


def test_sub_processes_give_what_is_set_at_all_their_ends() -> None:
    forked = (start("s2"), gateway("parallel", "x"), user("n", form="other"), user("a"), end("e2"), end("e3"))
    both = (path("s2", "x", "n", "e2"), path("x", "a", "e3"))
    assert inside(*forked, *both) == []
    chosen = tuple(each.replace("parallelGateway", "exclusiveGateway") for each in forked)
    assert inside(*chosen, *both) == UNSET
    stopping = tuple(each.replace(end("e3"), end("e3", STOP)) for each in forked)
    assert inside(*stopping, *both) == UNSET


def test_an_error_brings_what_was_set_until_it_was_thrown() -> None:
    edge = (
        boundary("oops", "u", ERROR),
        end("e9"),
        flow("oops", "r2"),
        user("r2", group="=note"),
        flow("r2", "e9"),
    )
    body = (
        start("s2"),
        user("n", form="other"),
        gateway("exclusive", "x", default="x_e2"),
        end("e2"),
        end("bad", ERROR),
    )
    ways = (path("s2", "n", "x", "e2"), flow("x", "bad", 'note = "x"'))
    assert inside(*body, *ways, edge=edge) == []
    early = (path("s2", "x", "n", "e2"), flow("x", "bad", "case_key != null"), user("n", form="other"))
    assert ("value-unset", "r2") in inside(
        *(each for each in body if 'id="n"' not in each), *early, edge=edge
    )


LOOP = '<bpmn:multiInstanceLoopCharacteristics camunda:collection="{}" camunda:elementVariable="unit" />'


def test_multi_instance_activities_may_have_no_instance() -> None:
    """Over a list that cannot be empty the form is handed in at least once; the item ends with its instance."""
    before = (start(), user(), end())
    many = user("n", form="other", group="=unit", body=LOOP.format("joint_units"))
    assert at(*before, many, ASKED, path("s", "t", "n", "r", "e")) == []
    some = user(
        "n", form="other", group="=unit", body=LOOP.format("if joint_units = null then [] else joint_units")
    )
    assert at(*before, some, ASKED, path("s", "t", "n", "r", "e")) == UNSET
    after = user("r", group="=unit")
    assert at(*before, many, after, path("s", "t", "n", "r", "e")) == UNSET
    within = sub_process(
        "u",
        start("s2"),
        user("r", group="=unit"),
        end("e2"),
        path("s2", "r", "e2"),
        LOOP.format("joint_units"),
    )
    assert at(*before, within, path("s", "t", "u", "e")) == []


def test_what_instances_leave_behind() -> None:
    """A list of results is there in any case; the end of the instances may ask for what one of them handed in."""
    body = (
        '<bpmn:multiInstanceLoopCharacteristics camunda:collection="if joint_units = null then [] else joint_units">'
        "<bpmn:loopDataOutputRef>all_notes</bpmn:loopDataOutputRef>"
        '<bpmn:outputDataItem id="note" />'
        '<bpmn:completionCondition>note = "x" and nrOfCompletedInstances &gt; 1</bpmn:completionCondition>'
        "</bpmn:multiInstanceLoopCharacteristics>"
    )
    many = user("n", form="other", body=body)
    after = user("r", group="=all_notes[1]")
    assert at(start(), user(), many, after, end(), path("s", "t", "n", "r", "e")) == []
    early = user("r", group="=nrOfInstances")
    assert at(start(), user(), many, early, end(), path("s", "t", "n", "r", "e")) == UNSET


def calling(*first: str, called: str = "", order: tuple[str, ...] = ("s", "c", "e")) -> list[tuple[str, str]]:
    """A process that calls another one, which begins with what its callers know."""
    call = node("callActivity", "c", attrs='calledElement="q"')
    return at(start(), *first, call, end(), path(*order), more=(called,))


def test_called_processes_know_what_every_caller_knows() -> None:
    inner = process(start("s2"), ASKED, end("e2"), path("s2", "r", "e2"), id_="q")
    first = user("n", form="other")
    assert calling(first, called=inner, order=("s", "c", "n", "e")) == UNSET
    assert calling(first, called=inner, order=("s", "n", "c", "e")) == []
    again = (first, node("callActivity", "c2", attrs='calledElement="q"'))
    assert calling(*again, called=inner, order=("s", "c2", "n", "c", "e")) == UNSET
    named = node("callActivity", "c", attrs='name="承办" calledElement="q"')
    ((_, _, text),) = found(start(), named, first, end(), path("s", "c", "n", "e"), more=(inner,))
    assert "s号→承办→s2号→r号" in text


def test_callers_know_what_the_called_process_sets_on_every_way() -> None:
    sets = process(start("s2"), user("n", form="other"), end("e2"), path("s2", "n", "e2"), id_="q")
    assert calling(ASKED, called=sets, order=("s", "c", "r", "e")) == []
    gate = gateway("exclusive", "x", default="x_e2")
    maybe = process(
        start("s2"), user("t2"), gate, user("n", form="other"), end("e2"), path("s2", "t2", "x", "e2"),
        flow("x", "n", 'decision = "a"'), path("n", "e2"), id_="q",
    )  # fmt: skip
    assert calling(ASKED, called=maybe, order=("s", "c", "r", "e")) == UNSET


def test_a_called_process_shows_no_start_form() -> None:
    begins = start("s2").replace("<bpmn:startEvent ", '<bpmn:startEvent camunda:formRef="other" ')
    inner = process(begins, ASKED, end("e2"), path("s2", "r", "e2"), id_="q")
    assert calling(called=inner) == UNSET
    assert at(start(), end(), path("s", "e"), more=(inner,)) == []


@pytest.mark.parametrize(
    ("payload", "known", "wrong"),
    [("note", True, []), ("note", False, UNSET), ("decision, note", False, UNSET)],
)
def test_messages_bring_what_their_senders_know(
    payload: str, known: bool, wrong: list[tuple[str, str]]
) -> None:
    first = (user("n", form="other"),) if known else (user(),)
    order = ("s", "n" if known else "t", "out", "e")
    receiver = process(
        start("s2"),
        catch("in", message(), key="case_key"),
        ASKED,
        end("e2"),
        path("s2", "in", "r", "e2"),
        id_="q",
    )
    other = process(start("s3"), user("n3", form="other"), end("e3"), path("s3", "n3", "e3"), id_="o")
    sender = throw("out", message(), key="case_key", payload=payload)
    assert at(start(), *first, sender, end(), path(*order), more=(receiver, other)) == wrong


def test_of_several_senders_all_must_bring_it() -> None:
    begins = start("s2", message())
    receiver = process(begins, ASKED, end("e2"), path("s2", "r", "e2"), id_="q")
    sends = throw("out", message(), key="case_key", payload="note")
    bare = throw("bare", message(), key="case_key").replace('name="bare号"', 'name="空手"')
    nodes = (start(), user("n", form="other"), sends, end())
    assert at(*nodes, path("s", "n", "out", "e"), more=(receiver,)) == []
    ((_, _, text),) = found(*nodes, bare, path("s", "n", "out", "bare", "e"), more=(receiver,))
    assert "“空手”发出的消息没有带来它" in text


def test_conditions_on_the_way_count() -> None:
    """Behind a flow that is taken only with a value there is one; so there is behind the default of "has none"."""
    nodes = (start(), user(), gateway("exclusive", "x", default="x_e"), user("n", form="other"), ASKED, end())
    late = boundary("late", "n", timer("workdays(1)"), clause=CLAUSE)
    asks = flow("x", "r", "note != null")
    assert at(*nodes, late, flow("late", "x"), path("s", "t", "n", "x", "e"), asks, path("r", "e")) == []
    turned = gateway("exclusive", "x", default="x_r")
    other = (flow("x", "e", 'note = null or note = "x"'), path("x", "r", "e"))
    assert at(*nodes[:2], turned, *nodes[3:], late, flow("late", "x"), path("s", "t", "n", "x"), *other) == []


def asked_again(
    first: str, second: str, *, between: str = "", kind: str = "exclusive"
) -> list[tuple[str, str]]:
    """``note`` is set where ``first`` holds and read where ``second`` holds; ``between`` is a form in the middle."""
    nodes = (
        start(),
        user(),
        gateway(kind, "x", default="x_y"),
        user("n", form="other"),
        gateway("exclusive", "y"),
        gateway(kind, "z", default="z_e"),
        ASKED,
        end(),
    )
    middle = (user("b", form=between), path("y", "b", "z")) if between else (path("y", "z"),)
    ways = (
        path("s", "t", "x", "y"),
        flow("x", "n", first),
        path("n", "y"),
        *middle,
        flow("z", "r", second),
        path("r", "e"),
        flow("z", "e"),
    )
    return at(*nodes, *ways)


@pytest.mark.parametrize(
    ("first", "second", "between", "wrong"),
    [
        ('decision = "a"', 'decision = "a"', "", []),
        ('decision = "a"', ' decision  = "a"', "", []),
        ('decision = "a"', 'decision = "b"', "", UNSET),
        ("flag = true", "flag = true", "dated", []),
        # Somebody decides again in between: what was true is not known any more.
        ('decision = "a"', 'decision = "a"', "accept", UNSET),
        ("amount > 3 and flag = true", "amount > 3 and flag = true", "", []),
        ("amount > 3", "amount > 4", "", UNSET),
    ],
)
def test_the_same_condition_asked_again(
    first: str, second: str, between: str, wrong: list[tuple[str, str]]
) -> None:
    assert asked_again(first, second, between=between) == wrong
    assert asked_again(first, second, between=between, kind="inclusive") == wrong


def test_the_other_way_of_a_condition_asked_again() -> None:
    """Set on the default way, read on the default way of a gateway that asks the same, or where another value is."""
    nodes = (
        start(),
        user(),
        gateway("exclusive", "x", default="x_n"),
        user("n", form="other"),
        gateway("exclusive", "y"),
    )
    ways = (path("s", "t", "x", "n", "y"), flow("x", "y", 'decision = "a"'), path("y", "z"), path("r", "e"))
    again = (gateway("exclusive", "z", default="z_r"), path("z", "r"), flow("z", "e", 'decision = "a"'))
    assert at(*nodes, *ways, *again, ASKED, end()) == []
    other = (gateway("exclusive", "z", default="z_e"), path("z", "e"), flow("z", "r", 'decision = "b"'))
    assert at(*nodes, *ways, *other, ASKED, end()) == []


def test_a_comparison_that_never_could_hold_is_an_error() -> None:
    nodes = (start(), user(), gateway("exclusive", "x", default="x_n"), user("n", form="other"), end())
    assert at(*nodes, path("s", "t", "x", "n", "e"), flow("x", "e", 'note = "a"')) == [("value-unset", "x_e")]


def test_a_field_that_may_be_empty_is_no_beginning_of_a_count() -> None:
    late = boundary("late", "r", timer("workdays(1, maybe_on)"), interrupting=False, clause=CLAUSE)
    nodes = (start(), user("n", form="dated"), user("r"), late, end(), end("e2"), flow("late", "e2"))
    assert at(*nodes, path("s", "n", "r", "e")) == [("value-empty", "late")]
    sure = user("b", inner=outputs(maybe_on="due_on"))
    assert at(*nodes, sure, path("s", "n", "b", "r", "e")) == []
    strict = replace(CONTEXT, blank={})
    xml = diagram(*nodes, path("s", "n", "r", "e"))
    assert not [each for each in lint(xml, file="p.bpmn", context=strict) if each.code in CODES]


@pytest.mark.parametrize(
    ("text", "read", "carried", "counted"),
    [
        ("a", "a", "a", ""),
        ("if a = null then 1 else a", "", "", ""),
        ("if a != null then a else b", "b", "b", ""),
        ("a != null and a > b", "b", "", ""),
        ("a = null or a > 3", "", "", ""),
        ("not(a = null) and a > 3", "", "", ""),
        ("if is defined(a) then a else 1", "", "", ""),
        ('if a = "x" then a else b', "a b", "b", ""),
        ("workdays(3, if a = true then b else c)", "a b c", "b c", "b c"),
        ("get or else(a, b)", "b", "b", ""),
        ("for x in a return x + b", "a b", "a", ""),
        ("a[kind = b].c", "a", "a", ""),
        ("{x: a, y: x + b}", "a b", "", ""),
        ("a in (1, 2) and b between 1 and 2", "a b", "", ""),
        ("a + 1", "a", "a", ""),
        ("(", "", "", ""),
    ],
)
def test_what_an_expression_needs(text: str, read: str, carried: str, counted: str) -> None:
    needs = needs_of(text, COUNTING)
    found_names = (needs.read, needs.carried, needs.counted)
    assert found_names == tuple(frozenset(each.split()) for each in (read, carried, counted))
