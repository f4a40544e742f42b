"""FEEL, the expression language of DMN 1.3: conditions, deadlines and form rules are written in it.

Our own interpreter: texts are compiled once to closures; numbers are decimal; names may be Chinese;
there is no clock, no Python and no way to reach a Python object's attributes; every evaluation has a
budget. The JavaScript interpreter feelin, which form-js brings, is the oracle of the tests.
"""

from zuozhen.feel import syntax
from zuozhen.feel.expression import Expression, compile_expression, compile_unary, parse
from zuozhen.feel.frame import Prepared
from zuozhen.feel.limits import Meter
from zuozhen.feel.names import read
from zuozhen.feel.parts import part_value
from zuozhen.feel.regex import compile_pattern
from zuozhen.feel.registry import BUILTINS
from zuozhen.feel.values import Months, Range, Value, lift, to_json
from zuozhen.feel.wording import bare, in_words, same

__all__ = [
    "BUILTINS",
    "Expression",
    "Meter",
    "Months",
    "Prepared",
    "Range",
    "Value",
    "bare",
    "compile_expression",
    "compile_pattern",
    "compile_unary",
    "in_words",
    "lift",
    "parse",
    "part_value",
    "read",
    "same",
    "syntax",
    "to_json",
]
