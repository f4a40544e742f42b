"""Rendering processes: same bytes as in-process, time limit, recovery, no secrets inside."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.documents.samples import CREATED, FONTS, body, print_source

from zuozhen.documents import (
    Renderer,
    RenderFailed,
    RenderInput,
    RenderPool,
    RenderTimeout,
    VolumeInput,
    VolumePart,
)
from zuozhen.model.errors import ContentError

ENDLESS = "{% for i in range(90000) %}{% for k in range(90000) %}{% endfor %}{% endfor %}"


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RenderPool]:
    with RenderPool([FONTS], tmp_path_factory.mktemp("pool"), workers=1, limit=20) as pool:
        yield pool


def test_same_bytes_as_in_process(pool: RenderPool, renderer: Renderer):
    source = print_source("clinic_record")
    assert pool.render(source) == renderer.render(source)


def test_volume_and_report_come_through(pool: RenderPool, renderer: Renderer):
    parts = (
        VolumePart("一", print_source("register", {"contact": "\U0002ceb1"})),
        VolumePart("二", body("<p>甲</p>")),
    )
    volume = VolumeInput("卷", "单位", (("编号", "1"),), parts, CREATED)
    done = pool.volume(volume)
    assert (done.pages, done.missing) == (4, ("\U0002ceb1",))
    assert done == renderer.volume(volume)
    assert pool.missing_glyphs("甲\U0002ceb1") == ("\U0002ceb1",)


def test_broken_template_is_told_as_in_process(pool: RenderPool):
    with pytest.raises(ContentError) as caught:
        pool.render(body("\n{{ 1/0 }}"))
    assert caught.value.findings[0].line == 2


def test_failure_of_one_document_is_told_in_chinese(pool: RenderPool):
    with pytest.raises(RenderFailed, match="生成文件失败"):
        pool.render(RenderInput(created=CREATED, template="甲", data={"x": 1j}))
    assert pool.pdf(body("<p>甲</p>")).startswith(b"%PDF")


def test_endless_document_is_cut_off_and_the_pool_recovers(tmp_path: Path):
    with RenderPool([FONTS], tmp_path, limit=3) as pool:
        assert pool.pdf(body("<p>甲</p>"))
        began = time.monotonic()
        with pytest.raises(RenderTimeout, match="超过时间上限"):
            pool.render(body(ENDLESS))
        assert time.monotonic() - began < 6
        assert pool.pdf(body("<p>乙</p>")).startswith(b"%PDF")


def test_killed_process_is_replaced(pool: RenderPool):
    pool.pdf(body("<p>甲</p>"))
    child = pool._slots.queue[0]
    assert child is not None
    os.kill(child.process.pid, signal.SIGKILL)
    child.process.wait()
    assert pool.pdf(body("<p>乙</p>")).startswith(b"%PDF")


def test_memory_is_bounded(tmp_path: Path):
    greedy = (
        "{% set x = namespace(v='甲' * 90000) %}{% for i in range(14) %}{% set x.v = x.v ~ x.v %}{% endfor %}"
    )
    with RenderPool([FONTS], tmp_path, limit=20, memory=1024) as pool:
        with pytest.raises(RenderFailed, match="内存"):
            pool.render(body(greedy))
        assert pool.pdf(body("<p>乙</p>")).startswith(b"%PDF")


def test_processes_are_recycled_and_shared_between_threads(tmp_path: Path):
    with (
        RenderPool([FONTS], tmp_path, workers=2, limit=30, max_jobs=2) as pool,
        ThreadPoolExecutor(4) as threads,
    ):
        sources = [body("<p>{{ d.x }}</p>", x=str(number)) for number in range(6)]
        done = list(threads.map(pool.pdf, sources))
    assert len(set(done)) == 6


def test_child_sees_no_secret_of_the_server_and_ends_with_the_pool(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ZUOZHEN_SECRET_KEY", "swordfish")
    pool = RenderPool([FONTS], tmp_path)
    pool.pdf(body("<p>甲</p>"))
    child = pool._slots.queue[0]
    assert child is not None
    environment = Path(f"/proc/{child.process.pid}/environ").read_bytes()
    assert b"swordfish" not in environment and b"PATH=" in environment
    pool.close()
    assert child.process.poll() is not None
    with pytest.raises(RenderFailed, match="已停止"):
        pool.pdf(body("<p>甲</p>"))
