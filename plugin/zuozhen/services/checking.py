"""Checks of a whole pack: manifest, diagram, forms, templates, and what they say about each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from jinja2 import TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment
from sqlalchemy import select
from sqlalchemy.orm import Session

from zuozhen.engine.lint import LintContext, lint
from zuozhen.formjs import FormDefinition, load_form
from zuozhen.model.errors import ContentError, Finding
from zuozhen.packs import Pack
from zuozhen.packs.parameters import values_of
from zuozhen.services.actors import ENTERPRISE
from zuozhen.services.formchecks import check_form_rules
from zuozhen.services.optionchecks import check_options
from zuozhen.services.packformulas import check_formulas
from zuozhen.services.packtypes import KNOWN_NAMES, PackTypes
from zuozhen.services.paperchecks import check_paper
from zuozhen.services.parameterchecks import check_parameters
from zuozhen.services.releases import functions_of, rules_of
from zuozhen.services.stepjobs import OUTBOX_TOPICS
from zuozhen.services.wordlists import check_texts
from zuozhen.store.tables import Account

ENGINE_TOPICS = frozenset({"retime"})

_TEMPLATES = SandboxedEnvironment()


HINTS = {
    "forms": "请在表单编辑器中打开这张表单改正。",
    "templates": "请在模板编辑页改正。",
    "processes": "请在“单位、日历和代码”中改正。",
}
"""What to do where a finding itself does not say it, by the folder of its file."""


def check_files(files: Mapping[str, bytes], *, held: frozenset[str] | None = None) -> tuple[Finding, ...]:
    """Return everything wrong with the files of one pack, errors first; an empty tuple means deployable.

    ``held`` are the groups that have members (``None``: not known, and nothing is said about it).
    """
    findings: list[Finding] = []
    forms = _check_forms(files, findings)
    _check_templates(files, findings)
    try:
        pack = Pack.from_files(files)
    except ContentError as error:
        findings += error.findings or [Finding("error", "pack", error.message, hint=error.hint)]
        return ordered(findings)
    try:
        rules_of(pack)
    except ContentError as error:
        return ordered([*findings, *error.findings])
    path = pack.diagram_path
    types = PackTypes(pack, forms)
    findings += lint(pack.drawing, file=path, context=_lint_context(types, held))
    findings += check_form_rules(types)
    findings += check_formulas(types)
    findings += check_parameters(pack, forms)
    findings += check_paper(pack, forms)
    findings += check_options(types)
    findings += check_texts(pack, forms)
    return ordered(findings)


def held_groups(session: Session, tenant: int) -> frozenset[str] | None:
    """Return the units and roles that an active account belongs to; ``None`` while there are no accounts."""
    rows = session.execute(
        select(Account.unit, Account.groups).where(Account.tenant == tenant, Account.active.is_(True))
    ).all()
    if not rows:
        return None
    return frozenset({ENTERPRISE, *(group for unit, groups in rows for group in (unit, *groups) if group)})


def _lint_context(types: PackTypes, held: frozenset[str] | None) -> LintContext:
    pack = types.pack
    rules = rules_of(pack)
    return LintContext(
        forms=types.fields,
        groups=pack.groups,
        functions=functions_of(rules, pack.units),
        recurrences=frozenset(rules.recurrences),
        templates=frozenset(pack.message_templates),
        topics=OUTBOX_TOPICS | ENGINE_TOPICS,
        known_names=KNOWN_NAMES,
        held=held,
        prints=frozenset(pack.print_templates),
        reports={report.key: report.parameter is not None for report in pack.reports},
        facts=types.facts,
        signatures=types.signatures,
        ambient=types.ambient,
        values={"parameters": values_of(pack.parameters)},
        blank={key: form.blank_keys for key, form in types.forms.items()},
        started=frozenset(pack.processes.values()),
        labels={unit.id: unit.name for unit in pack.units} | {role.id: role.name for role in pack.roles},
    )


def _check_forms(files: Mapping[str, bytes], findings: list[Finding]) -> dict[str, FormDefinition]:
    forms: dict[str, FormDefinition] = {}
    for path, content in sorted(files.items()):
        if not path.startswith("forms/"):
            continue
        key = path.rpartition("/")[2].removesuffix(".json")
        try:
            forms[key] = load_form(content, key=key, file=path)
        except ContentError as error:
            findings += error.findings or [
                Finding("error", "form", error.message, file=path, hint=error.hint)
            ]
    return forms


def _check_templates(files: Mapping[str, bytes], findings: list[Finding]) -> None:
    for path, content in sorted(files.items()):
        if path.startswith("templates/") and (found := _template_finding(path, content)) is not None:
            findings.append(found)


@lru_cache(maxsize=512)
def _template_finding(path: str, content: bytes) -> Finding | None:
    """Return why a template cannot be read, if so."""
    try:
        _TEMPLATES.parse(content.decode())
    except TemplateSyntaxError as error:
        message, hint = f"模板语法错误：{error.message}", "请检查花括号、百分号是否成对。"
        return Finding("error", "template-syntax", message, file=path, line=error.lineno, hint=hint)
    except RecursionError:
        hint = "请减少括号和条件的层数。"
        return Finding("error", "template-syntax", "模板嵌套太深。", file=path, hint=hint)
    except UnicodeDecodeError:
        hint = "请另存为 UTF-8 编码。"
        return Finding("error", "template-encoding", "模板不是 UTF-8 文本。", file=path, hint=hint)
    return None


def ordered(findings: list[Finding]) -> tuple[Finding, ...]:
    """Return findings as they are shown: errors first, by file and line, each with what to do."""
    mended = (
        finding if finding.hint else replace(finding, hint=HINTS.get(finding.file.partition("/")[0], ""))
        for finding in findings
    )
    return tuple(sorted(mended, key=lambda f: (f.severity != "error", f.file, f.line or 0, f.code)))
