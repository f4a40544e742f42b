"""What a call gives by the types of its arguments, and why it can only be refused or null."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from zuozhen.feel import operand_types as operands
from zuozhen.feel import syntax
from zuozhen.feel.frame import Frame
from zuozhen.feel.registry import Parameter, call_builtin
from zuozhen.feel.signatures import OF_ITEMS, SAME_LIST, fits, parameters_for, result_of, ways_of
from zuozhen.model import types
from zuozhen.model.errors import FeelError
from zuozhen.model.types import ANY, Signature, Type

_EXAMPLES: Final[Mapping[str, str]] = {
    "date": '日期写成 date("2026-01-31")，月和日都是两位',
    "time": '时间写成 time("09:30:00")，时是两位',
    "date and time": '写成 date and time("2026-01-31T09:30:00")，中间是字母 T',
    "duration": '时长写成 duration("P3D")、duration("PT2H")、duration("P1Y6M")；年月和日时不能连写',
    "number": '数字写成 number("1234.5")',
}

Outcome: TypeAlias = tuple[Type, str, str]
"""Type of the result, what is wrong (empty: nothing), how the call is written."""


def registered_call(name: str, signature: Signature, given: list[Type], named: Mapping[str, Type]) -> Outcome:
    """Judge the call of a registered function."""
    hint = f"写法：{signature.hint}"
    by_name = {key.replace(" ", "_"): kind for key, kind in named.items()}
    unknown = by_name.keys() - signature.named.keys()
    if unknown:
        return signature.result, f"{name}：不认识的参数 {'、'.join(sorted(unknown))}", hint
    if not signature.required <= len(given) <= len(signature.parameters):
        return signature.result, f"{name}：参数的个数不对", hint
    wanted = [*signature.parameters[: len(given)], *((key, signature.named[key]) for key in by_name)]
    for (label, kind), found in zip(wanted, [*given, *by_name.values()], strict=True):
        if not fits(found, kind):
            words = " 或 ".join(Type(each).words for each in sorted(operands.accepted(kind)))
            return signature.result, f"{name} 的“{label}”应是{words}，这里是{found.words}", hint
    return signature.result, *_judged(name, signature, by_name)


def _judged(name: str, signature: Signature, by_name: Mapping[str, Type]) -> tuple[str, str]:
    """Return what is wrong with the texts given by name, as far as they stand there, and what to write."""
    for key, found in by_name.items():
        for text in sorted(found.values or ()) if key in signature.judges else ():
            message, _, hint = signature.judges[key](text).partition("，")
            if message:
                return f"{name}：{message}", hint
    return "", ""


def builtin_call(name: str, given: list[Type], named: Mapping[str, Type]) -> Outcome:
    """Judge the call of a built-in function: right if one of the ways to call it fits."""
    ways = ways_of(name)
    fitting: list[Type] = []
    values = [*given, *named.values()]
    wrong = ""
    for way in ways:
        parameters = parameters_for(way, len(given), list(named))
        if parameters is None:
            continue
        misfit = _misfit(parameters, values)
        if misfit is None:
            fitting.append(_result(name, result_of(way), values))
            continue
        wrong = f"{name} 的“{misfit[0].name}”不能是{misfit[1].words}，结果总是空"
    if fitting:
        return types.join_all(fitting), "", ""
    either = types.join_all(result_of(way) for way in ways) if ways else ANY
    return either, wrong, "写法：" + " 或 ".join(way.usage for way in ways)


def always_null(node: syntax.Call, name: str) -> bool:
    """Say whether a call of constants only gives null: an impossible date, a duration that is none."""
    constants = [each.value for each in node.arguments if isinstance(each, syntax.Constant)]
    if node.named or not constants or len(constants) != len(node.arguments) or None in constants:
        return False
    try:
        return call_builtin(ways_of(name), constants, {}, Frame({}, {})) is None
    except FeelError:
        return False


def example_of(name: str) -> str:
    """Return how texts are written that the function reads, or how it is called."""
    return _EXAMPLES.get(name) or "写法：" + " 或 ".join(way.usage for way in ways_of(name))


def _misfit(parameters: list[Parameter], values: list[Type]) -> tuple[Parameter, Type] | None:
    for parameter, found in zip(parameters, values, strict=True):
        several = (parameter.spread or parameter.rest) and found.kind == "list"
        if not fits((found.item or ANY) if several else found, parameter.kind):
            return parameter, found
    return None


def _result(name: str, declared: Type, given: list[Type]) -> Type:
    first = given[0] if given else ANY
    if name in SAME_LIST:
        return first if first.kind == "list" else types.LIST
    if name in OF_ITEMS:
        only_list = len(given) == 1 and first.kind == "list"
        return widened((first.item or ANY) if only_list else types.join_all(given))
    return declared


def widened(found: Type) -> Type:
    """Return a text's type without its set of values."""
    return types.TEXT if found.kind == "string" else found
