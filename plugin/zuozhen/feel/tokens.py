"""Lexer: text to tokens with positions. Chinese names are names; built-in names may have several words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from zuozhen.model.errors import FeelError

TokenKind: TypeAlias = Literal["number", "string", "name", "keyword", "operator", "end"]

KEYWORDS = frozenset(
    {
        *("if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "function"),
        *("and", "or", "between", "instance", "true", "false", "null"),
    }
)

_TOKEN = re.compile(
    r"""
    (?P<space>     (?: \s | //[^\n]* | /\*.*?\*/ )+ )
  | (?P<number>    (?: [0-9]+ (?: \.[0-9]+ )? | \.[0-9]+ ) (?: [eE][+-]?[0-9]+ )? )
  | (?P<string>    "(?: [^"\\] | \\. )*" )
  | (?P<name>      (?: [^\W\d] | [\U00010000-\U000EFFFF] ) [\w\U00010000-\U000EFFFF]* | `[^`\n]+` )
  | (?P<operator>  \*\* | \.\. | != | <= | >= | [-+*/^=<>()\[\]{},.:?@] )
    """,
    re.VERBOSE | re.DOTALL,
)
_SINGLE_QUOTED = re.compile(r"'([^'\"\n]*)'")
_CHINESE_QUOTED = re.compile(r"[“”‘＂「『]([^“”’＂」』\"\n]*)[”“’＂」』]")
_NEGATED = re.compile(r"!([^\W\d][\w.]*)")
_ESCAPE = re.compile(r'\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|([nrt"\\]))')
_PLAIN_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_HALF_WIDTH: dict[str, str] = {
    **dict(zip("＝＋－＊／（）［］｛｝，．：＜＞？＠【】", "=+-*/()[]{},.:<>?@[]", strict=True)),
    **dict.fromkeys("“”‘’＂＇「」『』", '"'),
    "、": ",",
    "。": ".",
    "；": ",",
    "《": "<",
    "》": ">",
    "≥": ">=",
    "≤": "<=",
    "≠": "!=",
    "≧": ">=",
    "≦": "<=",
    "×": "*",
    "÷": "/",
    "−": "-",
    "—": "-",
    "–": "-",
    "％": "modulo(a, b)",
    "…": "..",
    "！": "not(…)，“不等于”写 !=",
    "＆": "and",
    "｜": "or",
    "＾": "**",
    "～": "..",
    "￥": "${…}",
}
_SPELLING_HINTS = {
    "'": '文字请用半角双引号 "…"',
    "&": "“并且”请写 and；连接文字请写 +",
    "|": "“或者”请写 or",
    "!": "“不是”请写 not(…)，“不等于”请写 !=",
    "%": "余数请写 modulo(a, b)；百分数请写小数，例如 0.3",
    "~": "区间请写 [1..5]",
    "\\": "除法请写 /",
    ";": "一个表达式里不能用分号",
    "$": "只有整个表达式可以写成 ${…}",
    "#": "只有整个表达式可以写成 #{…}",
    '"': "双引号没有成对",
}


@dataclass(frozen=True, slots=True)
class Token:
    """One token; ``start`` and ``end`` count characters from 0, ``value`` is a string's or name's content."""

    kind: TokenKind
    text: str
    start: int
    end: int
    value: str = ""


def mistake(text: str, position: int, what: str, *, hint: str = "") -> FeelError:
    """Return an error that names the place: the character's number and the text found there."""
    piece = text[position : position + 12].split("\n")[0]
    place = f"第 {position + 1} 个字符“{piece}”处" if piece.strip() else "表达式末尾处"
    return FeelError(f"{place}：{what}。", text=text, position=position, hint=hint)


def tokenize(text: str, start: int, end: int, word_names: tuple[str, ...]) -> list[Token]:
    """Split ``text[start:end]``; ``word_names`` are names of several words, longest first.

    A name of several words counts as one only right before ``(``, so that ``date and time(x)`` is a
    call, while ``date and ready`` stays a conjunction.
    """
    tokens: list[Token] = []
    position = start
    while position < end:
        match = _TOKEN.match(text, position, end)
        if match is None:
            raise _unknown_symbol(text, position)
        kind = match.lastgroup or ""
        if kind == "name":
            token = _name(text, match, word_names)
        elif kind == "string":
            token = Token(
                "string", match[0], position, match.end(), _unescape(match[0][1:-1], text, position)
            )
        elif kind == "space":
            position = match.end()
            continue
        else:
            token = Token("number" if kind == "number" else "operator", match[0], position, match.end())
        tokens.append(token)
        position = token.end
    tokens.append(Token("end", "", end, end))
    return tokens


def _name(text: str, match: re.Match[str], word_names: tuple[str, ...]) -> Token:
    word, start, end = match[0], match.start(), match.end()
    if word.startswith("`"):
        return Token("name", word, start, end, word[1:-1])
    for candidate in word_names:
        if candidate.startswith(word) and (stop := _several_words(text, start, candidate)):
            return Token("name", text[start:stop], start, stop, candidate)
    return Token("keyword" if word in KEYWORDS else "name", word, start, end, word)


def _several_words(text: str, start: int, name: str) -> int:
    """Return where ``name`` ends if it stands at ``start`` before a parenthesis, else 0."""
    position = start
    for index, word in enumerate(name.split(" ")):
        if index:
            spaces = position
            while position < len(text) and text[position].isspace():
                position += 1
            if position == spaces:
                return 0
        if not text.startswith(word, position):
            return 0
        position += len(word)
    return position if text[position:].lstrip()[:1] == "(" else 0


def _unescape(content: str, text: str, position: int) -> str:
    if "\\" not in content:
        return content

    def one(match: re.Match[str]) -> str:
        digits = match[1] or match[2]
        if not digits:
            return _PLAIN_ESCAPES.get(match[3], match[3])
        code = int(digits, 16)
        if code > 0x10FFFF:
            raise mistake(text, position, f"没有编号为 {digits} 的字符")
        return chr(code)

    result = _ESCAPE.sub(one, content)
    # Two \u escapes may spell one character outside the basic plane; a lone half is no character.
    return result.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _unknown_symbol(text: str, position: int) -> FeelError:
    character = text[position]
    if "０" <= character <= "９":
        half = chr(ord(character) - ord("０") + ord("0"))
        return mistake(text, position, f"“{character}”是全角数字", hint=f"请改用半角数字 {half}")
    if character in _HALF_WIDTH:
        if quoted := _CHINESE_QUOTED.match(text, position):
            return mistake(
                text,
                position,
                f"“{character}”是中文（全角）引号",
                hint=f'文字请用半角双引号：请写 "{quoted[1]}"',
            )
        hint = f"请改用半角符号 {_HALF_WIDTH[character]}"
        return mistake(text, position, f"“{character}”是中文（全角）符号", hint=hint)
    return mistake(text, position, f"看不懂的符号“{character}”", hint=_spelling_hint(text, position))


def _spelling_hint(text: str, position: int) -> str:
    """Say what to write instead; with the very words where these can be told."""
    if quoted := _SINGLE_QUOTED.match(text, position):
        return f'文字请用半角双引号：请写 "{quoted[1]}"'
    if negated := _NEGATED.match(text, position):
        return f"“不是”请写 not({negated[1]})"
    return _SPELLING_HINTS.get(text[position], "")
