"""What every table is made of: the declarative base and the column types of both databases."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import (
    JSON,
    BindParameter,
    DateTime,
    Dialect,
    ForeignKeyConstraint,
    Index,
    MetaData,
    Text,
    TypeDecorator,
    Uuid,
    literal,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, registry

T = TypeVar("T")


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant: ``timestamptz`` on PostgreSQL, sortable UTC text on SQLite.

    A naive datetime is refused (``ValueError``): nobody could say which clock it means.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: the store takes aware instants only")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


def dump_json(value: Any) -> str:
    """Return JSON text with Chinese left readable; NaN and infinities are refused (``ValueError``)."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


JsonColumn = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""JSON that may be queried. PostgreSQL's JSONB forgets key order and the spelling of numbers."""

ExactJson = JSON(none_as_null=True)
"""JSON kept as the text it was written as, on PostgreSQL too: what is hashed must come back unchanged."""


class Base(DeclarativeBase):
    """All tables of the store. ``tenant`` (division code) comes first in every primary key."""

    # A registry of its own (no class attributes): Flask-SQLAlchemy derives its model class from this one.
    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "fk": "fk_%(table_name)s_%(referred_table_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={
            UUID: Uuid(),
            datetime: Instant(),
            str: Text(),
            dict[str, Any]: JsonColumn,
            list[Any]: JsonColumn,
            list[str]: JsonColumn,
        },
    )


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """Return an index over the rows that fulfil ``where``, on SQLite and on PostgreSQL."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


def fixed(value: T) -> BindParameter[T]:
    """Return ``value`` to be written into the statement itself.

    The databases use a partial index only if they can see, without any parameter, that its condition holds.
    """
    return literal(value, literal_execute=True)


def case_key() -> ForeignKeyConstraint:
    """Return the foreign key to the case of the same tenant."""
    return ForeignKeyConstraint(["tenant", "case_id"], ["cases.tenant", "cases.id"])
