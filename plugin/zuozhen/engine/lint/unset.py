"""Rules about variables that are read where they may have no value yet: on some way nobody has set them, or
the field they come from may be handed in empty."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from weakref import WeakKeyDictionary

from zuozhen.engine.lint.assignment import Effect, Problem, Solution, solve
from zuozhen.engine.lint.complaint import Complaint
from zuozhen.engine.lint.context import LintContext
from zuozhen.engine.lint.data import set_names
from zuozhen.engine.lint.drawing import Drawing, Flow, Node, output_parameters, quoted
from zuozhen.engine.lint.expressions import (
    COLLECTION,
    COMPLETION,
    DATE_FUNCTIONS,
    OUTPUT,
    Use,
    collection_text,
    compiled,
    counter_names,
    item_names,
    loop_of,
    outcome_name,
    result_name,
    uses,
)
from zuozhen.engine.lint.flows import CHOOSING
from zuozhen.engine.lint.guards import Needs, needs_of
from zuozhen.engine.lint.messages import payload_names
from zuozhen.engine.lint.reaching import reaching
from zuozhen.engine.lint.ways import lacking_way
from zuozhen.engine.lint.worlds import refine

_COUNTING = DATE_FUNCTIONS - {"cases"}
_REFUSED = frozenset({"定时", "对应关键字", "“改到哪一天”", "候选组"})
"""Purposes for which the engine refuses an expression without a result."""


def unset(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """What an expression reads is set on every way that leads there, or the expression asks whether it is."""
    return (complaint for sure, complaint in _variables(drawing, context).unset if sure)


def unset_somewhere(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """The same where a mere comparison reads it and some way has set it: without a value it does not hold."""
    return (complaint for sure, complaint in _variables(drawing, context).unset if not sure)


def _unset(variables: _Variables) -> Iterator[tuple[bool, Complaint]]:
    """Give what is wrong, and whether it is wrong for sure."""
    solution = variables.present
    if any(variables.mask(needs.read) & ~variables.known_at(use, solution) for use, needs in variables.needs):
        problem = variables.problem(optional=False)
        solution = refine(variables.drawing, problem, variables.bits) or solution
    for use, needs in variables.needs:
        settable = variables.settable[use.scope.process]
        missing = variables.mask(needs.read) & ~variables.known_at(use, solution)
        for name in variables.named(missing):
            if settable is not None and name not in settable:
                continue  # Nothing sets it anywhere: another rule says so.
            bit = variables.bits[name]
            node = use.at.source if isinstance(use.at, Flow) else use.at
            tested = name not in needs.carried | needs.counted
            way = lacking_way(variables.drawing, solution, use.at, bit, name)
            yield (
                not tested or node is None or not variables.possible[node] & bit,
                Complaint(
                    use.at,
                    f"{use.place}读取{quoted(name)}，但{way}到这里时还没有给它赋值",
                    f"请在这条路上先填写或算出它，或把读取它的地方移到赋值之后；没有值也可以的，"
                    f"请写明，例如 {name} != null and …，或 if {name} = null then … else …",
                ),
            )


def empty(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """What a date is counted from is never a field that may have been left empty: the case would stop there."""
    variables = _variables(drawing, context)
    optional = frozenset[str]().union(*context.blank.values())
    asking = [
        (use, asked & optional) for use, needs in variables.needs if (asked := _asked(use, needs)) & optional
    ]
    if not asking:
        return
    present = variables.present
    filled = solve(drawing, variables.problem(optional=True))
    for use, asked in asking:
        doubtful = variables.mask(asked) & variables.known_at(use, present) & ~variables.known_at(use, filled)
        for name in variables.named(doubtful):
            forms = "、".join(sorted(form for form, fields in context.blank.items() if name in fields))
            yield Complaint(
                use.at,
                f"{use.place}用到{quoted(name)}，但它在表单 {forms} 中可以不填，没填时办件会在这里出错停住",
                f"请把这个字段设为必填，或写明没填时怎么算，例如 if {name} = null then … else …",
            )


def _asked(use: Use, needs: Needs) -> frozenset[str]:
    """Return the names without which the engine refuses to go on."""
    return needs.counted | needs.carried if use.purpose in _REFUSED else needs.counted


class _Variables:
    """The variables that expressions read, one bit each, and what the nodes do to them."""

    def __init__(self, drawing: Drawing, context: LintContext) -> None:
        self.drawing = drawing
        self.context = context
        self.needs = [(use, _needs(use, context)) for use in uses(drawing) if not _begins(use)]
        names = {name for _, needs in self.needs for name in needs.read}
        names |= {name for node in drawing.nodes for name in payload_names(node)}
        self.bits = {name: 1 << position for position, name in enumerate(sorted(names))}
        self.everything = (1 << len(self.bits)) - 1
        self.known = self.mask((*context.known_names, *context.ambient))
        self.settable = set_names(drawing, context)

    @cached_property
    def unset(self) -> list[tuple[bool, Complaint]]:
        """What is read where some way has not set it."""
        return list(_unset(self))

    @cached_property
    def present(self) -> Solution:
        """What is set where, empty or not."""
        return solve(self.drawing, self.problem(optional=False))

    @cached_property
    def possible(self) -> dict[Node, int]:
        """What may be set where."""
        return reaching(self.drawing, self.problem(optional=False))

    def mask(self, names: Iterable[str]) -> int:
        """Return the bits of names; those that nothing reads have none."""
        whole = 0
        for name in names:
            whole |= self.bits.get(name, 0)
        return whole

    def named(self, mask: int) -> list[str]:
        """Return the names of bits, sorted."""
        return [name for name, bit in self.bits.items() if bit & mask]

    def problem(self, *, optional: bool) -> Problem:
        """Return the question for the solver; ``optional``: a field that may be left empty takes a value away."""

        def effect(node: Node) -> Effect:
            filled = self._form(node) if _hands_in(node) else 0
            blank = self._blank(node) if optional and filled else 0
            loop = loop_of(node)
            sets = self.mask(name for name, _ in output_parameters(node.element))
            if loop is None:
                return Effect(filled & ~blank, blank, sets)
            inside, leaves = self.mask(item_names(node)), self.mask([result_name(node), outcome_name(node)])
            return Effect(filled & ~blank, blank, sets, leaves, inside, not self._repeats(node))

        return Problem(
            everything=self.everything,
            known=self.known,
            effect=effect,
            begun=lambda node: self._begun(node, optional=optional),
            taken={flow: known for flow in self.drawing.flows if (known := self._taken(flow))},
            carried=lambda node, known: self.mask(payload_names(node)) & known,
            started=self.context.started,
        )

    def known_at(self, use: Use, solution: Solution) -> int:
        """Return what is set where an expression is evaluated."""
        at = use.at
        if isinstance(at, Flow):
            read = at.source is not None and at.source.kind in CHOOSING
            return solution.after[at.source] if at.source is not None and read else self.everything
        before = solution.before[at]
        if use.purpose == COLLECTION:
            return before
        before |= self.mask(item_names(at))
        if use.purpose == COMPLETION:
            counters = self.mask(counter_names(at))
            return solution.within[at] | counters | self.mask(n for n, _ in output_parameters(at.element))
        if not use.purpose.startswith(OUTPUT):
            return before
        known = solution.within[at]
        for name, text in output_parameters(at.element):
            if use.purpose == f"{OUTPUT}“{name}”" and text == use.text:
                break
            known |= self.mask([name])
        return known

    def _form(self, node: Node) -> int:
        form = node.camunda("formRef")
        if not form:
            return 0
        # The fields of an unknown form are unknown too, and the missing form is reported already.
        return self.mask(self.context.forms[form]) if form in self.context.forms else self.everything

    def _blank(self, node: Node) -> int:
        return self.mask(self.context.blank.get(node.camunda("formRef"), ()))

    def _begun(self, node: Node, *, optional: bool) -> int:
        if node.definitions:
            return 0
        return self._form(node) & ~(self._blank(node) if optional else 0)

    def _taken(self, flow: Flow) -> int:
        """Return the names that have a value once a flow is taken, because of conditions that ask for it."""
        source = flow.source
        if source is None or source.kind not in CHOOSING:
            return 0
        if flow.id and flow.id == source.element.get("default"):
            others = (each.condition for each in source.outgoing if each is not flow and each.condition)
            return self.mask(name for text in others for name in needs_of(text, _COUNTING).if_false)
        return self.mask(needs_of(flow.condition, _COUNTING).if_true) if flow.condition else 0

    def _repeats(self, node: Node) -> bool:
        """Tell whether a multi-instance activity surely has an instance."""
        expression = compiled(collection_text(node))
        if expression is None:
            return True  # reported already
        name = expression.text.strip().lstrip("=").strip()
        if name in expression.names:
            sources = [form for form, fields in self.context.forms.items() if name in fields]
            return bool(sources) and not any(name in self.context.blank.get(form, ()) for form in sources)
        return not expression.names


def _hands_in(node: Node) -> bool:
    """Tell whether somebody fills in the form of a node; that of a start is looked at apart."""
    return node.kind == "userTask" or bool(node.properties.get("zz:trigger"))


def _begins(use: Use) -> bool:
    """Tell whether an expression is evaluated before there is a case: its rule is judged with the timers."""
    return isinstance(use.at, Node) and use.at.kind == "startEvent" and use.purpose == "定时"


def _needs(use: Use, context: LintContext) -> Needs:
    needs = needs_of(use.text, _COUNTING)
    if not use.facts:
        return needs
    facts = context.facts.keys() | context.forms.keys() | dict(use.own).keys()
    return Needs(needs.read - facts, needs.carried - facts, needs.counted - facts)


_VARIABLES: WeakKeyDictionary[Drawing, tuple[LintContext, _Variables]] = WeakKeyDictionary()
"""Both rules look at the same variables; they are forgotten with the drawing."""


def _variables(drawing: Drawing, context: LintContext) -> _Variables:
    found = _VARIABLES.get(drawing)
    if found is None or found[0] is not context:
        found = _VARIABLES[drawing] = (context, _Variables(drawing, context))
    return found[1]
