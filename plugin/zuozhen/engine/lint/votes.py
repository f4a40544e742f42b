"""Rules about several people who decide together: how the vote is drawn, and what reads only the last of them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from zuozhen.engine.ballots import BY_SHARE, COMPLETED, RULES, options_of
from zuozhen.engine.lint.accumulating import accumulates
from zuozhen.engine.lint.complaint import Complaint
from zuozhen.engine.lint.context import LintContext
from zuozhen.engine.lint.data import NAME
from zuozhen.engine.lint.drawing import Drawing, Flow, Node, output_parameters, quoted
from zuozhen.engine.lint.expressions import (
    COMPLETION,
    DATE_FUNCTIONS,
    compiled,
    item_names,
    loop_of,
    outcome_name,
    result_name,
    uses,
)
from zuozhen.engine.lint.lastvotes import last_votes, within
from zuozhen.model.errors import FeelError
from zuozhen.model.step import AMBIENT
from zuozhen.model.types import Type

_PROPERTIES = ("zz:vote", "zz:ballot", "zz:yes", "zz:share", "zz:outcome")
_WORDS = "veto（一票否决）、any（或签）、completed（按比例已办）、approved（按比例同意）"
_MEND = "请在“会签”中给这个环节选规则和结果变量，改读结果变量；或用输出列表（loopDataOutputRef）收集各份的值，再读列表"


def rule(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """A vote is drawn on a task done by several, says its rule and sets a variable of its own."""
    for node in drawing.nodes:
        given = [name for name in _PROPERTIES if node.properties.get(name, "").strip()]
        if not given:
            continue
        if node.kind != "userTask" or loop_of(node) is None:
            message = f"{node.title}不是多实例的用户任务，{'、'.join(given)}不起作用"
            yield Complaint(node, message, "请把任务设为多实例（并行或依次），或删去这些属性")
            continue
        rule_name = node.properties.get("zz:vote", "").strip()
        if rule_name not in RULES:
            message = (
                f"{node.title}的会签规则{quoted(rule_name)}没有含义"
                if rule_name
                else f"{node.title}没有会签规则"
            )
            yield Complaint(node, message, f"zz:vote 可写 {_WORDS}")
        problem = _name_problem(node, context)
        if problem:
            yield Complaint(
                node,
                f"{node.title}的会签结果变量{problem}",
                "请另取一个变量名，例如 joint_outcome（zz:outcome）",
            )


def _name_problem(node: Node, context: LintContext) -> str:
    name = node.properties.get("zz:outcome", "").strip()
    if not name:
        return "没有写，后面的网关读不到结果"
    if not NAME.fullmatch(name) or name in DATE_FUNCTIONS or name in AMBIENT:
        return f"{quoted(name)}不能用作变量名"
    taken = {
        **dict.fromkeys(context.forms.get(node.camunda("formRef"), ()), "表单字段"),
        **{each: "输出参数" for each, _ in output_parameters(node.element)},
        **dict.fromkeys(item_names(node), "每份的变量"),
        result_name(node): "输出列表",
    }
    return f"{quoted(name)}与这个任务的{taken[name]}同名" if name in taken else ""


def ballot(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """The vote is a choice or a yes/no field of the task's own form, and some but not all of its options agree."""
    for node in _voting(drawing):
        field = node.properties.get("zz:ballot", "").strip()
        if not field:
            if node.properties.get("zz:vote", "").strip() != COMPLETED:
                yield Complaint(
                    node,
                    f"{node.title}没有说明哪个字段是表决意见",
                    "请在“会签”中选择表单里的单选或是否字段（zz:ballot）",
                )
            continue
        fields = context.forms.get(node.camunda("formRef"))
        if fields is None:
            continue  # The missing form is reported already.
        if field not in fields:
            message = f"{node.title}的表决字段{quoted(field)}不在它的表单里"
            yield Complaint(node, message, "请选择这张表单里的单选或是否字段")
            continue
        options = _options(fields[field])
        if options is None:
            message = f"{node.title}的表决字段{quoted(field)}是{fields[field].words}，不是单选或是否"
            yield Complaint(node, message, "请选择这张表单里的单选或是否字段")
            continue
        problem = _yes_problem(options_of(node.properties.get("zz:yes", "")), options)
        if problem:
            message = f"{node.title}{problem}，字段{quoted(field)}的选项是{'、'.join(sorted(options))}"
            yield Complaint(node, message, "请勾选算作同意的选项（zz:yes），至少一个，不能是全部")


