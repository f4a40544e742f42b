"""Form rules in Chromium and on the server: one answer, for random rules over random forms and answers."""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import pytest
from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from playwright.sync_api import Browser, Page, Route, expect
from tests.browser.rule_grammar import GIVEN, base, people, random_answers, random_form
from tests.formjs.builders import ROOT, component, form, submit
from werkzeug.datastructures import MultiDict

from zuozhen.formjs import BoundForm, FormDefinition, bind

FORMS = int(os.environ.get("ZUOZHEN_RULE_FORMS", "7"))
SEED = int(os.environ.get("ZUOZHEN_RULE_SEED", "9"))
RULES = 24
ROUNDS = 8
SCRIPT = ROOT / "plugin" / "zuozhen" / "web" / "static" / "dist" / "conditions.js"
PAGE = (
    '{% from "zuozhen/macros/form.html" import form_rows %}<form method="post">{{ form_rows(bound) }}</form>'
)

FILL = """(sent) => {
  const form = document.forms[0];
  const values = new Map();
  for (const [name, text] of sent) values.set(name, [...(values.get(name) ?? []), text]);
  for (const field of form.elements) {
    if (!field.name || field.name.startsWith('_') || field.name.endsWith('_row')) continue;
    const given = values.get(field.name) ?? [];
    if (['checkbox', 'radio'].includes(field.type)) field.checked = given.includes(field.value);
    else field.value = given[0] ?? '';
  }
  form.elements[1].dispatchEvent(new Event('input', { bubbles: true }));
  const found = {};
  for (const label of form.querySelectorAll('[name]')) {
    const place = label.closest('[class*="col-md-"]');
    const mark = place?.querySelector('.zz-required');
    const chain = [];
    for (let at = place; at; at = at.parentElement.closest('[data-zz-hide]')) chain.push(at);
    found[label.name] = {
      hidden: chain.some((at) => at.hidden),
      required: Boolean(mark && !mark.hidden),
      open: chain.some((at) => at.hasAttribute('data-zz-open')),
    };
  }
  return { found, told: form.elements['_hidden'].value.split(' ').filter(Boolean) };
}"""


class Sheet:
    """A page that shows one form after another."""

    def __init__(self, page: Page) -> None:
        self.page = page
        loader = PrefixLoader({"zuozhen": FileSystemLoader(ROOT / "templates" / "web")})
        self.template = Environment(loader=loader, autoescape=True, undefined=StrictUndefined).from_string(
            PAGE
        )
        page.set_content("<!doctype html><html><body></body></html>")
        page.add_script_tag(path=str(SCRIPT))

    def show(self, bound: BoundForm) -> str:
        text = self.template.render(bound=bound)
        self.page.evaluate(
            "(text) => { document.body.innerHTML = text; document.dispatchEvent(new Event('htmx:load')); }",
            text,
        )
        return text

    def answers(self, sent: list[tuple[str, str]]) -> dict[str, Any]:
        return dict(self.page.evaluate(FILL, sent))


@pytest.fixture(scope="module", params=["Asia/Shanghai", "America/New_York"])
def sheet(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Sheet]:
    """A page in a browser that may be far away: days are those of the administration all the same."""
    context = browser.new_context(timezone_id=request.param)
    yield Sheet(context.new_page())
    context.close()


@pytest.fixture
def near(browser: Browser) -> Iterator[Sheet]:
    """A page of its own."""
    page = browser.new_page()
    yield Sheet(page)
    page.close()


def states(bound: BoundForm) -> dict[str, tuple[bool, bool]]:
    """Return of each input on the server: hidden, required."""
    found: dict[str, tuple[bool, bool]] = {}
    for each in bound.wtform:
        if each.component.key == "who":
            for entry in each.entries:
                found |= {inner.name: (inner.state.hidden, inner.state.required) for inner in entry.form}
        else:
            found[each.name] = (each.state.hidden, each.state.required)
    return found


