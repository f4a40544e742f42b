"""Types written in an expression: behind ``instance of`` and behind a function's parameters."""

from __future__ import annotations

from zuozhen.feel import syntax
from zuozhen.feel.cursor import Cursor
from zuozhen.feel.tokens import mistake

TYPE_NAMES = frozenset(
    {
        *("number", "string", "boolean", "date", "time", "date and time"),
        *("list", "context", "function", "range"),
        *("days and time duration", "years and months duration", "Any", "Null"),
    }
)


class TypeNames(Cursor):
    """Reads the names of types; user-defined types do not exist."""

    def _type(self) -> syntax.TypeName:
        self._descend()
        start = self.token
        name = self._type_words()
        if name not in TYPE_NAMES:
            hint = "可用：" + "、".join(sorted(TYPE_NAMES))
            raise mistake(self.text, start.start, f"没有名为“{name}”的类型", hint=hint)
        parameters: list[tuple[str, syntax.TypeName]] = []
        result = None
        if name in ("list", "range", "context", "function") and self._take("<"):
            while not self._at(">"):
                parameters.append(self._type_parameter(labelled=name == "context"))
                if not self._take(","):
                    break
            self._expect(">")
            if name == "function":
                self._expect("-")
                self._expect(">")
                result = self._type()
        self.depth -= 1
        return syntax.TypeName(start.start, name, tuple(parameters), result)

    def _type_parameter(self, *, labelled: bool) -> tuple[str, syntax.TypeName]:
        label = ""
        if labelled:
            label = self._words(":")
            self._expect(":")
        return label, self._type()

    def _type_words(self) -> str:
        """Read the words of a type's name; ``date and time`` and the durations have several."""
        if self._at("function"):
            return self._advance().text
        words = [self._name("类型名").value]
        while " ".join(words) not in TYPE_NAMES and (self.token.kind == "name" or self._at("and")):
            words.append(self._advance().text)
        if self._at("and") and words == ["date"] and self.tokens[self.index + 1].value == "time":
            words += [self._advance().text, self._advance().text]
        return " ".join(words)