def _options(kind: Type) -> frozenset[str] | None:
    if kind.kind == "boolean":
        return frozenset({"true", "false"})
    return kind.values if kind.kind == "string" else None


def _yes_problem(yes: frozenset[str], options: frozenset[str]) -> str:
    if not yes:
        return "没有说明哪些选项算同意"
    if strange := yes - options:
        return f"把{'、'.join(quoted(each) for each in sorted(strange))}算作同意，但没有这个选项"
    return "把全部选项都算作同意，表决没有意义" if yes == options else ""


def share(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """A share is a percentage; one that is known before any case is tried out."""
    for node in _voting(drawing):
        if node.properties.get("zz:vote", "").strip() not in BY_SHARE:
            continue
        text = node.properties.get("zz:share", "").strip()
        if not text:
            yield Complaint(
                node,
                f"{node.title}没有写比例",
                "请填写百分之几，例如 50，或 parameters 中的一个数（zz:share）",
            )
            continue
        expression = compiled(text)
        if expression is None or expression.functions or not expression.names <= context.values.keys():
            continue
        try:
            value = expression.evaluate({name: context.values[name] for name in expression.names})
        except FeelError:
            continue  # It fails for a reason that is told where expressions are.
        if isinstance(value, Decimal) and not 0 <= value <= 100:
            yield Complaint(
                node,
                f"{node.title}的会签比例{quoted(text)}是 {value}，应在 0 到 100 之间",
                "请改正比例，例如 50",
            )


def _voting(drawing: Drawing) -> Iterator[Node]:
    return (node for node in drawing.nodes if node.kind == "userTask" and outcome_name(node))


def last_vote(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """Nothing that follows a task done by several reads what only the last of them said."""
    ways = None
    for use in uses(drawing):
        expression = compiled(use.text)
        if expression is None or use.facts or use.purpose == COMPLETION:
            continue
        names = expression.names - expression.item_names
        if not names:
            continue
        ways = ways or last_votes(drawing, context)
        at = use.at
        arriving = ways.after(at.source) if isinstance(at, Flow) else ways.before(at)
        own = frozenset() if isinstance(at, Flow) else ways.own(at)
        for name, joint in sorted(arriving, key=lambda pair: pair[0]):
            if name in names and name not in own:
                yield Complaint(
                    use.at,
                    f"{use.place}读取{quoted(name)}，它由{joint.title}的几份各自填写，这里只剩最后一份的值",
                    f"{_MEND}，例如 count(列表[item = …])；确实以最后一份为准的写 列表[-1]",
                )


def parallel_counter(drawing: Drawing, context: LintContext) -> Iterator[Complaint]:
    """Instances side by side each begin with the same value: none adds to what another has counted."""
    for node in drawing.nodes:
        joint = _side_by_side(node)
        if joint is None:
            continue
        before = set(context.forms.get(node.camunda("formRef"), ())) | item_names(joint)
        for name, text in output_parameters(node.element):
            if (
                name not in before
                and accumulates(text, name)
                and not _begun_inside(joint, node, name, context)
            ):
                yield Complaint(
                    node,
                    f"{node.title}的输出参数“{name}”在自己的值上累计，但并行多实例{joint.title}的每一份都从原来的值开始，"
                    "结果只算到最后一份",
                    "请用输出列表（loopDataOutputRef、outputDataItem）收集各份的值，办完后用 count(列表[item = …])、sum(列表) 计算；"
                    "表决请用“会签”的结果变量；依次办理的多实例可以累计",
                )
            before.add(name)


def _side_by_side(node: Node) -> Node | None:
    """Return the outermost parallel multi-instance activity that a node is, or is inside."""
    found = None
    here: Node | None = node
    while here is not None:
        loop = loop_of(here)
        if loop is not None and loop.get("isSequential") != "true":
            found = here
        here = here.scope.node
    return found


def _begun_inside(joint: Node, node: Node, name: str, context: LintContext) -> bool:
    """Tell whether something else inside each instance gives the variable its first value."""
    for each in within(joint):
        if each is node:
            continue
        if name in context.forms.get(each.camunda("formRef"), ()):
            return True
        if any(
            name == given and not accumulates(text, name) for given, text in output_parameters(each.element)
        ):
            return True
    return False
