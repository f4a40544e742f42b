"""How much a diagram may hold and do: checked before deployment, and kept at run time."""

from __future__ import annotations

from typing import Final

MAX_DEPTH: Final = 20
"""How deep sub-processes and call activities may nest."""

MAX_INSTANCES: Final = 1_000
"""Instances of one multi-instance activity."""
