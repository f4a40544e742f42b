"""What differs between two versions of a pack's tables, calendars, scenarios and templates, in sentences."""

from zuozhen.packs.difference.calendars import compare_calendars
from zuozhen.packs.difference.manifest import compare_manifests
from zuozhen.packs.difference.parameters import compare_parameters
from zuozhen.packs.difference.texts import compare_scenarios, compare_templates

__all__ = [
    "compare_calendars",
    "compare_manifests",
    "compare_parameters",
    "compare_scenarios",
    "compare_templates",
]
