"""The dossier of an ended case: complete, verified, and a changed byte or row is found."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.builders import REGISTER, Office
from tests.conftest import OfficeMaker
from tests.engine_lint.build import end, path, service
from tests.services import smallpack
from tests.services.smallpack import case_process, task
from tests.services.test_scenarios import text_of
from werkzeug.datastructures import FileStorage, MultiDict

from zuozhen.model.errors import Invalid, TooLarge, ZuozhenError
from zuozhen.services import archive
from zuozhen.services.registration import Registered, StartView
from zuozhen.services.uploads import MAX_BYTES, MAX_FILES

pytestmark = pytest.mark.paper

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


def files(*uploads: tuple[str, bytes]) -> MultiDict[str, FileStorage]:
    named = [("attachments", FileStorage(io.BytesIO(content), filename=name)) for name, content in uploads]
    return MultiDict(named)


def ended(office: Office) -> tuple[Registered, bytes]:
    registered = office.register(files=files(("..\\..\\用电申请.png", PNG)))
    office.to_end(registered)
    (dossier,) = office.documents(registered.case_id, "dossier")
    return registered, office.context.blobs.get(dossier.sha256)


def test_the_dossier_holds_everything_and_verifies(any_office: Office, tmp_path: Path) -> None:
    office = any_office
    registered, content = ended(office)
    file = tmp_path / "案卷.zip"
    file.write_bytes(content)
    assert archive.verify_file(file) == ()

    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        names = parts.namelist()
        record = json.loads(parts.read("case.json"))
        events = json.loads(parts.read("events.json"))
        uploaded = [parts.read(name) for name in names if name.endswith(".png")]
        pdfs = {name: text_of(parts.read(name)) for name in names if name.endswith(".pdf")}
    assert uploaded == [PNG]
    assert record["case"]["number"] == registered.number
    assert record["forms"]["rate"]["answers"]["service_score"] == "satisfied"
    rows = events["events"] if isinstance(events, dict) else events
    assert len(rows) == len(office.events(registered.case_id))
    assert rows[-1]["hash"] == office.case(registered.case_id).head.hex()
    attachment = rows[0]["payload"]["answers"]["attachments"]
    assert [each["name"] for each in attachment] == ["用电申请.png"]
    everything = "".join(pdfs.values())
    for wanted in (REGISTER["enterprise"], REGISTER["title"], "满意", "诉求已办理，企业已评价。"):
        assert wanted in everything
    lead = office.person("lead", groups=("lead_office",))
    row = archive.dossiers(office.context, lead, registered.number)[0]
    assert archive.verify_document(office.context, lead, row.document_id) == (
        row_title(office, registered),
        (),
    )


def row_title(office: Office, registered: Registered) -> str:
    return office.documents(registered.case_id, "dossier")[0].title


def test_every_changed_part_of_a_dossier_is_found(office: Office, tmp_path: Path) -> None:
    _, content = ended(office)
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    assert len(parts) >= 6
    for changed in parts:
        for how in ("changed", "missing"):
            file = tmp_path / "changed.zip"
            with zipfile.ZipFile(file, "w") as target:
                for name, data in parts.items():
                    if name != changed:
                        target.writestr(name, data)
                    elif how == "changed":
                        target.writestr(name, damaged(name, data))
            try:
                problems: object = archive.verify_file(file)
            except ZuozhenError as error:
                problems = error.message
            assert problems, f"{changed} {how}: not noticed"


def damaged(name: str, data: bytes) -> bytes:
    """Change what counts: a digest in the list of contents, any byte elsewhere."""
    if name != "manifest.json":
        return data + b" "
    digest = re.search(rb"[0-9a-f]{64}", data)
    assert digest is not None
    return data.replace(digest[0], digest[0][::-1])


def test_a_case_changed_in_the_database_no_longer_fits_its_chain(any_office: Office) -> None:
    office = any_office
    registered = office.register()
    office.submit(registered.case_id, "Task_accept", {"decision": "accept", "reply_method": "短信"})
    assert office.problems_of(registered.case_id) == []
    with office.context.database.engine.begin() as connection:
        connection.execute(text("UPDATE event SET actor_name = '别人' WHERE seq = 2"))
    assert "第 2 条" in office.problems_of(registered.case_id)[0]


def test_a_case_ended_early_gets_its_dossier_too(office: Office) -> None:
    registered = office.register()
    office.submit(registered.case_id, "Catch_withdraw", {"withdraw_reason": "已自行解决"})
    office.drain()
    assert len(office.documents(registered.case_id, "dossier")) == 1


def test_an_archive_task_long_before_the_end_does_not_lose_the_dossier(make_office: OfficeMaker) -> None:
    keep = service("keep", "archive")
    case = case_process(task("a"), keep, task("b"), end(), path("s", "a", "keep", "b", "e"))
    office = make_office(files=smallpack.pack(case))
    outcome = office.try_register({"title": "诉求", "enterprise": "甲公司", "session": ""})
    assert isinstance(outcome, Registered)
    office.submit(outcome.case_id, "a")
    office.drain()
    assert office.documents(outcome.case_id, "dossier") == []
    office.submit(outcome.case_id, "b")
    office.drain()
    assert len(office.documents(outcome.case_id, "dossier")) == 1


# ---------------------------------------------------------------- uploads


REFUSED = {
    "病毒.exe": b"MZ" + bytes(50),
    "图片.png": b"MZ" + bytes(50),
    "网页.html": b"<script>alert(1)</script>",
    "矢量.svg": b"<svg onload='x'/>",
    "文档.pdf.exe": b"%PDF-1.7",
    "空.png": b"",
    "大.png": PNG + bytes(MAX_BYTES),
}


def refusal(office: Office, uploads: MultiDict[str, FileStorage]) -> str:
    """Return what a person is told about the files."""
    try:
        outcome = office.try_register(REGISTER, files=uploads)
    except (Invalid, TooLarge) as error:
        return error.message + "".join(problem.message for problem in getattr(error, "problems", ()))
    assert isinstance(outcome, StartView) and outcome.bound is not None
    return "".join(problem.message for problem in outcome.bound.problems if problem.field == "attachments")


@pytest.mark.parametrize("name", REFUSED)
def test_files_are_judged_by_content_and_size(name: str, office: Office) -> None:
    assert name in refusal(office, files((name, REFUSED[name])))
    assert office.register().number == "XW2026-0001"  # nothing was written, no number was used


def test_too_many_files(office: Office) -> None:
    told = refusal(office, files(*[(f"{n}.png", PNG) for n in range(MAX_FILES + 1)]))
    assert str(MAX_FILES) in told


def test_an_upload_of_a_task_is_kept_and_in_the_history(any_office: Office) -> None:
    office = any_office
    registered = office.register(files=files(("一.png", PNG), ("二.pdf", b"%PDF-1.7\n%%EOF")))
    rows = office.documents(registered.case_id, "attachment")
    assert sorted((row.file_name, row.media_type) for row in rows) == [
        ("一.png", "image/png"),
        ("二.pdf", "application/pdf"),
    ]
    kept = office.case(registered.case_id).data["register"]["attachments"]
    assert [each["name"] for each in kept] == ["一.png", "二.pdf"]
    assert office.events(registered.case_id)[0].payload["answers"]["attachments"] == kept
    assert office.problems_of(registered.case_id) == []
