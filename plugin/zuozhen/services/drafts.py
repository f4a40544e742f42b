"""Half-filled registrations of people without an account: kept under a random cookie, 30 days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import delete

from zuozhen.services.context import Context
from zuozhen.store.tables import Draft

KEPT = timedelta(days=30)


def keep(context: Context, tenant: int, secret: str, form_key: str, data: Mapping[str, Any]) -> None:
    """Store a draft; older ones than 30 days go at the same time."""
    now = context.clock()
    with context.database.write() as session:
        session.execute(delete(Draft).where(Draft.tenant == tenant, Draft.updated_at < now - KEPT))
        session.merge(
            Draft(
                tenant=tenant,
                id=context.signer.digest_exact(secret),
                form_key=form_key,
                data=dict(data),
                updated_at=now,
            )
        )


def load(context: Context, tenant: int, secret: str, form_key: str) -> dict[str, Any]:
    with context.database.read() as session:
        row = session.get(Draft, (tenant, context.signer.digest_exact(secret)))
        return dict(row.data) if row is not None and row.form_key == form_key else {}


def forget(context: Context, tenant: int, secret: str) -> None:
    with context.database.write() as session:
        session.execute(
            delete(Draft).where(Draft.tenant == tenant, Draft.id == context.signer.digest_exact(secret))
        )