def test_random_rules_have_one_answer(sheet: Sheet) -> None:
    chance = random.Random(SEED)
    counts: Counter[str] = Counter()
    differences: list[str] = []
    for _ in range(FORMS):
        definition = random_form(chance, RULES)
        text = sheet.show(bind(definition, context=GIVEN))
        counts["rules"] += text.count("data-zz-hide=") + text.count("data-zz-required-if=")
        counts["always asked"] += text.count('="?"')
        for _ in range(ROUNDS):
            sent = [pair for pair in random_answers(chance, definition) if f'name="{pair[0]}"' in text]
            differences += compared(sheet, definition, sent, counts)
    print(dict(counts))
    assert not differences, "\n".join([*differences[:5], f"{len(differences)} differences"])
    assert counts["rules"] >= FORMS * RULES
    assert counts["open"] < counts["states"] / 20
    assert min(counts["hidden"], counts["required"]) > counts["states"] / 40


def compared(
    sheet: Sheet, definition: FormDefinition, sent: list[tuple[str, str]], counts: Counter[str]
) -> Iterator[str]:
    """Give the inputs about which page and server disagree."""
    page = sheet.answers(sent)
    for name, state in states(submit(definition, *sent, context=GIVEN)).items():
        if (found := page["found"].get(name)) is None:
            continue
        if found["open"]:
            counts["open"] += 1
            continue
        hidden, required = state
        counts += Counter(states=1, hidden=hidden, required=required)
        if hidden != found["hidden"] or (not hidden and required != found["required"]):
            field = definition.fields.get(name) or definition.fields[f"who.{name.rpartition('-')[2]}"]
            rules = [rule.text for rule in (field.hide, field.required_if) if rule]
            yield f"{name} {rules}: server {state}, page {found}, answers {json.dumps(sent, ensure_ascii=False)}"
    assert set(page["told"]) == {name for name, found in page["found"].items() if found["hidden"]}


NAMED = (
    # what the issue names: each rule with answers and whether it hides on both sides
    ('=date(meeting) = date("2026-01-31")', [("meeting", "2026-01-31T07:00")], True),
    ('=date(meeting) < date("2026-01-31")', [("meeting", "2026-01-31T07:00")], False),
    ('=date("2026-01-31T07:00:00+08:00") = day', [("day", "2026-01-31")], True),
    ("=amount < 3", [], False),
    ("=not(amount < 3)", [], False),
    ("=amount = null", [], True),
    ("=amount = 0", [], False),
    ("=mixed >= 3", [("title", "5")], False),  # a text, though nobody could know before
    ("=mixed >= 3", [("amount", "5"), ("flag", "true")], True),
    ("=mixed > begins", [("title", "10:00"), ("begins", "08:00")], False),
    ("=not(mixed > begins)", [("title", "10:00"), ("begins", "08:00")], False),
    ("=mixed = begins", [("title", "10:00"), ("begins", "10:00")], False),
    ("=amount + limit = 0.3", [("amount", "0.1"), ("limit", "0.2")], True),
    ("=amount * limit = 0.02", [("amount", "0.1"), ("limit", "0.2")], True),
    ("=amount in [1..3]", [("amount", "2")], True),
    ("=mixed in [1..3]", [("title", "2")], False),
    ("=amount in (null..10]", [("amount", "5")], False),
    ("=count(who) < 2", [("who-0-name", "甲")], True),
    ("=count(who) < 2", [("who-0-name", "甲"), ("who-1-share", "3")], False),
    ("=count(kinds) = 0", [], True),
)


def test_what_differed_before_is_the_same(sheet: Sheet) -> None:
    targets = [
        component("textfield", f"x{n}", conditional={"hide": rule}) for n, (rule, _, _) in enumerate(NAMED)
    ]
    definition = form(*base(random.Random(1)), people([]), *targets)
    sheet.show(bind(definition))
    for n, (rule, sent, hides) in enumerate(NAMED):
        page = sheet.answers(sent)["found"][f"x{n}"]
        assert (page["hidden"], page["open"]) == (hides, False), rule
        assert submit(definition, *sent).wtform.field(f"x{n}").state.hidden is hides, rule


