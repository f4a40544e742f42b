"""A limit that is a parameter: read by diagram, form, letter, paper, register; checked; migrated."""

from __future__ import annotations

import pytest
from tests.builders import DIAGRAM, SLUG, TENANT, Office, edited, pack_files
from tests.services.migrations import due, migrate

from zuozhen.services import casebook
from zuozhen.services.checking import check_files
from zuozhen.services.deployment import deploy
from zuozhen.services.studio import migrating

TOML = f"processes/{SLUG}/pack.toml"
FORM = f"forms/{SLUG}/accept.json"
LETTER = f"templates/message/{SLUG}/accepted.txt"
REGISTER = f"forms/{SLUG}/register.json"


def with_days(days: int) -> dict[str, bytes]:
    """Return the pack with the limit of the answer as a parameter, used in the diagram and the form."""
    files = edited(pack_files(), DIAGRAM, "workdays(2)", "workdays(parameters.answer_days)")
    files = edited(
        files,
        DIAGRAM,
        'id="Timer_accept" name="2个',
        'id="Timer_accept" name="{{ parameters.answer_days }}个',
    )
    files = edited(files, FORM, "2 个工作日内答复", "{{ parameters.answer_days }} 个工作日内答复")
    section = f'\n[parameters.answer_days]\nlabel = "答复期限"\nvalue = {days}\nunit = "个工作日"\n'
    return {**files, TOML: files[TOML] + section.encode()}


def test_a_new_value_moves_the_deadlines_of_running_cases(any_office: Office) -> None:
    office = any_office
    deploy(office.context, with_days(2))
    case_id = office.register().case_id
    first = due(office, case_id, "Task_accept")
    assert "answer_days" not in str(office.case(case_id).variables)
    deploy(office.context, with_days(4))
    assert due(office, case_id, "Task_accept") == first
    found = migrating.preview(office.context, TENANT)
    [summary] = [due for group in found.groups for due in group.dues]
    assert (summary.kinds, summary.days, summary.count) == (("later",), (2, 2), 1)
    assert (summary.old_rule, summary.new_rule) == (
        "workdays(parameters.answer_days)（answer_days = 2）",
        "workdays(parameters.answer_days)（answer_days = 4）",
    )
    migrate(office)
    assert (first, due(office, case_id, "Task_accept")) == ("2026-09-02", "2026-09-04")
    release = casebook.pack_context
    with office.context.database.read() as session:
        live = office.context.releases.live(session, TENANT)
    assert release(live)["parameters"] == {"answer_days": 4}
    assert live.diagram.elements["Timer_accept"].name == "4个工作日"
    assert "收到“挂号”信息后 4 个工作日内" in live.pack.written(FORM).decode()


@pytest.mark.parametrize(
    ("path", "old", "new", "element"),
    [
        (DIAGRAM, "workdays(parameters.answer_days)", "workdays(parameters.answr_days)", "Timer_accept"),
        (DIAGRAM, "{{ parameters.answer_days }}", "{{ parameters.answr_days }}", "Timer_accept"),
        (FORM, "{{ parameters.answer_days }}", "{{ parameters.answr_days }}", "decision"),
        (LETTER, "5个工作日", "{{ parameters.answr_days }}个工作日", "accepted"),
        (TOML, "[portal]\n", '[portal]\nobjects = "{{ parameters.answr_days }}天"\n', "objects"),
    ],
)
def test_an_unknown_parameter_is_found_with_its_place(path: str, old: str, new: str, element: str) -> None:
    files = with_days(3)
    if path == TOML:
        files = {
            **files,
            TOML: b"\n".join(row for row in files[TOML].split(b"\n") if not row.startswith(b"objects")),
        }
    found = [f for f in check_files(edited(files, path, old, new)) if f.code == "parameter-unknown"]
    assert [(f.severity, f.file, f.element) for f in found] == [("error", path, element)]
    line = edited(files, path, old, new)[path].decode().splitlines()[(found[0].line or 0) - 1]
    assert "answr_days" in line and "answer_days" in found[0].hint


def test_a_good_pack_has_no_complaints() -> None:
    assert check_files(with_days(3)) == ()


def test_other_mistakes_around_parameters() -> None:
    unused = {**pack_files(), TOML: pack_files()[TOML] + b'\n[parameters.x]\nlabel = "x"\nvalue = 3\n'}
    [finding] = check_files(unused)
    assert (finding.severity, finding.code, finding.element) == ("warning", "parameter-unused", "x")
    text = edited(with_days(3), TOML, "value = 3", 'value = "三"')
    codes = {f.code for f in check_files(text)}
    assert "timer-value" in codes
    reserved = edited(pack_files(), FORM, '"key": "decision"', '"key": "parameters"')
    assert "field-reserved" in {f.code for f in check_files(reserved)}
    output = edited(
        pack_files(),
        DIAGRAM,
        '<camunda:outputParameter name="overdue_of">',
        '<camunda:outputParameter name="tables">',
    )
    assert "output-name" in {f.code for f in check_files(output)}
