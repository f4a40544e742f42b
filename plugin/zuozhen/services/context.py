"""What a use case works with: handed in by the composition root, replaced by real small parts in tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from zuozhen.connectors import Connector
from zuozhen.documents import RendererLike
from zuozhen.model.clock import Clock
from zuozhen.model.step import Trace
from zuozhen.services.releases import Releases
from zuozhen.services.signing import Signer
from zuozhen.store.blobs import BlobStore
from zuozhen.store.database import Database


def _nobody_sleeps() -> None:
    """Nothing to wake: the caller runs the worker by hand."""


@dataclass(frozen=True, slots=True)
class Context:
    """The parts of one installation."""

    database: Database
    blobs: BlobStore
    clock: Clock
    releases: Releases
    documents: RendererLike
    signer: Signer
    connectors: Mapping[str, Connector]
    base_url: str
    content_roots: tuple[Path, ...]
    wake: Callable[[], None] = field(default=_nobody_sleeps)
    """Tells a sleeping worker that there may be work now."""
    trace: Trace | None = None
    """Hears of every sequence flow that a case takes (runs on trial and walks)."""
