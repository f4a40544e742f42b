"""zuozhen inside a host app: below a prefix, with the host's own pages, errors and forms left alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from tests.builders import FONTS, SLUG

from zuozhen.app import Zuozhen
from zuozhen.settings import load_settings


@pytest.fixture
def host(tmp_path: Path) -> Iterator[FlaskClient]:
    instance = tmp_path / "instance"
    instance.mkdir()
    (instance / "fonts").symlink_to(FONTS)
    templates = tmp_path / "templates"
    (templates / "zuozhen").mkdir(parents=True)
    (templates / "zuozhen" / "login.html").write_text("本单位自己的登录页", "utf-8")
    app = Flask("host", template_folder=str(templates))

    @app.get("/")
    def own_page() -> str:
        return "主办应用"

    @app.post("/own")
    def own_form() -> str:
        return request.form["x"]

    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError("the host's own mistake")

    extension = Zuozhen(
        app,
        settings=load_settings({}, instance=instance),
        url_prefix="/jiesu",
        worker=False,
        in_process_pdf=True,
    )
    with app.test_client() as client:
        yield client
    extension.close()


def test_hosts_pages_and_forms_stay_its_own(host: FlaskClient) -> None:
    page = host.get("/")
    assert page.get_data(as_text=True) == "主办应用"
    assert "Content-Security-Policy" not in page.headers
    assert host.post("/own", data={"x": "1"}).get_data(as_text=True) == "1"  # no CSRF demanded there
    unknown = host.get("/nothing")
    assert unknown.status_code == 404
    assert "坐诊" not in unknown.get_data(as_text=True)
    host.application.config["PROPAGATE_EXCEPTIONS"] = True
    with pytest.raises(RuntimeError, match="own mistake"):
        host.get("/broken")


def test_our_pages_live_below_the_prefix(host: FlaskClient) -> None:
    home = host.get(f"/jiesu/p/{SLUG}/")
    text = home.get_data(as_text=True)
    assert home.status_code == 200
    assert f"/jiesu/p/{SLUG}/register" in text
    assert '"/p/' not in text
    assert "Content-Security-Policy" in home.headers
    assert host.get("/jiesu/nothing").status_code == 404
    assert "没有这个页面" in host.get("/jiesu/nothing").get_data(as_text=True)
    assert host.post(f"/jiesu/p/{SLUG}/query", data={"number": "1"}).status_code == 400  # CSRF is demanded


def test_host_restyles_a_page(host: FlaskClient) -> None:
    assert host.get("/jiesu/login").get_data(as_text=True) == "本单位自己的登录页"


def test_links_in_letters_and_posters_carry_the_prefix(host: FlaskClient) -> None:
    context = host.application.extensions["zuozhen"].context
    assert context.base_url.endswith("/jiesu")
