"""``filepicker``: files; the answer lists their names and sizes, the contents are handed out separately."""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Iterator, Mapping, Sequence

from werkzeug.datastructures import FileStorage

from zuozhen.formjs.cleaning import clean_line
from zuozhen.formjs.components.base import Answerable, Choice, State
from zuozhen.formjs.schema import Reader
from zuozhen.model.step import Json
from zuozhen.model.types import NUMBER, TEXT, Type, context_of, list_of

_MEGABYTE = 1024 * 1024
FILES = list_of(context_of({"name": TEXT, "size": NUMBER}, closed=False))


class FilePicker(Answerable):
    """Files chosen by a person. Property ``file.max_mb`` limits each, ``file.max_count`` their number.

    The answer is a list of ``{"name", "size"}`` (bytes), files kept from before first.
    """

    type = "filepicker"
    control = "file"
    verb = "上传"

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader)
        self.accept = reader.text("accept")
        self.multiple = reader.flag_or_rule("multiple") is not False
        hints = reader.hint(
            {name: text for name, text in self.properties.items() if name.startswith("file.")}
        )
        self.max_megabytes = self._limit(hints, "file.max_mb", 20, 200)
        self.max_count = self._limit(hints, "file.max_count", 10, 50) if self.multiple else 1

    @staticmethod
    def _limit(hints: Reader, name: str, usual: int, most: int) -> int:
        text = hints.text(name) or str(usual)
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= most):
            hints.error("form-type", f"属性 {name} 应为 1 至 {most} 的整数", "请在表单编辑器中修改自定义属性")
            return usual
        return int(text)

    def feel_type(self, lists: Mapping[str, Type]) -> Type:  # noqa: ARG002
        """Return a list of names and sizes."""
        return FILES

    @property
    def page_kind(self) -> str:
        """Return files."""
        return "files"

    def parse(self, typed: Sequence[str]) -> Json:  # noqa: ARG002
        """Nothing typed is ever a file."""
        return []

    def coerce(self, value: Json) -> Json:
        """Return the stored list of files; anything that is no file is left out."""
        items = value if isinstance(value, list) else []
        return [item for item in items[:50] if isinstance(item, dict) and isinstance(item.get("name"), str)]

    def shown(self, value: Json) -> str:
        """Return the file names."""
        return "、".join(str(item["name"]) for item in self.coerce(value))

    def check(self, value: Json, state: State) -> Iterator[str]:  # noqa: ARG002
        """Yield what is wrong: too many, empty, too large, of the wrong kind."""
        if len(value) > self.max_count:
            yield f"最多上传 {self.max_count} 个文件，现在是 {len(value)} 个"
        for item in value:
            name, size = item["name"], item.get("size")
            if size == 0:
                yield f"文件“{name}”是空的，请重新选择"
            elif isinstance(size, int) and size > self.max_megabytes * _MEGABYTE:
                yield f"文件“{name}”超过 {self.max_megabytes} MB，请压缩后再上传"
            if not self.accepts(name):
                yield f"文件“{name}”的类型不对，可上传：{self.accept}"

    def accepts(self, name: str) -> bool:
        """Tell whether a file name fits ``accept``; the content is examined where files are stored."""
        kinds = [kind.strip().lower() for kind in self.accept.split(",") if kind.strip()]
        extension = os.path.splitext(name)[1].lower()  # noqa: PTH122 - a name, not a path
        media = mimetypes.types_map.get(extension, "")
        family = media.partition("/")[0] + "/*"
        return not kinds or extension in kinds or (bool(media) and (media in kinds or family in kinds))

    def attributes(self, state: State) -> Mapping[str, str]:  # noqa: ARG002
        """Return the accepted kinds and whether several may be chosen."""
        attributes = {"accept": self.accept} if self.accept else {}
        return {**attributes, "multiple": "multiple"} if self.multiple else attributes

    def display(self, value: Json, choices: Sequence[Choice]) -> str:  # noqa: ARG002
        """Return the file names joined by ``、``."""
        return self.shown(value)


def describe(upload: FileStorage) -> dict[str, Json]:
    """Return name (without folders) and size in bytes of an upload; the stream stays at its start."""
    name = clean_line((upload.filename or "").replace("\\", "/").rpartition("/")[2])
    upload.stream.seek(0, os.SEEK_END)
    size = upload.stream.tell()
    upload.stream.seek(0)
    stem, extension = os.path.splitext(name)  # noqa: PTH122 - a name, not a path
    return {"name": stem[: 120 - len(extension[:12])] + extension[:12], "size": size}
