"""One tree of errors. Every message is Chinese, names the place and says what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Severity: TypeAlias = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with content (a diagram, a form, a pack).

    ``file`` is relative to the pack's root, ``element`` is the BPMN id or form field key,
    ``line`` counts from 1; each is empty or ``None`` where it does not apply.
    """

    severity: Severity
    code: str
    message: str
    file: str = ""
    element: str = ""
    line: int | None = None
    hint: str = ""

    def __str__(self) -> str:
        place = ":".join(str(p) for p in (self.file, self.line) if p)
        where = " ".join(p for p in (place, f"[{self.element}]" if self.element else "") if p)
        tail = f"（{self.hint}）" if self.hint else ""
        return f"{where} {self.message}{tail}".strip()


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with what a person typed; ``field`` is the form field's key."""

    field: str
    label: str
    message: str


class ZuozhenError(Exception):
    """Base of all errors that people may see; ``status`` is the HTTP status of a page or API answer."""

    status = 400

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class NotFound(ZuozhenError):
    """What was asked for does not exist, or the asker may not know that it does."""

    status = 404


class Forbidden(ZuozhenError):
    """The person is known but may not do this."""

    status = 403


class Conflict(ZuozhenError):
    """Somebody else was first, or the page is stale; what was typed must be kept and shown again."""

    status = 409


class Gone(ZuozhenError):
    """A link or booking that was used up, expired or withdrawn."""

    status = 410


class TooLarge(ZuozhenError):
    """An upload or a text is larger than allowed."""

    status = 413


class Invalid(ZuozhenError):
    """What was typed does not fit the form; ``problems`` lists every field."""

    status = 422

    def __init__(self, message: str, problems: Sequence[Problem] = (), *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.problems = tuple(problems)


class ContentError(ZuozhenError):
    """A diagram, form, template or manifest is broken; ``findings`` name each place."""

    status = 422

    def __init__(self, message: str, findings: Sequence[Finding] = (), *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.findings = tuple(findings)


class FeelError(ZuozhenError):
    """A FEEL expression cannot be compiled or evaluated; ``position`` counts characters from 0."""

    status = 422

    def __init__(self, message: str, *, text: str = "", position: int | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.text = text
        self.position = position


class EngineError(ZuozhenError):
    """A case cannot move on (an incident); ``element_id`` is the BPMN element that failed."""

    status = 409

    def __init__(self, message: str, *, element_id: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.element_id = element_id
