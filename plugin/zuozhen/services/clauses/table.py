"""The proof as a Markdown table for people who ask where a rule of the notice went."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from zuozhen.services.clauses.proof import Row
from zuozhen.services.clauses.walked import Proved
from zuozhen.services.studio.coverage import Coverage

HEAD: Final = """\
# 条款对照表

每个地区的依据文件逐条列出：由哪些环节或内容承载、期限、表单，由哪些情景或测试证明。
本文件由 `zuozhen coverage --write docs/coverage.md` 生成，测试核对它与流程包一致；请勿手改。
"""
MOST_STORIES: Final = 3
_INNER: Final = str.maketrans("“”", "‘’")
_COLUMNS: Final = ("条款", "规定", "环节或内容", "期限", "表单", "情景/测试")


def markdown(packs: Sequence[Proved]) -> str:
    """Return the whole file, one section for each pack."""
    return HEAD + "".join(f"\n{section(each)}" for each in packs)


def section(known: Proved) -> str:
    """Return the part of the file about one pack."""
    pack, proof = known.pack, known.proof
    beyond = sum(bool(row.clause.not_software) for row in proof.rows)
    rules = f"共 {len(proof.rows)} 条，其中 {len(proof.rows) - beyond} 条由软件承载，{beyond} 条不属软件。"
    lines = [
        f"## {pack.title}（{pack.notice.number}）",
        "",
        f"{rules}{known.stories} 个情景走到：{in_words(known.coverage)}。",
        "",
        _line(_COLUMNS),
        _line(["---"] * len(_COLUMNS)),
        *(_line(_cells(row)) for row in proof.rows),
    ]
    return "\n".join(lines) + "\n"


def in_words(found: Coverage) -> str:
    """Return ``任务 20/20、时限 9/9、结束 8/8、环节 87/87、连线 104/104``."""
    return "、".join(f"{name} {reached}/{wanted}" for name, reached, wanted in found.counts)


def _cells(row: Row) -> list[str]:
    clause = row.clause
    if clause.not_software:
        return [f"{clause.id} {clause.section}", clause.text, f"不属软件：{clause.not_software}", "", "", ""]
    return [
        f"{clause.id} {clause.section}",
        clause.text,
        "、".join(row.carriers),
        "；".join(row.deadlines),
        "、".join(row.forms),
        "；".join(filter(None, [_stories(row.stories), *row.checks])),
    ]


def _stories(names: Sequence[str]) -> str:
    shown = "、".join(f"“{name.translate(_INNER)}”" for name in names[:MOST_STORIES])
    return f"{shown} 等 {len(names)} 个情景" if len(names) > MOST_STORIES else shown


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "／").replace("\n", " ") for cell in cells) + " |"
