"""The administrations that receive enterprises here: their list, by province, and how one is found in it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from zuozhen.services.context import Context

ELSEWHERE = "其他地区"


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """One administration; ``name`` is the place, ``title`` what its procedure is called."""

    tenant: int
    slug: str
    name: str
    title: str

    @property
    def province(self) -> str:
        """The province of the division code."""
        return _provinces().get(f"{self.tenant:06d}"[:2], ELSEWHERE)

    def meets(self, query: str) -> bool:
        """Say whether ``query`` is part of the name, the pinyin or the code, of the title or the province."""
        wanted = "".join(query.split()).lower()
        return wanted in f"{self.slug} {self.name} {self.title} {self.province}".lower().replace(" ", "")


def jurisdictions(context: Context) -> list[Jurisdiction]:
    """Return every jurisdiction with a deployed procedure, by division code."""
    with context.database.read() as session:
        releases = [
            context.releases.live(session, tenant) for tenant in context.releases.live_tenants(session)
        ]
    return [Jurisdiction(r.tenant, r.slug, r.pack.name, r.pack.title) for r in releases]


def by_province(places: Sequence[Jurisdiction], query: str = "") -> Mapping[str, list[Jurisdiction]]:
    """Return the jurisdictions that ``query`` finds, under the names of their provinces."""
    found: dict[str, list[Jurisdiction]] = {}
    for place in places:
        if place.meets(query):
            found.setdefault(place.province, []).append(place)
    return found


def of_slug(places: Sequence[Jurisdiction], slug: str) -> Jurisdiction | None:
    """Return the jurisdiction of an address, if there is one."""
    return next((place for place in places if place.slug == slug), None)


@cache
def _provinces() -> Mapping[str, str]:
    source = resources.files("zuozhen.services").joinpath("provinces.toml")
    return tomllib.loads(source.read_text("utf-8"))
