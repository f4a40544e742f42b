"""The first schema.

Revision 0001. Written out in full: migrations never read the present tables.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

TABLES = (
    "release",
    "cases",
    "token",
    "event",
    "job",
    "incident",
    "message",
    "message_taken",
    "document",
    "notice",
    "announcement",
    "account",
    "login_link",
    "api_token",
    "counter",
    "draft",
)
"""In order of creation."""


def upgrade() -> None:
    _create_cases()
    _create_history_and_outbox()
    _create_files()
    _create_accounts()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _partial_index(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def _create_cases() -> None:
    op.create_table(
        "release",
        sa.Column("tenant", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("bundle", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("deployed_by", sa.Uuid(), nullable=True),
        sa.Column("deployed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_release"),
        sa.UniqueConstraint("tenant", "slug", "version", name="uq_release_tenant_slug_version"),
    )
    op.create_table(
        "cases",
        sa.Column("tenant", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("release_id", sa.Uuid(), nullable=False),
        sa.Column("process_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("query_hash", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("business_key", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("end_element", sa.Text(), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("variables", JSON, nullable=False),
        sa.Column("data", JSON, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "release_id"], ["release.tenant", "release.id"], name="fk_cases_release"
        ),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_cases"),
        postgresql_with={"fillfactor": "90", "autovacuum_vacuum_scale_factor": "0.03"},
    )
    _partial_index("ix_cases_key", "cases", ["tenant", "business_key"], "business_key <> ''")
    _partial_index("ix_cases_open", "cases", ["tenant", "release_id"], "status = 'open'")
    _partial_index("uq_cases_number", "cases", ["tenant", "number"], "number <> ''", unique=True)
    op.create_table(
        "token",
        sa.Column("tenant", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("form_key", sa.Text(), nullable=False),
        sa.Column("grp", sa.Text(), nullable=False),
        sa.Column("assignee", sa.Uuid(), nullable=True),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("due_rule", sa.Text(), nullable=False),
        sa.Column("due_why", JSON, nullable=False),
        sa.Column("activity", sa.String(length=32), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("properties", JSON, nullable=False),
        sa.Column("variables", JSON, nullable=False),
        sa.Column("draft", JSON, nullable=True),
        sa.Column("draft_by", sa.Uuid(), nullable=True),
        sa.Column("draft_at", INSTANT, nullable=True),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["tenant", "case_id"], ["cases.tenant", "cases.id"], name="fk_token_cases"),
        sa.PrimaryKeyConstraint("tenant", "case_id", "token", name="pk_token"),
        postgresql_with={"fillfactor": "90"},
    )
    _partial_index(
        "ix_token_assignee_case",
        "token",
        ["tenant", "assignee", "case_id"],
        "kind = 'task' AND assignee IS NOT NULL",
    )
    _partial_index("ix_token_group_case", "token", ["tenant", "grp", "case_id"], "kind = 'task'")
    _partial_index(
        "ix_token_inbox", "token", ["tenant", "grp", "due_at", "token"], "status = 1 AND kind = 'task'"
    )
    _partial_index(
        "ix_token_mine",
        "token",
        ["tenant", "assignee", "due_at", "token"],
        "status = 1 AND kind = 'task' AND assignee IS NOT NULL",
    )
    _partial_index("ix_token_timer", "token", ["due_at"], "status = 1 AND kind = 'timer'")
    op.create_index("ix_token_token", "token", ["tenant", "token", "case_id"])
    _partial_index("ix_token_wait", "token", ["tenant", "message", "key"], "status = 1 AND kind = 'wait'")


def _create_history_and_outbox() -> None:
    op.create_table(
        "event",
        sa.Column("tenant", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=True),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["tenant", "case_id"], ["cases.tenant", "cases.id"], name="fk_event_cases"),
        sa.PrimaryKeyConstraint("tenant", "case_id", "seq", name="pk_event"),
    )
    op.create_table(
        "job",
        sa.Column("tenant", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("lease_until", INSTANT, nullable=True),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["tenant", "case_id"], ["cases.tenant", "cases.id"], name="fk_job_cases"),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_job"),
        sa.UniqueConstraint("tenant", "case_id", "kind", "token", name="uq_job_tenant_case_id_kind_token"),
    )
    _partial_index("ix_job_due", "job", ["due_at"], "done_at IS NULL AND attempts < 5")
    _partial_index("ix_job_stuck", "job", ["tenant", "due_at"], "done_at IS NULL AND attempts >= 5")
    _partial_index("uq_job_without_case", "job", ["tenant", "kind", "token"], "case_id IS NULL", unique=True)
    op.create_table(
        "incident",
        sa.Column("tenant", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("resolved_at", INSTANT, nullable=True),
        sa.Column("resolved_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "case_id"], ["cases.tenant", "cases.id"], name="fk_incident_cases"
        ),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_incident"),
    )
    _partial_index("ix_incident_open", "incident", ["tenant", "case_id"], "resolved_at IS NULL")
    op.create_table(
        "message",
        sa.Column("tenant", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("delivery", sa.String(length=4), nullable=False),
        sa.Column("source_case", sa.Uuid(), nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("consumed_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_message"),
    )
    _partial_index("ix_message_pending", "message", ["tenant", "name", "key"], "consumed_at IS NULL")
    op.create_table(
        "message_taken",
        sa.Column("tenant", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "case_id"], ["cases.tenant", "cases.id"], name="fk_message_taken_cases"
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "message_id"], ["message.tenant", "message.id"], name="fk_message_taken_message"
        ),
        sa.PrimaryKeyConstraint("tenant", "message_id", "case_id", name="pk_message_taken"),
    )


def _create_files() -> None:
    op.create_table(
        "document",
        sa.Column("tenant", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("form_key", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("meta", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "case_id"], ["cases.tenant", "cases.id"], name="fk_document_cases"
        ),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_document"),
    )
    op.create_index("ix_document_case", "document", ["tenant", "case_id"])
    op.create_index("ix_document_sha256", "document", ["sha256"])
    op.create_table(
        "notice",
        sa.Column("tenant", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["tenant", "case_id"], ["cases.tenant", "cases.id"], name="fk_notice_cases"),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_notice"),
    )
    op.create_index("ix_notice_case", "notice", ["tenant", "case_id"])
    op.create_index("ix_notice_recipient", "notice", ["tenant", "recipient", "id"])
    op.create_table(
        "announcement",
        sa.Column("tenant", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("meta", JSON, nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "case_id"], ["cases.tenant", "cases.id"], name="fk_announcement_cases"
        ),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_announcement"),
    )
    op.create_index("ix_announcement_case", "announcement", ["tenant", "case_id"])


def _create_accounts() -> None:
    op.create_table(
        "account",
        sa.Column("tenant", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("groups", JSON, nullable=False),
        sa.Column("admin", JSON, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("locked_until", INSTANT, nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("last_login_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_account"),
        sa.UniqueConstraint("tenant", "username", name="uq_account_tenant_username"),
    )
    op.create_table(
        "login_link",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("tenant", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "account_id"], ["account.tenant", "account.id"], name="fk_login_link_account"
        ),
        sa.PrimaryKeyConstraint("hash", name="pk_login_link"),
    )
    op.create_table(
        "api_token",
        sa.Column("tenant", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "account_id"], ["account.tenant", "account.id"], name="fk_api_token_account"
        ),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_api_token"),
        sa.UniqueConstraint("hash", name="uq_api_token_hash"),
    )
    op.create_table(
        "counter",
        sa.Column("tenant", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "name", name="pk_counter"),
    )
    op.create_table(
        "draft",
        sa.Column("tenant", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("form_key", sa.Text(), nullable=False),
        sa.Column("data", JSON, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_draft"),
    )
    op.create_index("ix_draft_updated", "draft", ["updated_at"])
