"""What the test diagrams may refer to, with the real date functions."""

from __future__ import annotations

from zuozhen.engine.lint import LintContext
from zuozhen.workdays import Recurrence, Rules, date_functions, national

CLINIC_DAY = Recurrence.from_table({"name": "坐诊日", "kind": "monthly_day", "day": 20, "roll": "forward"})

CONTEXT = LintContext(
    forms={
        "accept": frozenset({"decision", "amount", "flag", "reception_unit", "joint_units", "extend_until"}),
        "other": frozenset({"note"}),
        "dated": frozenset({"due_on", "maybe_on"}),
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
    facts=frozenset({"case", "text"}),
    known_names=frozenset({"case_key"}),
    blank={"dated": frozenset({"maybe_on"})},
    started=frozenset({"p"}),
)
