"""Run by Alembic. The connection comes from ``store.migrate``, with its transaction already open."""

from __future__ import annotations

from alembic import context

from zuozhen.store.tables import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    transactional_ddl=True,
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
