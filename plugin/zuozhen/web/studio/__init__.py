"""Pages of the studio: where an administrator changes the procedure."""

from zuozhen.web.studio import (
    checking,
    comparing,
    deploying,
    diagrams,
    filepages,
    forms,
    importing,
    migrating,
    previews,
    releases,
    scenarios,
    tables,
    tables_calendar,
    tables_people,
    templates,
    trying,
    workspace,
)

ROOMS = (
    checking,
    comparing,
    deploying,
    diagrams,
    filepages,
    forms,
    importing,
    migrating,
    previews,
    releases,
    scenarios,
    tables,
    tables_calendar,
    tables_people,
    templates,
    trying,
    workspace,
)
BLUEPRINTS = tuple(dict.fromkeys(room.blueprint for room in ROOMS))
"""Several modules may share one."""

__all__ = ["BLUEPRINTS"]
