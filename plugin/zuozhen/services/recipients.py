"""Whom a letter goes to: the enterprise, groups, or those that FEEL names; and what each of them may read."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from zuozhen.model.errors import ContentError
from zuozhen.services.actors import ENTERPRISE, Actor
from zuozhen.services.context import Context
from zuozhen.services.releases import Release
from zuozhen.services.succession import heir_for
from zuozhen.services.wording import is_formula, known_to, worded
from zuozhen.store.tables import Case


def recipients_of(
    context: Context,
    session: Session,
    release: Release,
    case: Case,
    to: str,
    variables: Mapping[str, Any],
) -> list[str]:
    """Return whom a letter goes to, each once: the enterprise or ids of units and roles; of a unit that is gone,
    its successor."""
    value: Any = to
    if is_formula(to):
        value = worded(context, session, release, to, known_to(context, session, case, variables, to))
    texts = value if isinstance(value, list) else [value]
    wanted = [part.strip() for text in texts if isinstance(text, str) for part in text.split(",")]
    groups = list(dict.fromkeys(group for group in wanted if group))
    later = {unit.id for unit in release.units}
    unknown = [group for group in groups if group not in release.pack.groups and group not in later]
    if unknown:
        raise ContentError(
            f"通知的接收人“{'、'.join(unknown)}”不是企业，也不是本地区的单位或岗位。",
            hint="请在流程图中检查“发给谁”，或改正表单中所选的单位。",
        )
    heir = heir_for(release, context.clock(), case.data)
    return groups if heir is None else list(dict.fromkeys(heir(group, variables) for group in groups))


def letter_id(job: UUID, recipient: str) -> UUID:
    """Return the id of the letter of one of several recipients: the same whenever the job is repeated."""
    rest = blake2b(job.bytes + recipient.encode(), digest_size=8).digest()
    return UUID(bytes=job.bytes[:8] + bytes([rest[0] & 0x3F | 0x80]) + rest[1:])


def reader_of(tenant: int, recipient: str) -> Actor | None:
    """Return whom a letter must not tell secrets: a group that does not work on the case."""
    return None if recipient == ENTERPRISE else Actor(tenant, recipient, groups=frozenset({recipient}))
