"""Small mistakes that a process administrator makes, generated from the packs that ship with the product.

Each is one edit of one file that is wrong beyond argument: a misspelt option, a wrong type, something taken
away that is still asked for. Edits that could be meant (another day, another role, another order) are not here.
"""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from lxml import etree

from zuozhen.packs import Pack
from zuozhen.services.actors import ENTERPRISE

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
_TEXT = re.compile(r'"([^"\\]+)"')
_COMPARED = re.compile(r'\b([a-z]\w*) (=|!=) "([^"\\]+)"')
_NAME = re.compile(r'(?<!["\w.])([a-z]\w+)\b(?![\w(".])')
_WORDS = frozenset(
    {
        "and",
        "or",
        "not",
        "in",
        "if",
        "then",
        "else",
        "true",
        "false",
        "null",
        "for",
        "return",
        "some",
        "every",
    }
)
_WITH_CLAUSE = frozenset({BPMN + "userTask", BPMN + "sendTask", BPMN + "serviceTask"})

Files: TypeAlias = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Mistake:
    """One edit: what kind, in words, and how to make the files of the pack with it.

    ``held`` are the groups that somebody belongs to, where the mistake is made with the accounts.
    """

    kind: str
    words: str
    make: Callable[[], Files]
    held: frozenset[str] | None = None


@dataclass
class Source:
    """A pack as the kinds of mistakes read it: its files, its diagram, its forms, its manifest as text."""

    slug: str
    files: Files
    diagram_path: str
    root: Any = field(init=False)
    forms: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.root = etree.fromstring(self.files[self.diagram_path])
        self.forms = {
            path: json.loads(text) for path, text in self.files.items() if path.startswith("forms/")
        }

    @property
    def manifest_path(self) -> str:
        return f"processes/{self.slug}/pack.toml"

    @property
    def manifest(self) -> str:
        return self.files[self.manifest_path].decode()

    def drawn(self, tag: str) -> list[Any]:
        """Return the elements of a kind in the order of the file."""
        return list(self.root.iter(BPMN + tag))

    def with_diagram(self, kind: str, words: str, change: Callable[[Any], None], at: Any) -> Mistake:
        """Return the pack with ``change`` made to the copy of one element."""

        def make() -> Files:
            root = copy.deepcopy(self.root)
            position = next(number for number, each in enumerate(self.root.iter()) if each is at)
            change(next(each for number, each in enumerate(root.iter()) if number == position))
            return {**self.files, self.diagram_path: etree.tostring(root)}

        return Mistake(kind, f"{words} @{_id_of(at)}", make)

    def with_manifest(self, kind: str, words: str, text: str) -> Mistake:
        """Return the pack with another manifest."""
        return Mistake(kind, words, lambda: {**self.files, self.manifest_path: text.encode()})

    def with_file(self, kind: str, words: str, path: str, text: str) -> Mistake:
        """Return the pack with another text of one of its files."""
        return Mistake(kind, f"{words} @{path}", lambda: {**self.files, path: text.encode()})

    def with_form(self, kind: str, words: str, path: str, form: Any) -> Mistake:
        """Return the pack with another form."""
        return Mistake(kind, f"{words} @{path}", lambda: {**self.files, path: json.dumps(form).encode()})


Kind: TypeAlias = Callable[[Source], Iterator[Mistake]]


def mistakes(source: Source, each: int) -> list[Mistake]:
    """Return mistakes of a pack, at most ``each`` of one kind, always the same ones."""
    chosen: list[Mistake] = []
    for kind in KINDS:
        found = list(kind(source))
        random.Random(f"{source.slug} {kind.__name__}").shuffle(found)
        chosen += found[:each]
    return chosen


def misspelt(word: str) -> str:
    """Swap the last two letters; where they are alike, repeat the last one."""
    swapped = word[:-2] + word[-1] + word[-2] if len(word) > 1 else word
    return swapped if swapped != word else word + word[-1]


def _id_of(element: Any) -> str:
    while element is not None and not element.get("id"):
        element = element.getparent()
    return "" if element is None else str(element.get("id"))


# ---------------------------------------------------------------- conditions


