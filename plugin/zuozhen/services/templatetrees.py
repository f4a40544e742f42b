"""Syntax trees of Jinja templates, for checks that look at what a template reads: nothing is rendered."""

from __future__ import annotations

from functools import lru_cache

from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment

_ENVIRONMENT = SandboxedEnvironment()


@lru_cache(maxsize=512)
def tree_of(content: bytes) -> nodes.Template | None:
    """Return the tree of a template; ``None`` if it cannot be read, which ``services.checking`` says."""
    try:
        return _ENVIRONMENT.parse(content.decode())
    except (TemplateSyntaxError, RecursionError, UnicodeDecodeError):
        return None
