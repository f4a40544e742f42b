"""Samples of every paper of the packs (``prints/<slug>.toml``) and how to make them.

A table per print template::

    [[print]]
    key = "register"                      # templates/print/<slug>/register.html
    wording = ["附件2", "…"]              # stands on the blank and on the filled paper, in this order
    answers = ["示例公司"]                # optional: what must be readable on the filled one only
    pages = 1                             # of both; filled_pages where a filled one has more
    blank = false                         # optional: a letter that is never printed blank
    [print.data]                          # what `d` holds: answers, or facts of a letter
    [print.text]                          # optional: what `t` holds; else made from the form of this key
    [print.meta]                          # number, registered_at …
    [print.meta.facts]                    # what `meta.facts` holds
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any

from tests.packs_content.packs import pack_of

from zuozhen.documents import RenderInput
from zuozhen.formjs import load_form, print_form
from zuozhen.model.printing import PrintForm
from zuozhen.packs import Pack
from zuozhen.packs.parameters import values_of

HERE = Path(__file__).parent
GOLDEN = HERE / "golden"
CREATED = datetime(2024, 11, 20, 1, 30, tzinfo=UTC)
KEYS = {"key", "wording", "answers", "pages", "filled_pages", "blank", "data", "text", "meta"}


@dataclass(frozen=True)
class Sample:
    """One paper of a pack with made-up answers."""

    slug: str
    key: str
    wording: tuple[str, ...]
    answers: tuple[str, ...]
    pages: tuple[int, int]
    """Of the blank and of the filled one."""
    blank: bool
    data: Mapping[str, Any]
    text: Mapping[str, str]
    meta: Mapping[str, Any]

    def source(self, blank: bool = False) -> RenderInput:
        """Return what is rendered, as the product would: with the form of this key, if there is one."""
        pack = pack_of(self.slug)
        data, meta = ({}, {}) if blank else (self.data, self.meta)
        known = dict(meta)
        facts = known.pop("facts", {})
        return RenderInput(
            created=CREATED,
            template=pack.files[pack.print_templates[self.key]].decode(),
            form=_form(pack, self.key, data, {} if blank else self.text),
            data=data,
            meta=known,
            facts=facts,
            parameters=values_of(pack.parameters),
        )


def _form(pack: Pack, key: str, data: Mapping[str, Any], text: Mapping[str, str]) -> PrintForm | None:
    if text:
        return PrintForm(key, "", "", False, (), raw=data, text=text)
    path = pack.forms.get(key)
    if path is None:
        return None
    lists = {name: list(labels.items()) for name, labels in pack.codes.items()}
    lists["units"] = [(unit.id, unit.name) for unit in pack.units]
    lists["channels"] = [(channel.id, channel.name) for channel in pack.channels]
    return print_form(load_form(pack.written(path), key=key, file=path), dict(data), lists)


@lru_cache
def samples_of(slug: str) -> tuple[Sample, ...]:
    """Return the samples of a pack; none if its file is missing."""
    path = HERE / "prints" / f"{slug}.toml"
    if not path.exists():
        return ()
    tables = tomllib.loads(path.read_text(encoding="utf-8")).get("print", [])
    return tuple(_sample(slug, _plain(table)) for table in tables)


def _sample(slug: str, table: Mapping[str, Any]) -> Sample:
    unknown = table.keys() - KEYS
    assert not unknown, f"prints/{slug}.toml, {table.get('key')}: unknown {sorted(unknown)}"
    pages = table.get("pages", 1)
    return Sample(
        slug,
        table["key"],
        tuple(table["wording"]),
        tuple(table.get("answers", ())),
        (pages, table.get("filled_pages", pages)),
        table.get("blank", True),
        table.get("data", {}),
        table.get("text", {}),
        table.get("meta", {}),
    )


def _plain(value: Any) -> Any:
    """Return TOML as answers are kept: dates and times as ISO text."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date | time) else value


def variants(slugs: tuple[str, ...]) -> Iterator[tuple[Sample, bool]]:
    """Yield (sample, blank) of every paper that is compared."""
    for slug in slugs:
        for sample in samples_of(slug):
            yield sample, False
            if sample.blank:
                yield sample, True