def _conditions(source: Source) -> Iterator[tuple[Any, str]]:
    for element in source.drawn("conditionExpression"):
        yield element, element.text or ""


def _set_text(text: str) -> Callable[[Any], None]:
    def change(element: Any) -> None:
        element.text = text

    return change


def option_misspelt(source: Source) -> Iterator[Mistake]:
    """A condition compares with an option that the field does not have."""
    for element, text in _conditions(source):
        for match in _COMPARED.finditer(text):
            wrong = text[: match.start(3)] + misspelt(match[3]) + text[match.end(3) :]
            yield source.with_diagram("条件里的选项写错", wrong, _set_text(wrong), element)


def option_by_label(source: Source) -> Iterator[Mistake]:
    """A condition compares with what people see instead of the value."""
    for element, text in _conditions(source):
        for match in _COMPARED.finditer(text):
            wrong = f"{text[: match.start(3)]}不满意{text[match.end(3) :]}"
            yield source.with_diagram("条件里写了显示的文字", wrong, _set_text(wrong), element)


def compared_with_number(source: Source) -> Iterator[Mistake]:
    """A choice or text is compared with a number."""
    for element, text in _conditions(source):
        for match in _COMPARED.finditer(text):
            wrong = f"{text[: match.start(2)]}> 3{text[match.end() :]}"
            yield source.with_diagram("选项与数字比较", wrong, _set_text(wrong), element)


def compared_with_date(source: Source) -> Iterator[Mistake]:
    """A choice or text is compared with a date."""
    for element, text in _conditions(source):
        for match in _COMPARED.finditer(text):
            wrong = f'{text[: match.start(2)]}> date("2026-01-01"){text[match.end() :]}'
            yield source.with_diagram("选项与日期比较", wrong, _set_text(wrong), element)


def compared_with_truth(source: Source) -> Iterator[Mistake]:
    """A choice is compared with true."""
    for element, text in _conditions(source):
        for match in _COMPARED.finditer(text):
            wrong = f"{text[: match.start(2)]}= true{text[match.end() :]}"
            yield source.with_diagram("选项与是否比较", wrong, _set_text(wrong), element)


def condition_no_truth(source: Source) -> Iterator[Mistake]:
    """A condition that is no yes or no."""
    for element, text in _conditions(source):
        names = _NAME.findall(text)
        for wrong in (
            f"string length({names[0]})",
            names[0],
            "workdays(3)",
            f'if {text} then "yes" else "no"',
        ):
            yield source.with_diagram("条件得不到是或否", wrong, _set_text(wrong), element)


def name_misspelt(source: Source) -> Iterator[Mistake]:
    """A condition reads a name that nothing sets."""
    for element, text in _conditions(source):
        for match in _NAME.finditer(text):
            if match[1] not in _WORDS:
                wrong = text[: match.start(1)] + misspelt(match[1]) + text[match.end(1) :]
                yield source.with_diagram("条件里的名称写错", wrong, _set_text(wrong), element)


def names_swapped(source: Source) -> Iterator[Mistake]:
    """A condition reads another field, whose options do not hold the value."""
    options = _options(source)
    for element, text in _conditions(source):
        for match in _COMPARED.finditer(text):
            others = [name for name, values in options.items() if name != match[1] and match[3] not in values]
            for other in others[:3]:
                wrong = text[: match.start(1)] + other + text[match.end(1) :]
                yield source.with_diagram("条件里的名称调换", wrong, _set_text(wrong), element)


def condition_broken(source: Source) -> Iterator[Mistake]:
    """A condition in another language's words."""
    for element, text in _conditions(source):
        for old, new in (
            (" = ", " == "),
            ('"', "'"),
            (" and ", " && "),
            (" or ", " || "),
            (" and ", " AND "),
        ):
            if old in text:
                wrong = text.replace(old, new)
                yield source.with_diagram("条件用了别种语言的写法", wrong, _set_text(wrong), element)


def condition_gone(source: Source) -> Iterator[Mistake]:
    """A branch without condition."""
    for element, _text in _conditions(source):
        yield source.with_diagram("条件没有了", "", lambda twin: twin.getparent().remove(twin), element)


