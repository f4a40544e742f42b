"""The same expressions, the same answers as feelin, the interpreter in the browser.

``corpus.json`` holds feelin's recorded answers. A case with a ``reason`` is a deliberate difference:
``answer`` is ours, ``feelin`` is the oracle's. Where npm installed the recorded version for the bundle (or
in the folder that ZUOZHEN_FEELIN_DIR names), the records are checked against it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from zuozhen.feel import compile_expression, compile_unary, to_json
from zuozhen.model.errors import FeelError

_HERE = Path(__file__).parent
_CORPUS = json.loads((_HERE / "corpus.json").read_text(encoding="utf-8"))
_CASES = _CORPUS["cases"]
_FEELIN = Path(os.environ.get("ZUOZHEN_FEELIN_DIR") or _HERE.parents[1] / "plugin" / "studio")
_ERROR = {"error": True}


def _ours(case: dict[str, Any]) -> Any:
    unary = case.get("unary", False)
    context = case.get("context", {})
    try:
        expression = (compile_unary if unary else compile_expression)(case["expression"])
        return to_json(expression.evaluate(context if unary else {**_CORPUS["context"], **context}))
    except FeelError:
        return _ERROR


def _same(left: Any, right: Any) -> bool:
    """Equal as JSON: 1 and 1.0 are one number, true and 1 are not."""
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)
    return isinstance(left, bool) == isinstance(right, bool) and left == right


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case["expression"][:60])
def test_answer(case: dict[str, Any]) -> None:
    assert _same(_ours(case), case["answer"])


def test_corpus_is_large_and_differences_are_explained() -> None:
    assert len(_CASES) >= 120
    assert sum(not case["expression"].isascii() for case in _CASES) >= 40
    for case in _CASES:
        assert ("feelin" in case) == ("reason" in case), case["expression"]
        if "reason" in case:
            assert len(case["reason"]) > 10, case["expression"]
            assert not _same(case["answer"], case["feelin"]), f"no longer a difference: {case['expression']}"


def _recorded_oracle_is_installed() -> bool:
    about = _FEELIN / "node_modules" / "@bpmn-io" / "feelin" / "package.json"
    if shutil.which("node") is None or not about.is_file():
        return False
    package = json.loads(about.read_text(encoding="utf-8"))
    return all(
        package[key] == _CORPUS["oracle"][name] for key, name in (("name", "package"), ("version", "version"))
    )


@pytest.mark.skipif(
    not _recorded_oracle_is_installed(), reason="the recorded version of feelin is not installed"
)
def test_records_are_what_feelin_answers() -> None:
    run = subprocess.run(
        ["node", str(_HERE / "oracle.mjs"), str(_HERE / "corpus.json")],
        env={**os.environ, "TZ": _CORPUS["oracle"]["timezone"], "ZUOZHEN_FEELIN_DIR": str(_FEELIN)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    answers = json.loads(run.stdout)["answers"]
    assert len(answers) == len(_CASES)
    wrong = [
        (case["expression"], answer)
        for case, answer in zip(_CASES, answers, strict=True)
        if not _same(answer, case.get("feelin", case["answer"]))
    ]
    assert wrong == []
