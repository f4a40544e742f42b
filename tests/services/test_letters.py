"""Letters reach people: by a real mail server where the enterprise gave an address, on the portal at any rate."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.builders import ACCEPT, TENANT, Office
from tests.conftest import OfficeMaker
from tests.connectors.conftest import Mailbox

from zuozhen.services import caseviews, incidents

Mail = Callable[..., tuple[Mailbox, int]]


def mail_office(make_office: OfficeMaker, port: int) -> Office:
    return make_office(
        smtp_host="127.0.0.1",
        smtp_port=str(port),
        smtp_security="none",
        smtp_sender="zz@example.cn",
    )


def test_an_acceptance_is_mailed_and_shown(make_office: OfficeMaker, smtp: Mail) -> None:
    mailbox, port = smtp()
    office = mail_office(make_office, port)
    registered = office.register(email="boss@example.com")
    office.submit(registered.case_id, "Task_accept", ACCEPT)
    office.drain()
    assert [envelope.rcpt_tos for envelope in mailbox.envelopes] == [["boss@example.com"]]
    mail = mailbox.mail()
    assert registered.number in str(mail["Subject"]) + mail.get_content()
    (letter,) = office.letters(registered.case_id)
    assert (letter.status, letter.channel, letter.address) == ("sent", "email", "boss@example.com")
    shown = caseviews.progress(office.context, TENANT, registered.case_id).letters
    assert [row.subject for row in shown] == [letter.subject]


def test_without_an_address_the_letter_is_recorded_for_the_portal(
    make_office: OfficeMaker, smtp: Mail
) -> None:
    mailbox, port = smtp()
    office = mail_office(make_office, port)
    registered = office.register()
    office.submit(registered.case_id, "Task_accept", ACCEPT)
    office.drain()
    assert mailbox.envelopes == []
    (letter,) = office.letters(registered.case_id)
    assert (letter.channel, letter.status) == ("record", "recorded")


def test_an_address_that_does_not_exist_is_noted_and_stops_nothing(
    make_office: OfficeMaker, smtp: Mail
) -> None:
    _, port = smtp()
    office = mail_office(make_office, port)
    registered = office.register(email="nobody@example.com")
    office.submit(registered.case_id, "Task_accept", ACCEPT)
    office.drain()
    (letter,) = office.letters(registered.case_id)
    assert letter.status == "undeliverable" and letter.error
    assert office.open_tasks(registered.case_id) == ["Task_assign"]
    assert office.jobs("notify") == []


def test_a_full_mailbox_is_tried_again_later(make_office: OfficeMaker, smtp: Mail) -> None:
    _, port = smtp()
    office = mail_office(make_office, port)
    registered = office.register(email="full@example.com")
    office.submit(registered.case_id, "Task_accept", ACCEPT)
    office.drain()
    (job,) = office.jobs("notify")
    assert job.attempts == 1
    assert [letter.status for letter in office.letters(registered.case_id)] == ["pending"]
    office.pass_time(office.clock() + timedelta(days=1))
    (incident,) = incidents.open_incidents(office.context, TENANT)
    assert incident.case_id == registered.case_id


def test_the_result_letter_holds_the_link_to_the_rating(make_office: OfficeMaker, smtp: Mail) -> None:
    mailbox, port = smtp()
    office = mail_office(make_office, port)
    registered = office.register(email="boss@example.com")
    office.to_rating(registered)
    letter = office.letters(registered.case_id)[-1]
    link = re.search(r"http://zuozhen\.example/p/[\w-]+/link/(\S+)", letter.body)
    assert link is not None, letter.body
    target = office.context.signer.open_link(link[1])
    assert target.token == office.token(registered.case_id, "Task_rate").token
    bodies: list[Any] = [envelope.content for envelope in mailbox.envelopes]
    assert len(bodies) == len(office.letters(registered.case_id))
