"""Why a case is corrected and who allowed it: asked for every correction, kept in the case's history."""

from __future__ import annotations

from dataclasses import dataclass

from zuozhen.model.errors import Forbidden, Invalid, Problem
from zuozhen.services.actors import Actor

ADMINISTRATOR = "system"
MOST_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Grounds:
    """``basis`` is the statute or document (法律依据、文号) where there is one."""

    reason: str
    approver: str
    basis: str = ""

    def as_payload(self) -> dict[str, str]:
        """Return what the history keeps, without empty members."""
        texts = {"reason": self.reason, "approver": self.approver, "basis": self.basis}
        return {key: text.strip() for key, text in texts.items() if text.strip()}


def require(actor: Actor, grounds: Grounds) -> None:
    """Raise unless the actor may correct cases and has said why.

    Raises:
        Forbidden: not a system administrator. Invalid: no reason, no approver, or too long.
    """
    if ADMINISTRATOR not in actor.admin:
        raise Forbidden("只有系统管理员可以更正办件。")
    problems = []
    if len(grounds.reason.strip()) < 2:
        problems.append(Problem("reason", "理由", "请写明为什么要更正"))
    if not grounds.approver.strip():
        problems.append(Problem("approver", "批准人", "请填写批准人姓名和职务"))
    for key, label, text in (
        ("reason", "理由", grounds.reason),
        ("approver", "批准人", grounds.approver),
        ("basis", "依据", grounds.basis),
    ):
        if len(text) > MOST_CHARACTERS:
            problems.append(Problem(key, label, f"不超过 {MOST_CHARACTERS} 个字"))
    if problems:
        raise Invalid("更正没有进行。", problems, hint="请补充后重新提交。")
