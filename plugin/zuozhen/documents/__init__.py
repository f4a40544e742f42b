"""Paper: forms as archival PDF, dossiers, and the checks that both are what they claim to be.

Nothing here imports WeasyPrint before the private font configuration is in place (see ``fonts.py``).
"""

from zuozhen.documents.bounded import BROKEN, BoundedEnvironment, render_bounded
from zuozhen.documents.checks import check_pdf
from zuozhen.documents.dossier import DossierFile, DossierForm, DossierInput, build_dossier, chain_events
from zuozhen.documents.fetcher import qr_svg
from zuozhen.documents.fonts import FontSet, FontsMissing
from zuozhen.documents.pool import RenderPool
from zuozhen.documents.render import Renderer
from zuozhen.documents.source import (
    Asset,
    Rendered,
    RendererLike,
    RenderFailed,
    RenderInput,
    RenderTimeout,
    VolumeInput,
    VolumePart,
)
from zuozhen.documents.verify import Report, verify_dossier

__all__ = [
    "BROKEN",
    "Asset",
    "BoundedEnvironment",
    "DossierFile",
    "DossierForm",
    "DossierInput",
    "FontSet",
    "FontsMissing",
    "RenderFailed",
    "RenderInput",
    "RenderPool",
    "RenderTimeout",
    "Rendered",
    "Renderer",
    "RendererLike",
    "Report",
    "VolumeInput",
    "VolumePart",
    "build_dossier",
    "chain_events",
    "check_pdf",
    "qr_svg",
    "render_bounded",
    "verify_dossier",
]
