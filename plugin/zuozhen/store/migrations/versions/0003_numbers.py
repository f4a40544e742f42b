"""The ledger of numbers given out (编号簿).

Revision 0003. Written out in full: migrations never read the present tables.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "issued_number",
        sa.Column("tenant", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("form_key", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("voided_at", INSTANT, nullable=True),
        sa.Column("voided_by", sa.Uuid(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "case_id"], ["cases.tenant", "cases.id"], name="fk_issued_number_cases"
        ),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_issued_number"),
        sa.UniqueConstraint(
            "tenant", "rule", "scope", "prefix", "seq", name="uq_issued_number_tenant_rule_scope_prefix_seq"
        ),
    )
    op.create_index("ix_issued_number_case", "issued_number", ["tenant", "case_id"])
    op.create_index("ix_issued_number_rule", "issued_number", ["tenant", "rule", "id"])


def downgrade() -> None:
    op.drop_table("issued_number")
