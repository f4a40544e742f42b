"""How many of the small mistakes that administrators make the check finds before anything is deployed."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.packs_content.mistakes import Source, mistakes
from tests.packs_content.packs import LIBRARY, SLUGS, pack_of

from zuozhen.services.checking import check_files

OF_EACH_KIND = 2
FOUND = 0.95
"""The least share of mistakes that must be found."""


@pytest.mark.slow
def test_the_check_finds_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    made, found = Counter[str](), Counter[str]()
    missed = []
    for slug in SLUGS:
        source = Source(slug, LIBRARY.files(slug), pack_of(slug).diagram_path)
        for mistake in mistakes(source, OF_EACH_KIND):
            made[mistake.kind] += 1
            if check_files(mistake.make(), held=mistake.held):
                found[mistake.kind] += 1
            else:
                missed.append(f"{slug} {mistake.kind}: {mistake.words}")
    total, share = made.total(), found.total() / made.total()
    with capsys.disabled():
        for kind, count in made.items():
            print(f"{found[kind]:4} / {count:<4} {kind}")
        print(f"{found.total()} of {total} mistakes found: {share:.1%}")
    assert total >= 300
    assert share >= FOUND, "\n".join(missed)
