"""The connector of installations that send nothing: the letter stays in the records."""

from __future__ import annotations

from zuozhen.connectors.letter import Letter


class RecordOnlyConnector:
    """Sends nothing. The notice is in the store already; the receipt says that it went nowhere."""

    def send(self, letter: Letter) -> str:
        """Return the receipt."""
        return f"仅登记，未发出：渠道“{letter.channel}”没有配置发送方式"
