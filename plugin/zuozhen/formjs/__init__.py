"""Forms: form-js JSON in, accessible pages, typed answers, display texts and printed tables out."""

from __future__ import annotations

from zuozhen.formjs.binding import BoundForm, bind
from zuozhen.formjs.components import COMPONENTS, REFUSED
from zuozhen.formjs.credit_codes import credit_code_problem, normalize_credit_code
from zuozhen.formjs.definition import FormDefinition
from zuozhen.formjs.display import CONCEALED, display
from zuozhen.formjs.items import Item
from zuozhen.formjs.loading import load_form
from zuozhen.formjs.phones import normalize_phone, phone_problem
from zuozhen.formjs.printing import print_form

__all__ = [
    "COMPONENTS",
    "CONCEALED",
    "REFUSED",
    "BoundForm",
    "FormDefinition",
    "Item",
    "bind",
    "credit_code_problem",
    "display",
    "load_form",
    "normalize_credit_code",
    "normalize_phone",
    "phone_problem",
    "print_form",
]
