"""The loop that fires timers and carries the outbox: a thread beside the pages, or processes of its own."""

from zuozhen.worker.loop import Worker

__all__ = ["Worker"]
