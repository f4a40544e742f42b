"""Which waiting places a message between cases reaches."""

from __future__ import annotations

from sqlalchemy import update
from tests.store.stepmaking import DAY, NOW, TENANT, a_case, a_wait, token

from zuozhen.store.cases import waits_for
from zuozhen.store.database import Database
from zuozhen.store.tables import Token


def test_which_places_a_message_reaches(database: Database) -> None:
    older, newer = token(), token()
    a_case(database, a_wait(older))
    a_case(database, a_wait(newer), a_wait(token(), key="k2"), a_wait(token(), trigger="staff"))
    with database.write() as session:
        session.execute(update(Token).where(Token.token == newer).values(entered_at=NOW + DAY))
    with database.read() as session:
        assert [row.token for row in waits_for(session, TENANT, "clinic_held", "k1")] == [older, newer]
        assert waits_for(session, TENANT, "clinic_held", "k3") == []
