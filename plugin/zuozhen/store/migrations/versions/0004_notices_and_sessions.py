"""Which account has read which notice (消息); sessions found by their process and key.

Revision 0004. Written out in full: migrations never read the present tables.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notice_read",
        sa.Column("tenant", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "notice_id"], ["notice.tenant", "notice.id"], name="fk_notice_read_notice"
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "account_id"], ["account.tenant", "account.id"], name="fk_notice_read_account"
        ),
        sa.PrimaryKeyConstraint("tenant", "account_id", "notice_id", name="pk_notice_read"),
    )
    keyed = sa.text("business_key <> ''")
    op.create_index(
        "ix_cases_process_key",
        "cases",
        ["tenant", "process_id", "business_key"],
        sqlite_where=keyed,
        postgresql_where=keyed,
    )


def downgrade() -> None:
    op.drop_index("ix_cases_process_key", "cases")
    op.drop_table("notice_read")
