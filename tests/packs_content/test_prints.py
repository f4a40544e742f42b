"""Every paper of every pack, blank and filled: wording in the order of the notice, pages, glyphs, look."""

from __future__ import annotations

from functools import cache

import pytest
from tests.documents.looks import assert_as_approved, assert_in_order
from tests.packs_content.packs import READABLE, SLUGS, pack_of
from tests.packs_content.papers import GOLDEN, Sample, samples_of, variants

from zuozhen.documents import Renderer, check_pdf

PAPERS = list(variants(READABLE))
NAMES = [f"{sample.slug}-{sample.key}-{'blank' if blank else 'filled'}" for sample, blank in PAPERS]
each_paper = pytest.mark.parametrize(("sample", "blank"), PAPERS, ids=NAMES)


@pytest.fixture(scope="module")
def made(paper: Renderer) -> object:
    """Return a function that renders a paper once for all tests of this file."""

    @cache
    def make(slug: str, key: str, blank: bool) -> bytes:
        sample = next(sample for sample in samples_of(slug) if sample.key == key)
        result = paper.render(sample.source(blank))
        assert (result.missing, result.refused, result.truncated) == ((), (), ())
        return result.pdf

    return make


@pytest.mark.parametrize("slug", SLUGS)
def test_every_paper_of_the_pack_has_one_sample(slug: str) -> None:
    own = {key for key, path in pack_of(slug).print_templates.items() if f"/{slug}/" in path}
    assert sorted(sample.key for sample in samples_of(slug)) == sorted(own)


@each_paper
def test_archival_machine_readable_and_no_longer_than_the_notice_has_it(made, sample: Sample, blank: bool):
    pdf = made(sample.slug, sample.key, blank)
    texts = () if blank else sample.answers
    assert check_pdf(pdf, texts, attachment="data.json", pages=sample.pages[not blank]) == ()


@each_paper
def test_wording_stands_in_the_order_of_the_notice(made, sample: Sample, blank: bool) -> None:
    assert sample.wording
    assert_in_order(made(sample.slug, sample.key, blank), sample.wording)


@each_paper
def test_nothing_technical_shows(made, sample: Sample, blank: bool) -> None:
    """Neither a value that is missing nor one that nobody put into words."""
    text = assert_in_order(made(sample.slug, sample.key, blank), ())
    found = [word for word in ("None", "True", "False", "{{", "}}", "null") if word in text]
    assert found == []


@each_paper
def test_page_reads_and_looks_as_approved(made, sample: Sample, blank: bool) -> None:
    name = f"{sample.key}-{'blank' if blank else 'filled'}"
    if not assert_as_approved(made(sample.slug, sample.key, blank), GOLDEN / sample.slug / name):
        pytest.skip("仿宋、楷体由宋体代替，字形与存样不同")
