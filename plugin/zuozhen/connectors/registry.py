"""Which connector carries which channel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from zuozhen.connectors.letter import Connector
from zuozhen.connectors.record_only import RecordOnlyConnector

_RECORD_ONLY: Final = RecordOnlyConnector()


def connector_for(channel: str, connectors: Mapping[str, Connector]) -> Connector:
    """Return the connector configured for ``channel``; without one nothing leaves the house."""
    return connectors.get(channel, _RECORD_ONLY)
