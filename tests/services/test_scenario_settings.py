"""Parameters and reference data that one scenario sets for itself."""

from __future__ import annotations

import pytest
from tests.builders import DIAGRAM, SLUG, edited, pack_files
from tests.conftest import OfficeMaker

from zuozhen.model.errors import ContentError
from zuozhen.services.scenarios import Scenario, load_scenarios
from zuozhen.services.scenariosettings import content_for
from zuozhen.services.scratch import Parts, read_content
from zuozhen.services.studio import runs, scenariofile, trying
from zuozhen.services.studio.trials import table_of
from zuozhen.services.studio.trying import play

MANIFEST = f"processes/{SLUG}/pack.toml"
SCENARIOS = f"processes/{SLUG}/scenarios.toml"
PARAMETER = '\n[parameters.answer_days]\nlabel = "答复期限"\nvalue = 2\nunit = "个工作日"\n'


def pack() -> dict[str, bytes]:
    files = edited(pack_files(), DIAGRAM, "workdays(2)", "workdays(parameters.answer_days)")
    return {**files, MANIFEST: files[MANIFEST] + PARAMETER.encode()}


def story(settings: str, due: str) -> Scenario:
    """Return the first step of the first scenario, with settings and another due date."""
    first = b"[[scenario.step]]".join(pack_files()[SCENARIOS].split(b"[[scenario.step]]")[:2]).decode()
    text = first.replace("[[scenario.step]]", f"{settings}\n[[scenario.step]]", 1).replace("2026-09-03", due)
    (found,) = load_scenarios(text.encode(), SCENARIOS)
    return found


@pytest.mark.parametrize(
    ("settings", "due"),
    [("", "2026-09-03"), ("[scenario.parameters]\nanswer_days = 5", "2026-09-08")],
)
def test_a_scenario_plays_on_its_own_parameters(settings: str, due: str, make_office: OfficeMaker) -> None:
    parts = Parts.of(make_office().context)
    content = read_content(pack())
    assert play(content, story(settings, due), parts).differences == ()
    assert play(content, story(settings, "2026-10-01"), parts).differences != ()
    assert content.release.pack.parameters["answer_days"].value == 2, "only in that story"


def test_a_scenario_sets_the_rows_of_a_table() -> None:
    content = read_content(pack_files("530114-chenggong"))
    old = next(table for table in content.release.pack.tables if table.key == "schedule")
    rows = [{**old.rows[0], "host": "另一位"}]
    changed = content_for(content, Scenario("x", story("", "2026-09-03").start, (), {}, {"schedule": rows}))
    new = next(table for table in changed.release.pack.tables if table.key == "schedule")
    assert [row["host"] for row in new.rows] == ["另一位"] and len(old.rows) > 1


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ("[scenario.parameters]\nanswer_day = 5", "参数“answer_day”，流程包里没有"),
        ("[scenario.tables]\nrota = []", "资料表“rota”，流程包里没有"),
        ("[scenario.parameters]\nanswer_days = 0.5", "错误"),
    ],
)
def test_what_cannot_be_set_is_a_difference(settings: str, says: str, make_office: OfficeMaker) -> None:
    result = play(read_content(pack()), story(settings, "2026-09-03"), Parts.of(make_office().context))
    assert not result.ok and says in result.differences[0]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ("parameters = 5", "[scenario.parameters]"),
        ("[scenario.parameters]\na = [1]", "[scenario.parameters]"),
        ("[scenario.tables]\nrota = 5", "[scenario.tables]"),
    ],
)
def test_settings_of_another_shape_are_refused(settings: str, says: str) -> None:
    with pytest.raises(ContentError) as caught:
        story(settings, "2026-09-03")
    assert says in caught.value.findings[0].message


def test_a_trial_that_begins_with_a_scenario_goes_on_with_its_settings(make_office: OfficeMaker) -> None:
    office = make_office(files=pack())
    me = office.person("admin", admin="system")
    first = story("[scenario.parameters]\nanswer_days = 5", "2026-09-08")
    settings = {"parameters": first.parameters, "tables": first.tables}
    steps = [table_of(step) for step in first.steps]
    scenariofile.add_scenario(office.context, me, "五天答复", first.begin, steps, settings)
    run_id = trying.run_of_scenario(office.context, me, "五天答复")
    run = runs.read_run(office.context, me, run_id)
    assert run.parameters == {"answer_days": 5}
    assert (seen := runs.view_run(office.context, run)).differences == () and seen.stop is None
    kept = runs.keep_steps(office.context, me, run, run.steps[:0])
    assert kept.parameters == {"answer_days": 5}
