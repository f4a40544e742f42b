"""What the files of a pack are called on pages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final

_TABLES: Final = {"pack.toml": "单位、岗位和各项设置", "scenarios.toml": "情景", "demo.toml": "演示数据"}
LONGEST: Final = 40
_INNER: Final = str.maketrans("“”", "‘’")
"""A title that has quotation marks stands in quotation marks itself."""


def title_of(path: str, files: Mapping[str, bytes]) -> str:
    """Return a file's name in Chinese; a form is called by its own title."""
    name = PurePosixPath(path)
    if path.startswith("forms/"):
        return f"表单“{_form_title(files.get(path, b'')) or name.stem}”"
    if path.startswith("templates/print/"):
        return f"打印模板“{_called(name.stem, files)}”"
    if path.startswith("templates/message/"):
        return f"消息模板“{name.stem}”"
    if name.suffix == ".bpmn":
        return "流程图"
    if name.parent.name == "calendar":
        return f"{name.stem} 年日历"
    return _TABLES.get(name.name, name.name)


def _called(key: str, files: Mapping[str, bytes]) -> str:
    """Return the title of the form that a print template is for."""
    found = next((p for p in files if p.startswith("forms/") and PurePosixPath(p).stem == key), "")
    return _form_title(files.get(found, b"")) or key


def _form_title(content: bytes) -> str:
    try:
        properties = json.loads(content)["properties"]
        title = properties.get("title")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return ""
    return title[:LONGEST].translate(_INNER) if isinstance(title, str) else ""
