"""Checks of paper: fields that their own print template leaves out, forms and templates that nothing prints."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from jinja2 import nodes

from zuozhen.formjs import FormDefinition, load_form
from zuozhen.formjs.components import Answerable, Component
from zuozhen.formjs.components.containers import Composite
from zuozhen.formjs.components.uploads import FilePicker
from zuozhen.model.errors import ContentError, Finding
from zuozhen.packs import Pack
from zuozhen.services.templatetrees import tree_of

SKIP: Final = "print.skip"
"""The property of a field that is not on paper on purpose."""
ATTACHMENT: Final = "print.attachment"
"""The property of a form that is printed by its own layout, without a template."""
OWN: Final = "print.document"
"""The property of a form (``false``) that makes no document of its own on purpose; the dossier holds it."""
_PLAIN: Final = "page.html"
"""The only layout that prints nothing of a form by itself."""
_FORM_REF: Final = re.compile(r'formRef="([^"]+)"')
_WHOLE: Final = frozenset({"items", "values", "rows"})
"""What a template asks an object for when it goes through all of its entries."""


@dataclass(frozen=True, slots=True)
class Printed:
    """What a template prints: ``names`` are all it reads by name, ``whole`` says that it goes through everything."""

    names: frozenset[str]
    whole: bool

    def shows(self, key: str) -> bool:
        """Say whether it can show the field of this key."""
        return self.whole or key in self.names


def check_paper(pack: Pack, forms: Mapping[str, FormDefinition]) -> Iterator[Finding]:
    """Give what people hand in and will not find on paper, and templates that nothing prints."""
    for key, form in forms.items():
        template = pack.print_templates.get(key)
        if template is not None and pack.forms.get(key) == form.file:
            yield from _left_out(form, template, pack.files[template], pack.files[form.file])
        elif template is None and ATTACHMENT not in form.properties:
            yield from _laid_out_in_vain(form)
    yield from _idle(pack, forms)


def new_forms(pack: Pack, live: Pack) -> Iterator[Finding]:
    """Give forms of tasks that ``live`` does not have and that make no document when they are handed in."""
    asked = set(_FORM_REF.findall(pack.drawing.decode(errors="replace")))
    for key in sorted((asked & pack.forms.keys()) - live.forms.keys()):
        path = pack.forms[key]
        try:
            form = load_form(pack.written(path), key=key, file=path)
        except ContentError:
            continue  # said of the form itself
        said = any(name in form.properties for name in (ATTACHMENT, OWN))
        if not said and key not in pack.print_templates:
            message = f"新表单“{form.title}”提交后不会打印成文，只收进案卷"
            hint = (
                f"要成文的，加打印模板 {key}.html，或在表单的扩展属性中写 {ATTACHMENT}（例如 附件2）；"
                f"不必成文的，写 {OWN} = false"
            )
            yield Finding("warning", "form-new-unprinted", message, path, hint=hint)


def _left_out(form: FormDefinition, path: str, template: bytes, source: bytes) -> Iterator[Finding]:
    printed = printed_by(template)
    if printed is None or printed.whole:
        return
    for component in _on_paper(form.components):
        if not printed.shows(component.key):
            message = f"“{component.title}”（{component.key}）填了也印不出来：打印模板 {path} 没有它"
            hint = f"在模板中加 {{{{ t.{component.key} }}}}；不必上纸的，在这一项的扩展属性中写 {SKIP} = true"
            line = line_of_key(source, component.key)
            yield Finding("warning", "field-unprinted", message, form.file, component.path, line, hint)


def _on_paper(components: Iterable[Component]) -> Iterator[Answerable]:
    """Give the fields that people fill in and expect on paper; files are kept beside it."""
    for component in components:
        if component.properties.get(SKIP) == "true" or isinstance(component, FilePicker):
            continue
        if isinstance(component, Answerable):
            yield component
        if not isinstance(component, Composite):  # a list or group that is printed is printed as a whole
            yield from _on_paper(component.children)


@lru_cache(maxsize=256)
def printed_by(template: bytes) -> Printed | None:
    """Return what a template prints; ``None`` if it cannot be read (said elsewhere)."""
    tree = tree_of(template)
    if tree is None:
        return None
    read = [node.attr for node in tree.find_all(nodes.Getattr)]
    texts = [node.value for node in tree.find_all(nodes.Const) if isinstance(node.value, str)]
    extended = [node.template for node in tree.find_all(nodes.Extends)]
    bases = [*extended, *(node.template for node in tree.find_all(nodes.Include))]
    other = any(not isinstance(base, nodes.Const) or base.value != _PLAIN for base in bases)
    asked = {node.attr for node in tree.find_all(nodes.Getattr) if _is_all(node.node)}
    return Printed(frozenset((*read, *texts)), other or bool(asked & _WHOLE))


def _is_all(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Name) and node.name in ("d", "t", "form")


def _laid_out_in_vain(form: FormDefinition) -> Iterator[Finding]:
    """A form with a layout for paper (title, notes, landscape) that says nowhere that it is printed."""
    said = sorted(name for name in form.properties if name.startswith("print.") and name != OWN)
    if said:
        message = f"表单“{form.title}”写了打印的版式（{'、'.join(said)}），但提交后不会单独成文，只进案卷"
        hint = f"加 templates/print/…/{form.key}.html，或在表单的扩展属性中写 {ATTACHMENT}（例如 附件2）；不必成文的，删去这些版式"
        yield Finding("warning", "form-unprinted", message, form.file, hint=hint)


def _idle(pack: Pack, forms: Mapping[str, FormDefinition]) -> Iterator[Finding]:
    drawing = pack.files[pack.diagram_path]
    used = {
        *forms,
        *(register.key for register in pack.registers),
        *(register.form for register in pack.registers),
        *(report.template for report in pack.reports),
        *(table.print for table in pack.tables),
        *(("qr",) if pack.counters else ()),
    }
    for key, path in pack.print_templates.items():
        drawn = f'"{key}"'.encode() in drawing
        if key not in used and not drawn and f"/{pack.slug}/" in path:
            message = f"打印模板“{key}”没有任何地方使用：没有这个名称的表单、清单，流程图也不生成它"
            hint = "请把文件名改成要打印的表单、清单的代号，或在流程图中写 zz:template，或删去它"
            yield Finding("warning", "print-template-unused", message, path, hint=hint)


def line_of_key(source: bytes, key: str) -> int | None:
    """Return the line of a form file on which a field's key stands."""
    for number, line in enumerate(source.decode(errors="replace").splitlines(), 1):
        if re.search(rf'"key"\s*:\s*"{re.escape(key)}"', line):
            return number
    return None
