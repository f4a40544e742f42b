"""Messages to other cases: they leave through the outbox."""

from __future__ import annotations

from typing import Any

from zuozhen.engine.expressions import evaluate_text
from zuozhen.engine.moments import add_duration
from zuozhen.model.errors import EngineError
from zuozhen.model.step import Message

DEFAULT_TTL = "P90D"


def throw_message(token: Any, definition: Any) -> None:
    """Write the message of a throwing element into the step."""
    element, journal = token.task_spec.element, token.journal
    properties = element.properties
    key = evaluate_text(token, definition.key, "关联键") if definition.key is not None else ""
    wanted = [name.strip() for name in properties.get("zz:payload", "").split(",")]
    try:
        expires_at = add_duration(journal.now, properties.get("zz:ttl") or DEFAULT_TTL)
    except ValueError as error:
        raise EngineError(
            f"“{element.label}”的消息有效期 {properties['zz:ttl']} 不是ISO时长",
            element_id=element.id,
            hint="请写成如 P90D（90天）",
        ) from error
    message = Message(
        token=token.id,
        element_id=element.id,
        name=definition.name,
        key=key,
        payload={name: token.data[name] for name in wanted if name in token.data},
        delivery="all" if properties.get("zz:delivery") == "all" else "one",
        expires_at=expires_at,
    )
    journal.messages.append(message)
    journal.write("thrown", element, token.id)