def default_gone(source: Source) -> Iterator[Mistake]:
    """A gateway that forgot its default flow."""
    for element in source.drawn("exclusiveGateway"):
        if element.get("default"):
            yield source.with_diagram("缺省线没有了", "", lambda twin: twin.attrib.pop("default"), element)


def _options(source: Source) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for form in source.forms.values():
        for item in _fields(form["components"]):
            if item.get("key") and item.get("values"):
                found.setdefault(item["key"], set()).update(str(each["value"]) for each in item["values"])
    return found


def _fields(components: Iterable[Any]) -> Iterator[Any]:
    for item in components:
        yield item
        yield from _fields(item.get("components", ()))


# ---------------------------------------------------------------- what sets and what reads


def _read_names(source: Source) -> set[str]:
    texts = [each.text or "" for tag in ("conditionExpression", "timeDate") for each in source.drawn(tag)]
    texts += [each.text or "" for each in source.root.iter(CAMUNDA + "outputParameter")]
    return {name for text in texts for name in _NAME.findall(_TEXT.sub("", text))} - _WORDS


def setter_gone(source: Source) -> Iterator[Mistake]:
    """The form loses the only field that sets a variable which the diagram reads."""
    read = _read_names(source)
    outputs = {each.get("name") for each in source.root.iter(CAMUNDA + "outputParameter")}
    holders: dict[str, set[str]] = {}
    for path, form in source.forms.items():
        for item in _fields(form["components"]):
            if item.get("key"):
                holders.setdefault(item["key"], set()).add(path)
    for name in sorted(read - outputs):
        paths = holders.get(name, set())
        if len(paths) == 1:
            path = next(iter(paths))
            form = copy.deepcopy(source.forms[path])
            _drop(form, name)
            yield source.with_form("赋值的字段没有了", name, path, form)


def setter_renamed(source: Source) -> Iterator[Mistake]:
    """The field that sets a variable gets another key."""
    for mistake in setter_gone(source):
        path = mistake.words.partition("@")[2]
        name = mistake.words.partition(" @")[0]
        form = copy.deepcopy(source.forms[path])
        for item in _fields(form["components"]):
            if item.get("key") == name:
                item["key"] = name + "_new"
        yield source.with_form("赋值的字段改了名", name, path, form)


def _drop(form: Any, name: str) -> None:
    for holder in [form, *_fields(form["components"])]:
        inner = holder.get("components")
        if inner is not None:
            holder["components"] = [item for item in inner if item.get("key") != name]


def output_gone(source: Source) -> Iterator[Mistake]:
    """An output parameter goes whose variable nothing else sets."""
    outputs = list(source.root.iter(CAMUNDA + "outputParameter"))
    fields = {item.get("key") for form in source.forms.values() for item in _fields(form["components"])}
    read = _read_names(source)
    for element in outputs:
        name = element.get("name")
        if name in read and name not in fields and sum(each.get("name") == name for each in outputs) == 1:
            yield source.with_diagram(
                "输出参数没有了", name, lambda twin: twin.getparent().remove(twin), element
            )


def output_misspelt(source: Source) -> Iterator[Mistake]:
    """An output parameter reads a name that nothing sets."""
    for element in source.root.iter(CAMUNDA + "outputParameter"):
        text = element.text or ""
        spans = [match.span() for match in _TEXT.finditer(text)]
        for match in _NAME.finditer(text):
            quoted = any(begin <= match.start() < end for begin, end in spans)
            if match[1] not in _WORDS and not quoted:
                wrong = text[: match.start(1)] + misspelt(match[1]) + text[match.end(1) :]
                yield source.with_diagram("输出参数里的名称写错", wrong, _set_text(wrong), element)


def option_taken_away(source: Source) -> Iterator[Mistake]:
    """A field loses an option that a condition asks for."""
    asked = {(match[1], match[3]) for _, text in _conditions(source) for match in _COMPARED.finditer(text)}
    for path, original in source.forms.items():
        for number, item in enumerate(_fields(original["components"])):
            for value in [each["value"] for each in item.get("values", ())]:
                if (item.get("key"), value) in asked and _holders(source, item["key"], value) == 1:
                    form = copy.deepcopy(original)
                    twin = list(_fields(form["components"]))[number]
                    twin["values"] = [each for each in twin["values"] if each["value"] != value]
                    yield source.with_form("条件要问的选项没有了", f"{item['key']} {value}", path, form)


