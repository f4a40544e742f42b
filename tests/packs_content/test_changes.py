"""Seventeen kinds of change on the packs: a case that is moved stands where the same story on the new version stands."""

from __future__ import annotations

import os

import pytest
from tests.packs_content.changes import CHANGES, Change, reworded
from tests.packs_content.packs import SLUGS
from tests.packs_content.replay import Tally, compare

EVERYWHERE = os.environ.get("ZUOZHEN_REPLAY") == "all"
"""Every change on every pack, several stories and stages of each; otherwise each change on the first pack that has its like."""


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_moved_case_stands_where_the_story_stands_on_the_new_version(change: Change) -> None:
    tally, on_paper = Tally(), change is reworded
    turn = CHANGES.index(change) % len(SLUGS)
    for slug in (*SLUGS[turn:], *SLUGS[:turn]):
        for number in range(4 if EVERYWHERE else 1):
            compare(slug, change, number, tally, stages=3 if EVERYWHERE else 1, late=on_paper)
        if tally.same and (tally.papers or not on_paper) and not EVERYWHERE:
            break
    assert tally.wrong == []
    assert tally.refused == 0, tally.beyond
    assert tally.same > 0, tally.beyond
    assert tally.papers > 0 or not on_paper
