"""One rendering process of the pool: reads jobs from standard input, answers on standard output."""

from __future__ import annotations

import json
import os
import pickle
import resource
import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from zuozhen.documents.pool import FRAME
from zuozhen.documents.render import Renderer
from zuozhen.documents.source import Rendered, RenderInput
from zuozhen.model.errors import ContentError, ZuozhenError

MEBIBYTE = 1 << 20
WARM_UP = RenderInput(
    created=datetime(2024, 1, 1, tzinfo=UTC), template="<html lang=zh-CN><title>热</title><p>热"
)


def main(memory: str, cache_dir: str, *font_dirs: str) -> None:
    """Serve jobs until standard input ends; ``memory`` is the address space allowed, in MiB."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a stray print must not get among the answers
    jobs = os.fdopen(os.dup(0), "rb")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if int(memory):
        resource.setrlimit(resource.RLIMIT_AS, (int(memory) * MEBIBYTE, int(memory) * MEBIBYTE))
    renderer = Renderer([Path(folder) for folder in font_dirs], Path(cache_dir))
    renderer.render(WARM_UP)  # loads fonts and libraries before the first job is timed
    _send(answers, {"ready": True})
    while frame := jobs.read(FRAME.size):
        _, size = FRAME.unpack(frame)
        source = pickle.loads(jobs.read(size))  # noqa: S301 - written by our parent process
        head, body = _answer(renderer, source)
        _send(answers, head, body)


def _answer(renderer: Renderer, source: Any) -> tuple[Mapping[str, Any], bytes]:
    try:
        done = renderer.render(source) if isinstance(source, RenderInput) else renderer.volume(source)
    except ContentError as error:
        findings = [asdict(finding) for finding in error.findings]
        return {
            "error": "ContentError",
            "message": error.message,
            "hint": error.hint,
            "findings": findings,
        }, b""
    except ZuozhenError as error:
        return {"error": type(error).__name__, "message": error.message, "hint": error.hint}, b""
    except MemoryError:
        return {
            "error": "MemoryError",
            "message": "生成文件时内存不足，已停止。",
            "hint": "请缩短内容。",
        }, b""
    except Exception as error:  # noqa: BLE001 - the pool must answer whatever a library raises
        return {
            "error": "RenderFailed",
            "message": f"生成文件失败：{type(error).__name__} {error}"[:500],
        }, b""
    return _head(done), done.pdf


def _head(done: Rendered) -> Mapping[str, Any]:
    lists = {"missing": done.missing, "truncated": done.truncated, "refused": done.refused}
    return {**lists, "pages": done.pages, "continued": done.continued}


def _send(answers: BinaryIO, head: Mapping[str, Any], body: bytes = b"") -> None:
    text = json.dumps(head).encode()
    answers.write(FRAME.pack(len(text), len(body)) + text + body)
    answers.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