def _holders(source: Source, key: str, value: str) -> int:
    return sum(
        item.get("key") == key and any(each["value"] == value for each in item.get("values", ()))
        for form in source.forms.values()
        for item in _fields(form["components"])
    )


def list_unknown(source: Source) -> Iterator[Mistake]:
    """A choice takes its options from a table that does not exist."""
    for path, original in source.forms.items():
        for number, item in enumerate(_fields(original["components"])):
            if item.get("valuesKey"):
                form = copy.deepcopy(original)
                list(_fields(form["components"]))[number]["valuesKey"] = misspelt(item["valuesKey"])
                yield source.with_form("选项表的名称写错", item["valuesKey"], path, form)


def form_rule_misspelt(source: Source) -> Iterator[Mistake]:
    """A hide rule reads a field that the form does not have, or an option that the field does not have."""
    for path, original in source.forms.items():
        for number, item in enumerate(_fields(original["components"])):
            rule = (item.get("conditional") or {}).get("hide", "")
            for match in _COMPARED.finditer(rule):
                for begin, end in (match.span(1), match.span(3)):
                    form = copy.deepcopy(original)
                    wrong = rule[:begin] + misspelt(rule[begin:end]) + rule[end:]
                    list(_fields(form["components"]))[number]["conditional"]["hide"] = wrong
                    yield source.with_form("表单条件写错", wrong, path, form)


def code_table_gone(source: Source) -> Iterator[Mistake]:
    """The manifest loses a code table from which a form takes its options."""
    named = {item.get("valuesKey") for form in source.forms.values() for item in _fields(form["components"])}
    for match in re.finditer(r"^\[codes\.([^\]]+)\]\n(?:(?!\[).*\n)*", source.manifest, re.MULTILINE):
        if match[1].strip('"') in named:
            text = source.manifest[: match.start()] + source.manifest[match.end() :]
            yield source.with_manifest("代码表没有了", match[1], text)


def option_added(source: Source) -> Iterator[Mistake]:
    """A choice that gateways, figures or templates tell apart gets an option that none of them knows."""
    asked = {match[1] for _, text in _conditions(source) for match in _COMPARED.finditer(text)}
    for path, original in source.forms.items():
        for number, item in enumerate(_fields(original["components"])):
            if item.get("key") in asked and item.get("values"):
                form = copy.deepcopy(original)
                twin = list(_fields(form["components"]))[number]
                twin["values"] = [*twin["values"], {"value": "brand_new", "label": "另一种情况"}]
                yield source.with_form("选项增加了，别处不知道", item["key"], path, form)


def ground_added(source: Source) -> Iterator[Mistake]:
    """A code table whose entries a text lists one by one gets another entry."""
    for match in re.finditer(r"^\[codes\.refusal_ground\]\n(?:\w+ = .*\n)+", source.manifest, re.MULTILINE):
        labels = re.findall(r'= "([^"]+)"', match[0])
        texts = [source.files[path].decode() for path in source.files if path.startswith("templates/")]
        texts.append(source.manifest[: match.start()] + source.manifest[match.end() :])
        if any(all(label in text for label in labels) for text in texts):
            more = f'{match[0]}99 = "已经超过规定的申请期限的"\n'
            wrong = source.manifest.replace(match[0], more)
            yield source.with_manifest("情形增加了，文字没有改", labels[0], wrong)


# ---------------------------------------------------------------- paper


def printed_field_gone(source: Source) -> Iterator[Mistake]:
    """A template loses the only place where it prints a field of its form."""
    for path, content in source.files.items():
        form = path.replace("templates/print/", "forms/").replace(".html", ".json")
        if not path.startswith("templates/print/") or form not in source.forms:
            continue
        keys = {item.get("key") for item in _fields(source.forms[form]["components"])} - {None}
        text = content.decode()
        for match in re.finditer(r"\{\{ [td]\.(\w+)[^{}]*\}\}", text):
            if match[1] in keys and len(re.findall(rf"\.{match[1]}\b", text)) == 1:
                wrong = text[: match.start()] + text[match.end() :]
                yield source.with_file("打印模板漏了一项", match[1], path, wrong)


