"""What somebody meant who wrote SQL, JavaScript, Excel or Chinese instead of FEEL: the hint says what to write."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Mapping, Sequence

from zuozhen.feel.tokens import KEYWORDS, Token

_WORDS_FOR: Mapping[str, str] = {
    **dict.fromkeys(("且", "并且", "和", "与"), "and"),
    **dict.fromkeys(("或", "或者"), "or"),
    **dict.fromkeys(("等于", "为", "是"), "="),
    **dict.fromkeys(("不等于", "不为", "不是"), "!="),
    **dict.fromkeys(("大于", "晚于"), ">"),
    **dict.fromkeys(("小于", "早于"), "<"),
    **dict.fromkeys(("不小于", "大于等于"), ">="),
    **dict.fromkeys(("不大于", "小于等于"), "<="),
    **dict.fromkeys(("属于",), "in"),
    **dict.fromkeys(("那么", "则"), "then"),
    **dict.fromkeys(("否则",), "else"),
    **dict.fromkeys(("elif", "elseif"), "else if"),
}
_TEXT_TESTS: Mapping[str, str] = {
    **dict.fromkeys(("contains", "like", "LIKE", "包含"), "contains"),
    **dict.fromkeys(("startswith", "starts"), "starts with"),
    **dict.fromkeys(("endswith", "ends"), "ends with"),
    "matches": "matches",
}
_PAIRS: Mapping[tuple[str, str], str] = {
    ("<", ">"): "!=",
    ("=", "="): "=",
    ("=", ">"): ">=",
    ("=", "<"): "<=",
    ("!=", "="): "!=",
    (":", "="): "=",
}
_FUNCTIONS: Mapping[str, str] = {
    **dict.fromkeys(("len", "length", "size"), "列表的个数写 count(…)，文字的字数写 string length(…)"),
    **dict.fromkeys(("isnull", "isempty", "isblank"), '没有填写请写 x = null，空文字写 x = ""'),
    **dict.fromkeys(("concat", "concatenate"), "文字用 + 连接，例如 a + b"),
    **dict.fromkeys(("avg", "average"), "平均数写 mean(…)"),
    **dict.fromkeys(("round",), "四舍五入写 round half up(x, 2)"),
    **dict.fromkeys(("tostring", "str"), "转成文字写 string(…)"),
    **dict.fromkeys(("tonumber", "int", "float", "parseint"), "转成数字写 number(…)"),
    **dict.fromkeys(("todate", "to_date"), "日期写 date(…)"),
    **dict.fromkeys(("substr",), "截取文字写 substring(x, 起始位置, 字数)"),
    **dict.fromkeys(("and", "or"), "请写成 a and b、a or b"),
    **dict.fromkeys(
        ("today", "now"), "这里没有时钟；流程图、表单和清单里可以用 today()、now()，时限写 workdays(10)"
    ),
    **dict.fromkeys(("iif", "iff"), "请写 if a then b else c"),
}
_CONSTANTS: Mapping[str, str] = {
    **dict.fromkeys(("True", "TRUE"), "true"),
    **dict.fromkeys(("False", "FALSE"), "false"),
    **dict.fromkeys(("Null", "NULL", "None", "undefined"), "null"),
}
_COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})


def about_constant(name: str) -> str:
    """Return the hint for a constant written as in another language, or ``""``."""
    right = _CONSTANTS.get(name)
    return f"请写 {right}（小写）" if right else ""


def about_function(name: str, known: Collection[str]) -> str:
    """Return the hint for a function that nobody provides; ``known`` are the names there are."""
    folded = name.casefold()
    if folded in known:
        return f"函数名用小写：请写 {folded}(…)"
    if folded in _FUNCTIONS:
        return _FUNCTIONS[folded]
    squeezed = {each.replace(" ", ""): each for each in known}
    near = difflib.get_close_matches(folded.replace("_", ""), squeezed, 1, 0.8)
    return f"是不是 {squeezed[near[0]]}(…)？" if near else "请检查函数名的拼写"


def about_token(text: str, tokens: Sequence[Token], index: int) -> str:
    """Return the hint for the token at which parsing stopped, or ``""`` where nothing can be guessed."""
    for rule in _RULES:
        if hint := rule(text, tokens, index):
            return hint
    return ""


def _pair(text: str, tokens: Sequence[Token], index: int) -> str:
    if tokens[index].text == ":" and _at(tokens, index + 1).text == "=":
        index += 1
    before = _at(tokens, index - 1)
    right = _PAIRS.get((before.text, tokens[index].text))
    if right is None or before.end != tokens[index].start:
        return ""
    left, behind = _path_before(text, tokens, index - 1), _operand(text, tokens, index + 1)
    if right == "=" and behind.startswith("="):  # ===
        behind = _operand(text, tokens, index + 2)
    return f"只写一个 =：请写 {left} = {behind}" if right == "=" else f"请写 {left} {right} {behind}"


def _half_comparison(text: str, tokens: Sequence[Token], index: int) -> str:
    """``a > 5 and < 10``: the second comparison lacks its left side."""
    joint = _at(tokens, index - 1)
    if tokens[index].text not in _COMPARISONS or joint.text not in ("and", "or"):
        return ""
    for place in range(index - 2, 0, -1):
        if tokens[place].text in _COMPARISONS:
            left = _path_before(text, tokens, place)
            first = text[tokens[place].start : joint.start].strip()
            second = f"{tokens[index].text} {_operand(text, tokens, index + 1)}"
            return f"{joint.text} 的两边都要写全：请写 {left} {first} {joint.text} {left} {second}"
    return ""


def _is(text: str, tokens: Sequence[Token], index: int) -> str:
    """``x is null``, ``x IS NOT NULL``, ``x is empty``."""
    if tokens[index].text.lower() != "is":
        return ""
    negated = _at(tokens, index + 1).text.lower() == "not"
    behind = _operand(text, tokens, index + (2 if negated else 1))
    if behind.lower() in ("null", "none", "empty", "blank"):
        behind = "null"
    return f"请写 {_path_before(text, tokens, index)} {'!=' if negated else '='} {behind}"


def _not(text: str, tokens: Sequence[Token], index: int) -> str:
    """``x not in list`` (stopped at ``not``) and ``not x`` (stopped behind it)."""
    if tokens[index].text.lower() == "not" and index:
        left = _path_before(text, tokens, index)
        following = _at(tokens, index + 1)
        rest = text[following.end : tokens[-1].end].rstrip()
        return f"请写 not({left} {following.text.lower()}{rest})"
    if _at(tokens, index - 1).text.lower() == "not":
        return f"请写 not({text[tokens[index].start : tokens[-1].end].strip()})"
    return ""


def _capitals(_text: str, tokens: Sequence[Token], index: int) -> str:
    for token in (tokens[index], _at(tokens, index - 1)):
        small = token.text.lower()
        if token.kind == "name" and token.text != small and small in KEYWORDS:
            return f"关键字用小写：请写 {small}"
    return ""


def _other_words(text: str, tokens: Sequence[Token], index: int) -> str:
    word = tokens[index].text
    if tokens[index].kind != "name":
        return "请写 if 条件 then 甲 else 乙" if word == "?" else ""
    if word in _WORDS_FOR:
        return f"请写 {_WORDS_FOR[word]}"
    if word in _TEXT_TESTS:
        skip = 2 if _at(tokens, index + 1).text == "with" else 1
        left, behind = _path_before(text, tokens, index), _operand(text, tokens, index + skip)
        return f"请写 {_TEXT_TESTS[word]}({left}, {behind})"
    return ""


def _blank_in_name(text: str, tokens: Sequence[Token], index: int) -> str:
    first = index
    while first and _at(tokens, first - 1).kind == "name":
        first -= 1
    if tokens[index].kind != "name" or first == index:
        return ""
    last = index
    while tokens[last + 1].kind == "name":
        last += 1
    name = " ".join(text[tokens[first].start : tokens[last].end].split())
    return f"名字里有空格时要写在反引号里：请写 `{name}`；如果是两个值，中间要有运算符"


_RULES: tuple[Callable[[str, Sequence[Token], int], str], ...] = (
    _pair,
    _half_comparison,
    _is,
    _not,
    _capitals,
    _other_words,
    _blank_in_name,
)


def _at(tokens: Sequence[Token], index: int) -> Token:
    return tokens[index] if 0 <= index < len(tokens) else tokens[-1]


def _operand(text: str, tokens: Sequence[Token], index: int) -> str:
    """Return the text of the value that starts at a token: a name with its path, else the token."""
    start = last = min(index, len(tokens) - 1)
    if tokens[last].text == "-" and tokens[last].kind == "operator":
        last = min(last + 1, len(tokens) - 1)
    while _at(tokens, last + 1).text == "." and _at(tokens, last + 2).kind in ("name", "keyword"):
        last += 2
    return text[tokens[start].start : tokens[last].end] or "…"


def _path_before(text: str, tokens: Sequence[Token], index: int) -> str:
    """Return the text of the value that ends before a token: a path, a call or filter, else the token."""
    first = index - 1
    while first > 0:
        if tokens[first].text in (")", "]"):
            first = _opening(tokens, first)
        if first > 0 and tokens[first].text in ("(", "[") and tokens[first - 1].kind == "name":
            first -= 1
        if first > 1 and tokens[first - 1].text == ".":
            first -= 2
            continue
        break
    return text[tokens[max(first, 0)].start : tokens[index - 1].end] if index > 0 else "…"


def _opening(tokens: Sequence[Token], closing: int) -> int:
    depth = 0
    for place in range(closing, -1, -1):
        depth += (tokens[place].text in (")", "]")) - (tokens[place].text in ("(", "["))
        if depth == 0:
            return place
    return 0
