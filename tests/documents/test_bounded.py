"""Templates of administrators: what would fill the memory or the stack is refused, whatever it is."""

import pytest

from zuozhen.documents import BROKEN, BoundedEnvironment, render_bounded

LIMIT = 1_000


@pytest.mark.parametrize(
    "text",
    [
        "{{ 'x' * 100001 }}",
        "{{ 'x' * 100000 * 100000 }}",
        "{{ [1] * 1000 * 1000 }}",
        "{{ 2 ** 2 }}",
        "{% for a in range(99999) %}xx{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
        "{% for a in [1] %}" * 40 + "{% endfor %}" * 40,
        "{{ ''.__class__.__mro__ }}",
        "{{ [].append(1) }}",
        "{{ 1 // 0 }}",
    ],
)
def test_a_hostile_template_is_broken_and_nothing_else(text: str) -> None:
    environment = BoundedEnvironment()
    with pytest.raises(BROKEN):
        render_bounded(environment.from_string(text), {}, LIMIT)


def test_plain_arithmetic_works() -> None:
    text = "{{ 3 * 4 }}{{ '—' * 3 }}{{ 2 * '·' }}"
    assert render_bounded(BoundedEnvironment().from_string(text), {}, LIMIT) == "12———··"