def template_misnamed(source: Source) -> Iterator[Mistake]:
    """A print template gets a name that is no form's: nothing is printed by it any more."""
    for path, content in source.files.items():
        if path.startswith(f"templates/print/{source.slug}/"):
            stem = path.rpartition("/")[2].removesuffix(".html")
            wrong = path.replace(f"{stem}.html", f"{misspelt(stem)}.html")

            def make(old: str = path, new: str = wrong, kept: bytes = content) -> Files:
                return {**{at: each for at, each in source.files.items() if at != old}, new: kept}

            yield Mistake("打印模板的名称写错", f"{stem} @{path}", make)


# ---------------------------------------------------------------- timers


def limit_of_nothing(source: Source) -> Iterator[Mistake]:
    """A number of working days, in a timer or a parameter, becomes 0."""
    for element in source.drawn("timeDate"):
        for match in re.finditer(r"workdays\((\d+)", element.text or ""):
            wrong = (element.text or "")[: match.start(1)] + "0" + (element.text or "")[match.end(1) :]
            yield source.with_diagram("期限成了0天", wrong, _set_text(wrong), element)
    for match in re.finditer(
        r"^\[parameters\.(\w+)\]\n(?:\w+ = .*\n)*?value = (\d+)\n", source.manifest, re.MULTILINE
    ):
        if f"days(parameters.{match[1]}" in source.files[source.diagram_path].decode():
            wrong = source.manifest[: match.start(2)] + "0" + source.manifest[match.end(2) :]
            yield source.with_manifest("期限成了0天", match[1], wrong)


_TIMERS = (
    'workdays("10")',
    "workday(10)",
    "workdays(-1)",
    "workdays()",
    "workdays(2.5)",
    "10",
    "workdays(10) > 5",
    "PT0S",
    "2026-13-01",
    "0 0 9 * * ?",
    "P10D",
    "workdays(10, title)",
    'recurrence("没有的规则")',
    "before(workdays: 3)",
    "10个工作日",
    "",
)


def timer_wrong(source: Source) -> Iterator[Mistake]:
    """A timer whose text gives no time, or not the one that was meant."""
    for element in source.drawn("timeDate"):
        for wrong in _TIMERS:
            yield source.with_diagram("时限写错", wrong or "（空）", _set_text(wrong), element)


def timer_reads_wrong(source: Source) -> Iterator[Mistake]:
    """A timer reads a misspelt variable."""
    for element in source.drawn("timeDate"):
        text = element.text or ""
        for match in _NAME.finditer(_TEXT.sub(lambda m: " " * len(m[0]), text)):
            if (
                match[1] not in _WORDS
                and match[1] not in ("workdays", "days")
                and ":" not in text[match.end() : match.end() + 1]
            ):
                wrong = text[: match.start(1)] + misspelt(match[1]) + text[match.end(1) :]
                yield source.with_diagram("时限里的名称写错", wrong, _set_text(wrong), element)


def timer_too_early(source: Source) -> Iterator[Mistake]:
    """The first task's timer reads what only a later form fills in."""
    later = [name for name in ("clinic_date", "clock_from", "redo_date") if name in _read_names(source)]
    first = next(iter(source.drawn("timeDate")), None)
    for name in later:
        for wrong in (f"workdays(3, {name})", f"before({name}, workdays: 1)"):
            if first is not None:
                yield source.with_diagram("时限读了还没有的变量", wrong, _set_text(wrong), first)


# ---------------------------------------------------------------- drawing


def terminate_gone(source: Source) -> Iterator[Mistake]:
    """An end does not end the other branches any more."""
    for element in source.drawn("terminateEventDefinition"):
        yield source.with_diagram(
            "结束不再终止其他分支", "", lambda twin: twin.getparent().remove(twin), element
        )


