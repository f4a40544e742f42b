"""Pages of the studio: where an administrator changes the procedure."""

from zuozhen.web.studio import (
    checking,
    comparing,
    diagrams,
    forms,
    migrating,
    releases,
    tables,
    trying,
    workspace,
)

BLUEPRINTS = (
    checking.blueprint,
    comparing.blueprint,
    diagrams.blueprint,
    forms.blueprint,
    migrating.blueprint,
    releases.blueprint,
    tables.blueprint,
    trying.blueprint,
    workspace.blueprint,
)

__all__ = ["BLUEPRINTS"]
