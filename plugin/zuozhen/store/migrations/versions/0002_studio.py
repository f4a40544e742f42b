"""The studio: drafts of packs, runs on trial, migrations of running cases, stand-ins.

Revision 0002. Written out in full: migrations never read the present tables.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

TABLES = (
    "studio_file",
    "studio_revision",
    "studio_autosave",
    "studio_run",
    "migration",
    "migration_case",
    "substitution",
)
"""In order of creation."""


def upgrade() -> None:
    op.add_column("release", sa.Column("reference", sa.Text(), nullable=True))
    op.add_column("release", sa.Column("accepted", JSON, nullable=True))
    op.add_column("release", sa.Column("deployed_name", sa.Text(), nullable=True))
    _create_drafts()
    _create_migrations()
    _create_substitutions()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    with op.batch_alter_table("release") as release:
        for column in ("deployed_name", "accepted", "reference"):
            release.drop_column(column)


def _create_drafts() -> None:
    op.create_table(
        "studio_file",
        sa.Column("tenant", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("base", sa.String(length=64), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("updated_name", sa.Text(), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "path", name="pk_studio_file"),
    )
    op.create_table(
        "studio_revision",
        sa.Column("tenant", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("rev", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("saved_by", sa.Uuid(), nullable=True),
        sa.Column("saved_name", sa.Text(), nullable=False),
        sa.Column("saved_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "path", "rev", name="pk_studio_revision"),
    )
    op.create_table(
        "studio_autosave",
        sa.Column("tenant", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("base_rev", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "account_id"], ["account.tenant", "account.id"], name="fk_studio_autosave_account"
        ),
        sa.PrimaryKeyConstraint("tenant", "account_id", "path", name="pk_studio_autosave"),
    )
    op.create_table(
        "studio_run",
        sa.Column("tenant", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("scenario", JSON, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "account_id"], ["account.tenant", "account.id"], name="fk_studio_run_account"
        ),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_studio_run"),
    )
    op.create_index("ix_studio_run_account", "studio_run", ["tenant", "account_id", "updated_at"])


def _create_migrations() -> None:
    op.create_table(
        "migration",
        sa.Column("tenant", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("release_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("plan", JSON, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_name", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "release_id"], ["release.tenant", "release.id"], name="fk_migration_release"
        ),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_migration"),
    )
    op.create_table(
        "migration_case",
        sa.Column("tenant", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("migration_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("before", JSON, nullable=True),
        sa.Column("result", JSON, nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "case_id"], ["cases.tenant", "cases.id"], name="fk_migration_case_cases"
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "migration_id"],
            ["migration.tenant", "migration.id"],
            name="fk_migration_case_migration",
        ),
        sa.PrimaryKeyConstraint("tenant", "migration_id", "case_id", name="pk_migration_case"),
    )
    op.create_index("ix_migration_case_status", "migration_case", ["tenant", "migration_id", "status"])
    op.create_index("ix_migration_case_case", "migration_case", ["tenant", "case_id"])


def _create_substitutions() -> None:
    op.create_table(
        "substitution",
        sa.Column("tenant", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("substitute_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "account_id"], ["account.tenant", "account.id"], name="fk_substitution_account"
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "substitute_id"], ["account.tenant", "account.id"], name="fk_substitution_substitute"
        ),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_substitution"),
    )
    op.create_index("ix_substitution_substitute", "substitution", ["tenant", "substitute_id", "ends_on"])
