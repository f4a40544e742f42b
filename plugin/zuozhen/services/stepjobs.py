"""The outbox of a step: what the worker has to carry out after its commit, at least once each."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Final
from uuid import UUID

from zuozhen.model.errors import EngineError
from zuozhen.model.ids import new_id
from zuozhen.model.step import Action, Message, Step
from zuozhen.services.releases import Release
from zuozhen.store.steps import NewJob

OUTBOX_TOPICS: Final = frozenset({"notify", "publish", "archive", "document", "report"})
"""What a service task may ask for."""


def jobs_of(
    release: Release, case_id: UUID, step: Step, now: datetime, form_key: str, known: frozenset[str], seq: int
) -> list[NewJob]:
    """Return the outbox of a step: what the worker has to carry out afterwards, at least once each.

    ``known`` are the tokens that waited before, ``seq`` is the number of the event that the step becomes.
    """
    jobs = [_send(case_id, message, now) for message in step.messages]
    # An archive task asks for what every end asks for: the dossier is built once, when the case is over.
    jobs += [_effect(case_id, action, now) for action in step.actions if action.topic != "archive"]
    jobs += [
        NewJob(case_id, "match", wait.token, now, {"name": wait.message, "key": wait.key})
        for wait in step.waits
        if not wait.trigger and wait.token not in known
    ]
    if form_key and release.is_printed(form_key):
        asked = {"form": form_key, "seq": seq}
        jobs.append(NewJob(case_id, "print", f"{form_key}:{new_id().hex}", now, asked))
    if step.ended is not None:
        # A case whose end is undone ends again, and has another dossier then.
        jobs.append(NewJob(case_id, "archive", new_id().hex, now, {}))
    return jobs


def _send(case_id: UUID, message: Message, now: datetime) -> NewJob:
    payload = asdict(message)
    payload["expires_at"] = message.expires_at.isoformat()
    return NewJob(case_id, "send", new_id().hex, now, payload)


def _effect(case_id: UUID, action: Action, now: datetime) -> NewJob:
    if action.topic not in OUTBOX_TOPICS:
        raise EngineError(
            f"“{action.name}”要求的自动操作“{action.topic}”不存在。",
            element_id=action.element_id,
            hint="请管理员在流程图中改用：" + "、".join(sorted(OUTBOX_TOPICS)),
        )
    payload = {
        "element": action.element_id,
        "properties": dict(action.properties),
        "variables": dict(action.variables),
    }
    return NewJob(case_id, action.topic, new_id().hex, now, payload)
