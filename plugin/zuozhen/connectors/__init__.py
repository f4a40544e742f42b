"""Ways out of the house for letters: e-mail, signed web requests (SMS gateways), or only the records."""

from zuozhen.connectors.letter import Connector, DeliveryError, Letter, TemporaryError, UndeliverableError
from zuozhen.connectors.record_only import RecordOnlyConnector
from zuozhen.connectors.registry import connector_for
from zuozhen.connectors.smtp import SmtpConnector
from zuozhen.connectors.webhook import SIGNATURE_HEADER, WebhookConnector

__all__ = [
    "SIGNATURE_HEADER",
    "Connector",
    "DeliveryError",
    "Letter",
    "RecordOnlyConnector",
    "SmtpConnector",
    "TemporaryError",
    "UndeliverableError",
    "WebhookConnector",
    "connector_for",
]