def _remove_flow(twin: Any) -> None:
    root = twin.getroottree().getroot()
    for tag in ("incoming", "outgoing"):
        for each in list(root.iter(BPMN + tag)):
            if each.text == twin.get("id"):
                each.getparent().remove(each)
    twin.getparent().remove(twin)


def flow_gone(source: Source) -> Iterator[Mistake]:
    """A flow is deleted that was the only way on, or the only way in."""
    flows = source.drawn("sequenceFlow")
    for element in flows:
        only_out = sum(each.get("sourceRef") == element.get("sourceRef") for each in flows) == 1
        only_in = sum(each.get("targetRef") == element.get("targetRef") for each in flows) == 1
        if only_out or only_in:
            yield source.with_diagram("连线没有了", "", _remove_flow, element)


def join_for_merge(source: Source) -> Iterator[Mistake]:
    """A merge of alternatives is drawn as a join: it waits for ever."""
    for element in source.drawn("exclusiveGateway"):
        if len(element.findall(BPMN + "incoming")) > 1 and len(element.findall(BPMN + "outgoing")) == 1:

            def change(twin: Any) -> None:
                twin.tag = BPMN + "parallelGateway"
                twin.attrib.pop("default", None)

            yield source.with_diagram("合并画成了汇聚", "", change, element)


def _attribute(name: str, value: str) -> Callable[[Any], None]:
    def change(twin: Any) -> None:
        if value:
            twin.set(name, value)
        else:
            twin.attrib.pop(name)

    return change


def task_attribute(source: Source) -> Iterator[Mistake]:
    """Role, form, topic or collection of an activity misspelt or gone."""
    for tag in ("userTask", "serviceTask", "sendTask", "multiInstanceLoopCharacteristics"):
        for element in source.drawn(tag):
            for name in ("candidateGroups", "formRef", "topic", "collection"):
                value = element.get(CAMUNDA + name)
                if value:
                    change = _attribute(CAMUNDA + name, misspelt(value))
                    yield source.with_diagram(f"{name} 写错", value, change, element)
                if value and name in ("candidateGroups", "topic"):
                    yield source.with_diagram(
                        f"{name} 没有了", value, _attribute(CAMUNDA + name, ""), element
                    )


def property_wrong(source: Source) -> Iterator[Mistake]:
    """A property names what does not exist, or is gone where it is needed."""
    for element in source.root.iter(CAMUNDA + "property"):
        name, value = element.get("name"), element.get("value")
        if name in ("zz:template", "zz:activity", "zz:trigger", "zz:delivery", "zz:ttl", "zz:report"):
            yield source.with_diagram(f"{name} 写错", value, _attribute("value", misspelt(value)), element)
        if name in ("zz:key", "zz:until", "zz:payload"):
            yield source.with_diagram(f"{name} 写错", value, _attribute("value", misspelt(value)), element)
        owner = element.getparent().getparent().getparent()
        asked = name in ("zz:template", "zz:key", "zz:until")
        if asked or (name == "zz:clause" and owner.tag in _WITH_CLAUSE):
            yield source.with_diagram(
                f"{name} 没有了", value, lambda twin: twin.getparent().remove(twin), element
            )


def message_wrong(source: Source) -> Iterator[Mistake]:
    """An event refers to no message, or to one without a name."""
    for element in source.drawn("messageEventDefinition"):
        change = _attribute("messageRef", element.get("messageRef") + "_old")
        yield source.with_diagram("消息引用写错", element.get("messageRef"), change, element)
    for element in source.drawn("message"):
        yield source.with_diagram("消息没有名称", "", _attribute("name", ""), element)


def key_of_another_type(source: Source) -> Iterator[Mistake]:
    """A date is asked for and something else given, or the other way round."""
    for element in source.root.iter(CAMUNDA + "property"):
        if element.get("name") == "zz:until":
            for wrong in ('"很快"', "1 + 1", "true", "string length(title)"):
                yield source.with_diagram("改期得不到日期", wrong, _attribute("value", wrong), element)
    for element in source.drawn("multiInstanceLoopCharacteristics"):
        for wrong in ("=-1", "=true", '=date("2026-01-01")'):
            change = _attribute(CAMUNDA + "collection", wrong)
            yield source.with_diagram("多实例集合不是列表", wrong, change, element)


