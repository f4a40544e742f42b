"""What strangers type and what administrators write in templates cannot reach files, network or Python."""

from __future__ import annotations

import http.server
import io
import json
import threading
import time
from collections.abc import Iterator

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.documents.samples import CREATED, REGISTER, body, print_source

from zuozhen.documents import Renderer, RenderInput, check_pdf
from zuozhen.documents.checks import read_text, squash
from zuozhen.documents.cleaning import LIST_LIMIT, TEXT_LIMIT, Cleaner, clean_text
from zuozhen.model.errors import ContentError


@pytest.fixture
def hits() -> Iterator[tuple[int, list[str]]]:
    """A real server that records whoever calls."""
    seen: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port, seen
        server.shutdown()
        thread.join()


def hostile_html(port: int) -> str:
    base = f"http://127.0.0.1:{port}"
    return (
        f'<img src="{base}/img"><img src="file:///etc/hostname"><link rel=stylesheet href="{base}/css">'
        f"<style>@import url({base}/imp);p{{background:url({base}/bg)}}</style>"
        f"<object data={base}/obj></object>"
        '<link rel=attachment href="file:///etc/passwd"><a rel=attachment href="file:///etc/passwd">甲</a>'
        f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{base}/svg" width="9" height="9"/></svg>'
        f'<script>fetch("{base}/js")</script><iframe src="{base}/frame"></iframe>'
    )


def test_typed_markup_is_printed_as_text(renderer: Renderer, hits: tuple[int, list[str]]):
    port, seen = hits
    typed = hostile_html(port) + "{{ 7*7 }}{% raw %}"
    done = renderer.render(
        print_source("register", {**REGISTER, "content": typed, "enterprise": "<script>甲</script>"})
    )
    assert seen == [] and done.refused == ()
    assert check_pdf(done.pdf, ["<script>甲</script>", "{{ 7*7 }}", "file:///etc/passwd"]) == ()
    with pikepdf.open(io.BytesIO(done.pdf)) as pdf:
        assert list(pdf.attachments) == ["data.json"]


def test_template_cannot_fetch_or_embed_anything(renderer: Renderer, hits: tuple[int, list[str]]):
    port, seen = hits
    done = renderer.render(body("<p>好</p>" + hostile_html(port)))
    assert seen == []
    assert "file:///etc/passwd" in done.refused and f"http://127.0.0.1:{port}/img" in done.refused
    with pikepdf.open(io.BytesIO(done.pdf)) as pdf:
        assert list(pdf.attachments) == ["data.json"]
    assert b"root:" not in done.pdf


@pytest.mark.parametrize(
    "attack",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ range.__init__.__globals__ }}",
        "{{ d.__class__.__init__.__globals__ }}",
        "{{ namespace.__init__.__globals__ }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ self._TemplateReference__context.environment }}",
        "{{ ''|attr('__class__') }}",
        "{{ '{0.__class__.__mro__}'.format(1) }}",
        "{{ d.update({'a': 1}) }}",
        "{{ meta.clear() }}",
        "{{ lipsum.__globals__ }}",
    ],
)
def test_template_cannot_reach_python(renderer: Renderer, attack: str):
    try:
        text = read_text(renderer.pdf(body(f"<p>始{attack}终</p>", a="1")))
    except ContentError:
        return
    between = text[text.index("始") + 1 : text.index("终")]
    assert between in ("", "[]", "()"), between


@pytest.mark.parametrize(
    "greedy",
    [
        "{% for i in range(999999999) %}{% endfor %}",
        "{{ 'a' * 10 ** 9 }}",
        "{{ 'a' * 999999999 }}",
        "{{ [0] * 999999999 }}",
        "{% for i in range(90000) %}{% for k in range(90000) %}甲乙丙丁{% endfor %}{% endfor %}",
    ],
)
def test_greedy_template_is_stopped(renderer: Renderer, greedy: str):
    began = time.monotonic()
    with pytest.raises(ContentError):
        renderer.render(body(greedy))
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("甲\x00\x07\x1b乙", "甲乙"),
        ("甲\ud800乙", "甲\ufffd乙"),
        ("甲\u202e乙\u2066丙\ufeff", "甲乙丙"),
        ("e" + "\u0301" * 500 + "终", "终"),
        ("甲\r\n\n\n\n\n\n乙", "甲乙"),
    ],
)
def test_control_characters_and_lone_surrogates_do_no_harm(renderer: Renderer, typed: str, shown: str):
    done = renderer.render(print_source("register", {**REGISTER, "content": typed, "title": typed}))
    drawable = shown.replace("\ufffd", "\ufffd" if not renderer.missing_glyphs("\ufffd") else "〓")
    assert check_pdf(done.pdf, [drawable]) == ()
    with pikepdf.open(io.BytesIO(done.pdf)) as pdf:
        record = json.loads(bytes(pdf.attachments["data.json"].get_file().read_bytes()))
    assert record["data"]["content"] == typed


@pytest.mark.slow
@pytest.mark.parametrize(
    "typed", ["企业反映用地审批问题，请明确时限。" * 5883, "a" * 100_000, "一\n" * 50_000]
)
def test_hundred_thousand_characters_are_bounded_and_kept_in_the_data(renderer: Renderer, typed: str):
    done = renderer.render(print_source("register", {**REGISTER, "content": typed}))
    assert done.truncated == ("content",) and done.continued
    assert squash(f"全文{len(typed)}字") in squash(read_text(done.pdf))
    with pikepdf.open(io.BytesIO(done.pdf)) as pdf:
        record = json.loads(bytes(pdf.attachments["data.json"].get_file().read_bytes()))
    assert record["data"]["content"] == typed


@given(st.text(max_size=300))
@settings(max_examples=100, deadline=None)
def test_cleaning_leaves_nothing_that_breaks_layout(text: str):
    cleaned = clean_text(text)
    cleaned.encode("utf-8")
    assert not any(ord(character) < 32 and character not in "\t\n" for character in cleaned)
    assert clean_text(cleaned).replace("\u200b", "") == cleaned.replace("\u200b", "")


@given(st.text(alphabet=st.characters(codec=None), max_size=60))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_makes_a_sound_document(renderer: Renderer, text: str):
    done = renderer.render(body("<p>{{ d.x }}终</p>", x=text))
    assert check_pdf(done.pdf, ["终"], attachment="data.json") == ()


def test_lists_depth_and_totals_are_bounded():
    cleaner = Cleaner()
    deep: object = "x"
    for _ in range(50):
        deep = [deep]
    cleaned = cleaner.mapping(
        {"rows": ["a"] * (LIST_LIMIT + 1), "deep": deep, "long": "x" * (TEXT_LIMIT + 1)}
    )
    assert len(cleaned["rows"]) == LIST_LIMIT
    names = cleaner.names()
    assert names[0] == "rows" and names[-1] == "long" and any(name.startswith("deep") for name in names)


def test_objects_that_are_not_data_are_refused(renderer: Renderer):
    with pytest.raises(TypeError, match=r"x\.y: object"):
        renderer.render(RenderInput(created=CREATED, template="甲", data={"x": {"y": object()}}))
