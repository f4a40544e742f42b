"""What every connector is given, what it answers, and how it fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from zuozhen.model.errors import ZuozhenError


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one recipient.

    ``address`` is what the channel understands: a mail address, a phone number. A letter that is sent
    again after a failure keeps its ``idempotency_key``, so that the receiving side can drop the copy.
    """

    recipient_name: str
    address: str
    channel: str
    subject: str
    body: str
    idempotency_key: str


class Connector(Protocol):
    """Carries letters out of the house."""

    def send(self, letter: Letter) -> str:
        """Hand the letter over and return a receipt in words.

        :class:`UndeliverableError` if it can never arrive, :class:`TemporaryError` if trying again
        later may help. A letter may have arrived although an error was raised.
        """
        ...


class DeliveryError(ZuozhenError):
    """A letter was not handed over."""

    status = 502


class UndeliverableError(DeliveryError):
    """Trying again is pointless: the address or the content is refused."""


class TemporaryError(DeliveryError):
    """Trying again may help: the other side is away, busy or not yet configured correctly."""


def one_line(text: str) -> str:
    """Return ``text`` without line breaks and control characters, so that it fits in a header."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())
