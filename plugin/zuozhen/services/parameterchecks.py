"""Checks of the named values of a pack: every read has its parameter, every parameter its reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from zuozhen.formjs import FormDefinition
from zuozhen.model.errors import Finding
from zuozhen.model.step import AMBIENT
from zuozhen.packs import Pack
from zuozhen.packs.parameterreads import WHOLE, reads
from zuozhen.packs.paths import manifest_path
from zuozhen.packs.reader import Lines


def check_parameters(pack: Pack, forms: Mapping[str, FormDefinition]) -> Iterator[Finding]:
    """Give reads of parameters that do not exist, parameters that nothing reads, and fields that hide them."""
    read: set[str] = set()
    for place in reads(pack.files):
        read.add(place.key)
        if place.key != WHOLE and place.key not in pack.parameters:
            known = "、".join(pack.parameters) or "（无）"
            yield Finding(
                "error",
                "parameter-unknown",
                f"{place.label}读取参数“{place.key}”，但没有这个参数",
                place.file,
                place.element,
                place.line,
                f"可用的参数：{known}；或在 [parameters] 中增加它",
            )
    file = manifest_path(pack.slug)
    lines = Lines(pack.files[file].decode())
    for key, parameter in pack.parameters.items():
        if key not in read and WHOLE not in read:
            yield Finding(
                "warning",
                "parameter-unused",
                f"参数“{parameter.label}”（{key}）没有任何地方使用，改它不起作用",
                file,
                key,
                lines.find((("parameters", 0),), key),
                f"在流程图、表单、模板或文字中写 parameters.{key}，或删去这个参数",
            )
    for form in forms.values():
        for name in sorted(AMBIENT & form.fields.keys()):
            yield Finding(
                "error",
                "field-reserved",
                f"表单“{form.title}”的字段不能叫“{name}”：这个名称已用于参数和资料表",
                pack.forms.get(form.key, ""),
                name,
                hint="请另取一个字段名（key）",
            )
