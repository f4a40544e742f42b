"""Every story of every pack comes out as written; together they go everywhere, and every clause is proved.

The stories of the first pack are played with paper by ``tests/services/test_scenarios.py`` as well.
"""

from __future__ import annotations

import pytest
from tests.packs_content.packs import READABLE, ROOT, SLUGS
from tests.packs_content.walks import content_of, coverage_of, played, stories_of

from zuozhen.model.errors import ContentError
from zuozhen.services.clauses import HEAD, Proved, proved, section

TABLE = ROOT / "docs" / "coverage.md"
REWRITE = "zuozhen coverage --write docs/coverage.md"


def names_of(slug: str) -> list[str]:
    """Return the names of a pack's stories; one that nobody has, if their table is broken: it fails when played."""
    try:
        return [story.name for story in stories_of(slug)]
    except ContentError:
        return ["scenarios.toml"]


STORIES = [(slug, name) for slug in READABLE for name in names_of(slug)]


@pytest.mark.parametrize(("slug", "name"), STORIES)
def test_the_story_comes_out_as_written(slug: str, name: str) -> None:
    found = played(slug, name)
    assert list(found.differences) == []
    assert list(found.stuck) == []
    assert list(found.broken) == []


@pytest.mark.parametrize("slug", SLUGS)
def test_there_are_enough_stories_of_different_names(slug: str) -> None:
    names = [story.name for story in stories_of(slug)]
    assert len(names) == len(set(names)) >= 8


@pytest.mark.parametrize("slug", SLUGS)
def test_the_stories_go_through_every_node_and_every_flow(slug: str) -> None:
    found = coverage_of(slug)
    assert [element.id for element in found.missing] == []
    assert [flow.id for flow in found.untaken] == []
    assert found.percent == 100


def proved_by_stories(slug: str) -> Proved:
    """Return the proof of a pack from the stories played here already."""
    visits = {story.name: played(slug, story.name).visits for story in stories_of(slug)}
    return proved(content_of(slug).release, visits)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_clause_is_carried_and_everything_cited_is_a_clause(slug: str) -> None:
    assert list(proved_by_stories(slug).proof.problems) == []


@pytest.mark.parametrize("slug", SLUGS)
def test_no_row_of_the_table_is_empty(slug: str) -> None:
    for row in proved_by_stories(slug).proof.rows:
        assert row.clause.text
        assert row.clause.not_software or ((row.carriers or row.forms) and (row.stories or row.checks)), (
            row.clause.id
        )


@pytest.mark.parametrize("slug", SLUGS)
def test_the_table_in_the_documentation_is_the_one_made_now(slug: str) -> None:
    made = section(proved_by_stories(slug))
    if made not in TABLE.read_text("utf-8"):
        pytest.fail(f"not as in docs/coverage.md; run: {REWRITE}")


def test_the_documentation_holds_nothing_else() -> None:
    text = TABLE.read_text("utf-8")
    assert text.startswith(HEAD)
    sections = text.count("\n## ")
    assert sections == len(SLUGS), f"run: {REWRITE}"
