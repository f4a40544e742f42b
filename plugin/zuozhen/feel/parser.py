"""Parser: tokens to a syntax tree, by precedence climbing (Pratt)."""

from __future__ import annotations

from decimal import Decimal

from zuozhen.feel import syntax
from zuozhen.feel.advice import about_constant
from zuozhen.feel.temporal import parse_literal
from zuozhen.feel.tokens import Token, mistake
from zuozhen.feel.type_names import TypeNames
from zuozhen.feel.values import NUMBERS

_LOWEST = 0
_COMPARISON = 3
_ADDITIVE = 4
_UNARY = 7
_POWERS = {
    "or": 1,
    "and": 2,
    **dict.fromkeys(("=", "!=", "<", "<=", ">", ">=", "between", "in"), _COMPARISON),
    **dict.fromkeys(("+", "-"), _ADDITIVE),
    **dict.fromkeys(("*", "/"), 5),
    **dict.fromkeys(("**", "^"), 6),
    "instance": _UNARY,
}
_COMPARE = frozenset({"=", "!=", "<", "<=", ">", ">="})
_AFTER_INTERVAL = frozenset({",", ")", "]", "}", ".", "=", "!="})
_CONSTANTS = {"true": True, "false": False, "null": None}


class Parser(TypeNames):
    """Parses the tokens of one expression."""

    def __init__(self, text: str, tokens: list[Token]) -> None:
        super().__init__(text, tokens)
        self.bracket_closes = False
        """Whether ``[`` may end an interval here (``]1..5[``) instead of starting a filter."""

    # ------------------------------------------------------------ whole texts

    def whole_expression(self) -> syntax.Node:
        """Parse everything as one expression."""
        node = self.expression()
        self._finish()
        return node

    def whole_tests(self) -> syntax.Node:
        """Parse everything as unary tests: ``-``, ``not(…)`` or a list of tests."""
        position = self.token.start
        if self._at("-") and self.tokens[self.index + 1].kind == "end":
            return syntax.UnaryTests(position, (), negated=False)
        negated = self._wholly_negated()
        if negated:
            self._advance()
            self._advance()
        tests = self._tests()
        if negated:
            self._expect(")")
        self._finish()
        return syntax.UnaryTests(position, tests, negated)

    def _wholly_negated(self) -> bool:
        if self.token.value != "not" or self.tokens[self.index + 1].text != "(":
            return False
        depth = 0
        for index, token in enumerate(self.tokens):
            if token.kind != "operator":
                continue
            depth += (token.text in "([{") - (token.text in ")]}")
            if depth == 0:
                return self.tokens[index + 1].kind == "end"
        return False

    # ------------------------------------------------------------ expressions

    def expression(self) -> syntax.Node:
        """Parse ``if``, ``for``, ``some``, ``every``, ``function`` or an operator expression."""
        self._descend()
        closes, self.bracket_closes = self.bracket_closes, False
        if self.token.kind == "keyword" and self.token.text in ("if", "for", "some", "every", "function"):
            token = self._advance()
            node = self._special(token)
        else:
            node = self._operators(_LOWEST)
        self.bracket_closes = closes
        self.depth -= 1
        return node

    def _special(self, token: Token) -> syntax.Node:
        if token.text == "if":
            condition = self.expression()
            self._expect("then")
            consequence = self.expression()
            self._expect("else")
            return syntax.If(token.start, condition, consequence, self.expression())
        if token.text == "function":
            return self._function(token)
        iterators = self._iterators()
        if token.text == "for":
            self._expect("return")
            return syntax.For(token.start, iterators, self.expression())
        self._expect("satisfies")
        quantifier = "some" if token.text == "some" else "every"
        return syntax.Quantified(token.start, quantifier, iterators, self.expression())

    def _iterators(self) -> tuple[syntax.Iterator, ...]:
        iterators = [self._iterator()]
        while self._take(","):
            iterators.append(self._iterator())
        return tuple(iterators)

    def _iterator(self) -> syntax.Iterator:
        name = self._name("循环变量的名字")
        self._expect("in")
        domain = self.expression()
        if self._take(".."):
            domain = syntax.Interval(domain.position, domain, self.expression(), True, True)
        return syntax.Iterator(name.start, name.value, domain)

    def _function(self, token: Token) -> syntax.Node:
        self._expect("(")
        parameters: list[str] = []
        kinds: list[syntax.TypeName | None] = []
        while not self._at(")"):
            parameters.append(self._name("参数的名字").value)
            kinds.append(self._type() if self._take(":") else None)
            if not self._take(","):
                break
        self._expect(")")
        return syntax.Function(token.start, tuple(parameters), tuple(kinds), self.expression())

    def _operators(self, lowest: int) -> syntax.Node:
        self._descend()
        left = self._prefix()
        while True:
            token = self.token
            power = _POWERS.get(token.text) if token.kind in ("operator", "keyword") else None
            if power is None or power < lowest:
                break
            left = self._infix(left, token, power)
            if power == _COMPARISON and self._compares():
                raise self._mistake("比较不能连写", hint="请用 and 连接两个比较，例如 a < b and b < c")
        self.depth -= 1
        return left

    def _compares(self) -> bool:
        """Return whether another comparison follows, which no comparison may."""
        return self.token.kind != "string" and _POWERS.get(self.token.text) == _COMPARISON

    def _infix(self, left: syntax.Node, token: Token, power: int) -> syntax.Node:
        if token.text in ("and", "or"):
            operands = [left]
            while self._take(token.text):
                operands.append(self._operators(power + 1))
            return syntax.Logic(left.position, token.text, tuple(operands))
        if token.text in _COMPARE:
            self._advance()
            return syntax.Compare(left.position, token.text, left, self._operators(power + 1))
        if token.text == "between":
            self._advance()
            low = self._operators(power + 1)
            self._expect("and")
            return syntax.Between(left.position, left, low, self._operators(power + 1))
        if token.text == "in":
            self._advance()
            return self._in(left)
        if token.text == "instance":
            return self._instance(left)
        rest: list[tuple[str, syntax.Node]] = []
        while self.token.kind == "operator" and _POWERS.get(self.token.text) == power:
            operator = self._advance().text
            rest.append((operator, self._operators(power + 1)))
        return syntax.Arithmetic(left.position, left, tuple(rest))

    def _instance(self, left: syntax.Node) -> syntax.Node:
        self._advance()
        if self.token.value != "of":
            raise self._mistake("instance 后面要写 of")
        self._advance()
        return syntax.InstanceOf(left.position, left, self._type())

    # ------------------------------------------------------------ tests

    def _in(self, left: syntax.Node) -> syntax.Node:
        if not self._at("("):
            return syntax.In(left.position, left, (self._test(_ADDITIVE),))
        opening = self._advance()
        tests = self._tests()
        first = tests[0]
        if len(tests) == 1 and first.operator is None and self._take(".."):
            interval = self._interval_end(opening, first.operand)
            tests = (syntax.Test(opening.start, None, interval),)
        else:
            self._expect(")")
        if len(tests) == 1 and tests[0].operator is None:  # in (a).b: the parentheses were an operand's
            tests = (syntax.Test(opening.start, None, self._postfix(tests[0].operand)),)
        return syntax.In(left.position, left, tests)

    def _tests(self) -> tuple[syntax.Test, ...]:
        tests = [self._test(_LOWEST)]
        while self._take(","):
            tests.append(self._test(_LOWEST))
        return tuple(tests)

    def _test(self, lowest: int) -> syntax.Test:
        position = self.token.start
        if self.token.kind == "operator" and self.token.text in _COMPARE:
            operator = self._advance().text
            return syntax.Test(position, operator, self._operators(_ADDITIVE))
        operand = self.expression() if lowest == _LOWEST else self._operators(lowest)
        return syntax.Test(position, None, operand)

    # ------------------------------------------------------------ operands

    def _prefix(self) -> syntax.Node:
        if self._at("-"):
            token = self._advance()
            return syntax.Negate(token.start, self._operators(_UNARY))
        return self._postfix(self._primary())

    def _postfix(self, node: syntax.Node) -> syntax.Node:
        while self.token.kind == "operator":
            if self._at("."):
                self._advance()
                node = syntax.Path(node.position, node, self._property())
            elif self._at("[") and not self._closes_interval():
                node = self._filter(node)
            elif self._at("("):
                node = self._call(node)
            else:
                break
        return node

    def _primary(self) -> syntax.Node:
        token = self._advance()
        if token.kind == "number":
            return syntax.Constant(token.start, NUMBERS.create_decimal(Decimal(token.text)))
        if token.kind == "string":
            return syntax.Constant(token.start, token.value)
        if token.kind == "name" or token.text == "?":
            if hint := about_constant(token.text):
                raise self._mistake_at(self.index - 1, f"“{token.text}”不是是否值或空值的写法", hint=hint)
            return syntax.Name(token.start, token.value or "?")
        if token.kind == "keyword" and token.text in _CONSTANTS:
            return syntax.Constant(token.start, _CONSTANTS[token.text])
        if token.kind == "operator":
            if token.text == "@":
                return self._at_literal(token)
            if token.text in "([]":
                return self._bracketed(token)
            if token.text == "{":
                return self._context(token)
        if token.kind == "end":
            raise self._mistake("表达式没有写完")
        raise self._mistake_at(self.index - 1, "这里应当是一个值")

    def _at_literal(self, token: Token) -> syntax.Node:
        literal = self._advance()
        if literal.kind != "string":
            raise mistake(self.text, token.start, '@ 后面要写双引号里的日期或时长，例如 @"2026-01-31"')
        value = parse_literal(literal.value)
        if value is None:
            raise mistake(
                self.text, literal.start, "不是有效的日期、时间或时长", hint="例如 2026-01-31、P10D、PT2H"
            )
        return syntax.Constant(token.start, value)

    def _bracketed(self, opening: Token) -> syntax.Node:
        if opening.text == "[" and self._take("]"):
            return syntax.ListLiteral(opening.start, ())
        if opening.text == "(" and self.token.kind == "operator" and self.token.text in _COMPARE:
            return self._limit(opening)
        first = self.expression()
        if self._take(".."):
            return self._interval_end(opening, first)
        if opening.text == "(":
            self._expect(")")
            return first
        if opening.text == "]":
            raise self._mistake("区间要写成 ]a..b[")
        items = [first]
        while self._take(","):
            items.append(self.expression())
        self._expect("]")
        return syntax.ListLiteral(opening.start, tuple(items))

    def _limit(self, opening: Token) -> syntax.Node:
        operator = self._advance().text
        operand = self._operators(_ADDITIVE)
        self._expect(")")
        return syntax.Limit(opening.start, operator, operand)

    def _interval_end(self, opening: Token, low: syntax.Node) -> syntax.Node:
        closes, self.bracket_closes = self.bracket_closes, True
        high = self._operators(_ADDITIVE)
        self.bracket_closes = closes
        closing = self._advance()
        if closing.text not in ("]", ")", "[") or closing.kind != "operator":
            raise mistake(self.text, closing.start, "区间没有写完，缺少 ] 或 )")
        return syntax.Interval(opening.start, low, high, opening.text == "[", closing.text == "]")

    def _closes_interval(self) -> bool:
        following = self.tokens[min(self.index + 1, len(self.tokens) - 1)]
        return self.bracket_closes and (
            following.kind in ("end", "keyword") or following.text in _AFTER_INTERVAL
        )

    def _context(self, opening: Token) -> syntax.Node:
        entries: list[tuple[str, syntax.Node]] = []
        while not self._at("}"):
            key = self._key()
            self._expect(":")
            entries.append((key, self.expression()))
            if not self._take(","):
                break
        self._expect("}")
        return syntax.ContextLiteral(opening.start, tuple(entries))

    def _filter(self, target: syntax.Node) -> syntax.Node:
        self._advance()
        if self.token.kind == "operator" and self.token.text in _COMPARE:
            item = syntax.Name(self.token.start, "item")
            condition: syntax.Node = syntax.In(self.token.start, item, (self._test(_LOWEST),))
        else:
            condition = self.expression()
        self._expect("]")
        return syntax.Filter(target.position, target, condition)

    def _call(self, target: syntax.Node) -> syntax.Node:
        self._advance()
        arguments: list[syntax.Node] = []
        named: list[tuple[str, syntax.Node]] = []
        while not self._at(")"):
            if self._named_ahead():
                name = self._words(":")
                self._expect(":")
                named.append((name, self.expression()))
            elif named:
                raise self._mistake("按名字给出的参数要放在最后")
            else:
                arguments.append(self.expression())
            if not self._take(","):
                break
        self._expect(")")
        return syntax.Call(target.position, target, tuple(arguments), tuple(named))