class Served:
    """A form behind an address: pages and submissions are made by the server's own code, in this process."""

    def __init__(self, sheet: Sheet, definition: FormDefinition, **known: Any) -> None:
        self.sheet, self.definition, self.known = sheet, definition, known
        self.later: FormDefinition | None = None
        self.handed_in: BoundForm | None = None
        self.asked = 0
        sheet.page.route("http://forms.test/*", self._answer)
        sheet.page.goto("http://forms.test/")
        sheet.page.add_script_tag(path=str(SCRIPT))

    def _answer(self, route: Route) -> None:
        bound = bind(self.definition, **self.known)
        if route.request.method == "POST":
            sent = MultiDict(parse_qsl(route.request.post_data or "", keep_blank_values=True))
            bound = bind(self.later or self.definition, formdata=sent, **self.known)
            self.asked += bound.structural
            if not bound.structural:
                self.handed_in = bound
                bound.validate()
        body = f"<!doctype html><body>{self.sheet.template.render(bound=bound)}</body>"
        route.fulfill(body=body, content_type="text/html; charset=utf-8")

    def hidden(self, key: str) -> bool:
        return not self.sheet.page.locator(f'[name="{key}"]').is_visible()


def test_what_only_the_server_knows_is_asked_of_it(near: Sheet) -> None:
    """A rule over working days, one over a long quotient, options and a label that follow from an answer."""
    units = [{"id": "a", "name": "甲局", "office": "x"}, {"id": "b", "name": "乙局", "office": "y"}]
    definition = form(
        component("datetime", "day"),
        component("number", "amount"),
        component("radio", "area", values=[{"value": each, "label": each} for each in "xy"]),
        component("textfield", "late", conditional={"hide": "=not(day > workdays(3, day))"}),
        component(
            "textfield", "share", properties={"required.if": "=amount / 3 > 1"}, label="份额（{{ area }}）"
        ),
        component(
            "select",
            "unit",
            valuesExpression="=for u in units[office = area] return {value: u.id, label: u.name}",
        ),
        component("expression", "twice", expression="=amount * 2"),
        component("textfield", "last", conditional={"hide": '=late = "x"'}),
    )
    deadlines = {"workdays": lambda days, start: None if start is None else start.replace(day=int(days))}
    served = Served(near, definition, context={"units": units}, functions=deadlines)
    page = near.page
    assert not served.hidden("late")
    page.fill('[name="day"]', "2026-02-02")
    page.fill('[name="amount"]', "4")
    page.locator('[name="amount"]').blur()
    expect(page.locator("#f-twice .zz-pre")).to_have_text("8")
    page.wait_for_selector('[name="share"][aria-required="true"]')
    assert served.hidden("late")
    page.fill('[name="day"]', "2026-02-05")
    page.check('[name="area"][value="y"]')
    expect(page.locator('label[for="f-share"]')).to_contain_text("份额（y）")
    expect(page.locator('[name="unit"] option')).to_have_text(["请选择", "乙局"])
    assert not served.hidden("late")
    assert served.asked


def test_an_answer_that_page_and_server_see_differently_is_told(near: Sheet) -> None:
    """The form changes while somebody fills it in, so that the page hides by another rule than the server."""

    def asked(rule: str) -> FormDefinition:
        return form(
            component("textfield", "a"),
            component("textfield", "why", conditional={"hide": rule}, validate={"required": True}),
        )

    served = Served(near, asked('=a = "x"'))
    served.later = asked('=a = "y"')
    page = near.page
    page.fill('[name="a"]', "y")
    page.fill('[name="why"]', "因为")
    page.locator("form").evaluate("(form) => form.requestSubmit()")
    page.wait_for_selector(".invalid-feedback")
    page.add_script_tag(path=str(SCRIPT))
    assert served.handed_in is not None
    assert [problem.field for problem in served.handed_in.problems] == ["why"]
    expect(page.locator("#f-why-error")).to_contain_text("不需要填，所填内容不会保留")
    assert not served.hidden("why")
    page.fill('[name="a"]', "z")
    page.locator("form").evaluate("(form) => form.requestSubmit()")
    page.wait_for_selector("#f-why-error", state="detached")
    assert served.handed_in.validate()
    assert served.handed_in.answers == {"a": "z", "why": "因为"}
