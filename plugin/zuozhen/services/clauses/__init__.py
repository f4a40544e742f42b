"""Which rule of the notice is carried by what: elements, deadlines, forms, lists, pages, scenarios."""

from zuozhen.services.clauses.proof import Proof, Row, prove
from zuozhen.services.clauses.references import PAGES
from zuozhen.services.clauses.table import HEAD, in_words, markdown, section
from zuozhen.services.clauses.walked import Proved, prove_files, proved

__all__ = [
    "HEAD",
    "PAGES",
    "Proof",
    "Proved",
    "Row",
    "in_words",
    "markdown",
    "prove",
    "prove_files",
    "proved",
    "section",
]
