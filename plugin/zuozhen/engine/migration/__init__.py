"""Moves running cases to another version of their diagram."""

from zuozhen.engine.migration.moving import migrate

__all__ = ["migrate"]
