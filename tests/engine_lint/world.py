"""What the test diagrams may refer to, with the real date functions."""

from __future__ import annotations

from zuozhen.engine.lint import LintContext
from zuozhen.model.types import BOOLEAN, DATE, NUMBER, TEXT, choice, context_of, list_of
from zuozhen.model.types import CONTEXT as CONTEXT_OF_ANY
from zuozhen.workdays import SIGNATURES, Recurrence, Rules, date_functions, national

CLINIC_DAY = Recurrence.from_table({"name": "坐诊日", "kind": "monthly_day", "day": 20, "roll": "forward"})

CONTEXT = LintContext(
    forms={
        "accept": {
            "decision": TEXT,
            "amount": NUMBER,
            "flag": BOOLEAN,
            "reception_unit": TEXT,
            "joint_units": list_of(TEXT),
            "extend_until": DATE,
            "grade": choice({"a", "b", "c"}),
            "office": choice({"window", "leader"}),
            "place": choice({"window", "cellar"}),
        },
        "other": {"note": TEXT},
        "dated": {"due_on": DATE, "maybe_on": DATE},
        "note_dated": {"note": DATE},
        "ballot": {"opinion": choice({"agree", "refuse", "abstain"}), "fine": BOOLEAN, "remark": TEXT},
    },
    groups=frozenset({"window", "leader", "archivist"}),
    held=frozenset({"window", "leader"}),
    labels={"archivist": "档案员"},
    functions=date_functions(Rules(national(), {"坐诊日": CLINIC_DAY})),
    recurrences=frozenset({"坐诊日"}),
    templates=frozenset({"receipt"}),
    topics=frozenset({"notify", "publish", "archive", "document", "report"}),
    prints=frozenset({"urge_letter"}),
    reports={"monthly": False, "by_unit": True},
    facts={"case": CONTEXT_OF_ANY, "text": CONTEXT_OF_ANY},
    signatures=SIGNATURES,
    known_names=frozenset({"case_key"}),
    blank={"dated": frozenset({"maybe_on"})},
    started=frozenset({"named"}),
    ambient={"parameters": context_of({"none": NUMBER, "some": NUMBER})},
    values={"parameters": {"none": 0, "some": 3}},
)