# ---------------------------------------------------------------- manifest


def _without_block(source: Source, table: str, key: str) -> Iterator[tuple[str, str]]:
    pattern = rf'^\[\[{table}\]\]\n(?:(?!\[).*\n)*?{key} = "([^"]+)"\n(?:(?!\[).*\n)*'
    for match in re.finditer(pattern, source.manifest, re.MULTILINE):
        yield match[1], source.manifest[: match.start()] + source.manifest[match.end() :]


def place_gone(source: Source) -> Iterator[Mistake]:
    """The manifest loses a unit or role that the diagram gives work to."""
    drawn = {each.get(CAMUNDA + "candidateGroups") for each in source.drawn("userTask")}
    for table in ("unit", "role"):
        for name, text in _without_block(source, table, "id"):
            if name in drawn:
                yield source.with_manifest("单位、岗位没有了", name, text)


def role_emptied(source: Source) -> Iterator[Mistake]:
    """The last account of a unit or role that the diagram gives work to is taken away."""
    groups = Pack.from_files(source.files).groups
    for name in sorted({each.get(CAMUNDA + "candidateGroups") for each in source.drawn("userTask")} & groups):
        if name != ENTERPRISE:
            yield Mistake("岗位没有人了", name, lambda: source.files, groups - {name})


def home_of_role_gone(source: Source) -> Iterator[Mistake]:
    """The manifest loses the unit that a role belongs to."""
    homes = set(re.findall(r'^unit = "([^"]+)"', source.manifest, re.MULTILINE))
    for name, text in _without_block(source, "unit", "id"):
        if name in homes:
            yield source.with_manifest("岗位的单位没有了", name, text)


def recurrence_gone(source: Source) -> Iterator[Mistake]:
    """The manifest loses a recurrence that the diagram or the manifest asks for."""
    drawn = source.files[source.diagram_path].decode()
    for name, text in _without_block(source, "recurrence", "name"):
        if f'("{name}"' in drawn or f'"{name}"' in text:
            yield source.with_manifest("周期规则没有了", name, text)


def manifest_formula_misspelt(source: Source) -> Iterator[Mistake]:
    """A column, filter or figure reads a field, or asks for an option, that is not there."""
    pattern = r"""^(value|where|filter|by|title|period|bookable|when) = ('[^'\n]*'|"(?:[^"\\\n]|\\.)*")"""
    keys = {path.rpartition("/")[2].removesuffix(".json") for path in source.forms}
    for match in re.finditer(pattern, source.manifest, re.MULTILINE):
        for read in re.finditer(r"\b([a-z]\w*)\.([a-z]\w*)\b(?: = \\?\"(\w+)\\?\")?", match[2]):
            if read[1] in keys:
                for group in (1, 2, 3):
                    if read[group]:
                        begin, end = (match.start(2) + each for each in read.span(group))
                        wrong = source.manifest[:begin] + misspelt(read[group]) + source.manifest[end:]
                        yield source.with_manifest(
                            "清单、统计的取值写错", f"{match[0][:60]} {read[group]}", wrong
                        )


KINDS: tuple[Kind, ...] = (
    option_misspelt,
    option_by_label,
    compared_with_number,
    compared_with_date,
    compared_with_truth,
    condition_no_truth,
    name_misspelt,
    names_swapped,
    condition_broken,
    condition_gone,
    default_gone,
    setter_gone,
    setter_renamed,
    output_gone,
    output_misspelt,
    option_taken_away,
    list_unknown,
    form_rule_misspelt,
    code_table_gone,
    option_added,
    ground_added,
    printed_field_gone,
    template_misnamed,
    limit_of_nothing,
    timer_wrong,
    timer_reads_wrong,
    timer_too_early,
    terminate_gone,
    flow_gone,
    join_for_merge,
    task_attribute,
    property_wrong,
    message_wrong,
    key_of_another_type,
    place_gone,
    role_emptied,
    home_of_role_gone,
    recurrence_gone,
    manifest_formula_misspelt,
)
