"""The proof that every rule of a notice is carried: rows for people, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from zuozhen.engine import Element
from zuozhen.engine.difference.deadlines import limit_of
from zuozhen.feel import bare
from zuozhen.formjs.difference import form_labels
from zuozhen.packs.clauses import Clause, citations, clauses_path
from zuozhen.packs.parameters import valued
from zuozhen.services.clauses.references import PROVED, called, form_of
from zuozhen.services.releases import Release
from zuozhen.services.studio.coverage import Visits


@dataclass(frozen=True, slots=True)
class Row:
    """One clause with what carries it, in words: elements and other content, deadlines, forms; ``stories``
    are the names of the scenarios that pass through, ``checks`` what else proves it."""

    clause: Clause
    carriers: tuple[str, ...]
    deadlines: tuple[str, ...]
    forms: tuple[str, ...]
    stories: tuple[str, ...]
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """All rows of a pack in the order of its notice, and in Chinese what is not proved."""

    rows: tuple[Row, ...]
    problems: tuple[str, ...]


def prove(release: Release, visits: Mapping[str, Visits]) -> Proof:
    """Return the proof of a pack; ``visits`` is where each scenario went, by its name."""
    work = _Work(release, visits)
    rows = tuple(work.row(clause) for clause in release.pack.clauses)
    return Proof(rows, tuple(work.problems(rows)))


class _Work:
    """What cites which id, gathered once."""

    def __init__(self, release: Release, visits: Mapping[str, Visits]) -> None:
        self.release = release
        self.visits = visits
        self.elements: dict[str, list[Element]] = {}
        self.cited_in_forms: dict[str, list[str]] = {}
        self.forms = {key: release.form(key) for key in release.pack.forms}
        self.labels: dict[str, str] = {}
        for key, path in release.pack.forms.items():
            self.labels |= {k: _plain(v) for k, v in form_labels(release.pack.written(path)).items()}
            for cited in citations(self.forms[key].properties.get("clause", "")):
                for id_ in cited.ids:
                    self.cited_in_forms.setdefault(id_, []).append(key)
        for element in release.diagram.elements.values():
            for name, text in element.outputs:  # clock_from = clinic_date: called as what it comes from
                if name not in self.labels and bare(text) in self.labels:
                    self.labels[name] = self.labels[bare(text)]
            for cited in citations(element.properties.get("zz:clause", "")):
                for id_ in cited.ids:
                    self.elements.setdefault(id_, []).append(element)

    def row(self, clause: Clause) -> Row:
        """Return one clause with what carries it."""
        elements = _unique(element for id_ in clause.ids for element in self.elements.get(id_, ()))
        own = [form_of(reference) for reference in clause.by]
        own += [key for id_ in clause.ids for key in self.cited_in_forms.get(id_, ())]
        drawn = [element.form_key for element in elements]
        forms = tuple(dict.fromkeys(key for key in (*drawn, *own) if key in self.forms))
        named = [called(reference, self.release) for reference in clause.by]
        carriers = [f"“{_plain(e.name)}”" for e in elements if e.name and not (e.rule and e.attached_to)]
        return Row(
            clause,
            tuple(dict.fromkeys([*carriers, *filter(None, named)])),
            tuple(dict.fromkeys(self._deadline(element) for element in elements if element.rule)),
            tuple(self._form(key) for key in forms),
            self._stories(elements, set(own)),
            tuple(dict.fromkeys(self._check(reference) for reference in clause.by)),
        )

    def _deadline(self, element: Element) -> str:
        """Return whose deadline it is and how long; a rule too wordy for words is only named."""
        rule = valued(element.rule, self.release.pack.parameters)
        limit = str(limit_of(rule, self.labels))
        host = self.release.diagram.elements.get(element.attached_to)
        if limit == bare(rule):
            return f"{host.label}：{element.label}" if host else element.label
        return f"{host.label if host else element.label}：{limit}"

    def _form(self, key: str) -> str:
        form = self.forms[key]
        attachment = form.properties.get("print.attachment", "")
        return f"{attachment} {form.title}".strip()

    def _stories(self, elements: tuple[Element, ...], forms: set[str]) -> tuple[str, ...]:
        """Return the scenarios that pass through the elements, or that hand in one of the forms.

        Those that pass most of the elements come first: they are about this clause.
        """
        wanted = {element.id for element in elements}
        wanted |= {e.id for e in self.release.diagram.elements.values() if e.form_key and e.form_key in forms}
        passed = {
            name: sum(bool(gone.elements.get(id_)) for id_ in wanted) for name, gone in self.visits.items()
        }
        return tuple(sorted(filter(passed.get, passed), key=lambda name: -passed[name]))

    def _check(self, reference: str) -> str:
        return PROVED.get(reference.partition(":")[0].partition(".")[0], "流程包检查")

    # ------------------------------------------------------------ what is missing

    def problems(self, rows: tuple[Row, ...]) -> Iterator[str]:
        """Yield what is not proved, with the place."""
        path = clauses_path(self.release.slug)
        if not rows:
            yield f"{path}：没有列出条款"
            return
        yield from self._wrong_citations({id_: row.clause for row in rows for id_ in row.clause.ids})
        for row in rows:
            place = f"{path}:{row.clause.line} {row.clause.id}"
            for reference in row.clause.by:
                if not called(reference, self.release):
                    yield f"{place}：没有“{reference}”"
            carried = row.carriers or row.forms or row.deadlines
            if row.clause.not_software:
                if carried:
                    yield f"{place}：写了 not_software，却有内容承载"
            elif not carried:
                yield f"{place}：没有任何环节或内容承载"
            elif not row.stories and not row.checks:
                yield f"{place}：没有情景走到"

    def _wrong_citations(self, known: Mapping[str, Clause]) -> Iterator[str]:
        cited = [
            (f"环节“{element.label}”［{element.id}］", element.properties.get("zz:clause", ""))
            for element in self.release.diagram.elements.values()
        ]
        cited += [(f"表单“{form.title}”", form.properties.get("clause", "")) for form in self.forms.values()]
        parameters = self.release.pack.parameters.values()
        cited += [(f"参数“{parameter.label}”", parameter.clause) for parameter in parameters]
        for place, text in cited:
            for citation in citations(text):
                if not citation.ids:
                    yield f"{place}引用的“{citation.section}”没有以条款编号开头"
                for id_ in citation.ids:
                    clause = known.get(id_)
                    if clause is None:
                        yield f"{place}引用的 {id_} 不在条款表中"
                    elif clause.section != citation.section:
                        yield f"{place}引用 {id_} 为“{citation.section}”，条款表为“{clause.section}”"


def _unique(elements: Iterator[Element]) -> tuple[Element, ...]:
    return tuple({element.id: element for element in elements}.values())


def _plain(label: str) -> str:
    """Return a label that is to stand in quotation marks."""
    return label.replace(" ", "").translate(str.maketrans("“”", "‘’"))
