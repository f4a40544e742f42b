"""The proof of a pack from its files: all its scenarios are played once, without paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from zuozhen.packs import Pack
from zuozhen.services.clauses.proof import Proof, prove
from zuozhen.services.releases import Release
from zuozhen.services.scratch import Parts, read_content
from zuozhen.services.studio import trying
from zuozhen.services.studio.coverage import Coverage, Visits, coverage


@dataclass(frozen=True, slots=True)
class Proved:
    """The proof of one pack, where its scenarios went together, and how many there are.

    ``differences`` are (scenario, what did not come out as written).
    """

    pack: Pack
    proof: Proof
    coverage: Coverage
    stories: int
    differences: tuple[tuple[str, str], ...] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        """What is not proved, where nobody went, and what did not come out as written, in Chinese."""
        found = self.coverage
        missing = [f"没有情景走到“{element.label}”［{element.id}］" for element in found.missing]
        untaken = [f"没有情景走过连线［{flow.id}］" for flow in found.untaken]
        wrong = [f"情景“{name}”：{text}" for name, text in self.differences]
        return (*self.proof.problems, *missing, *untaken, *wrong)


def prove_files(files: Mapping[str, bytes], parts: Parts) -> Proved:
    """Play the scenarios of a pack and return its proof.

    Raises:
        ContentError: the files have errors, or the scenarios cannot be read.
    """
    content = read_content(files)
    release = content.release
    results = [trying.play(content, story, parts) for story in trying.scenarios_of(files, release.slug)]
    wrong = ((result.name, text) for result in results for text in result.differences)
    visits = {result.name: result.visited for result in results}
    return proved(release, visits, tuple(wrong))


def proved(
    release: Release, visits: Mapping[str, Visits], differences: tuple[tuple[str, str], ...] = ()
) -> Proved:
    """Return the proof of a pack whose scenarios have been played: ``visits`` is where each of them went."""
    pack = release.pack
    found = coverage(visits.values(), release.diagram, release.files[pack.diagram_path])
    return Proved(pack, prove(release, visits), found, len(visits), differences)
