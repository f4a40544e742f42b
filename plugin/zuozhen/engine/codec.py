"""A case as a few hundred bytes: one version byte, then zstd-compressed MessagePack.

Tokens are rows in tree order; variables are stored as the difference to the parent. There are no
type tags, so no variable name or value can be mistaken for one.
"""

from __future__ import annotations

import threading
from typing import Any

import msgpack
import zstandard
from SpiffWorkflow.util.task import TaskState

from zuozhen.engine.journal import Journal
from zuozhen.engine.workflow import CaseWorkflow, SubWorkflow, Token
from zuozhen.model.errors import EngineError

VERSION = 1
MAX_STATE_BYTES = 16 * 1024 * 1024

_MISSING = object()
_COMPLETED: int = TaskState.COMPLETED
_PREFIX = 16
REQUIRED = 6
"""Leading columns every row has; trailing empty ones are left out."""
_ABSENT: list[Any] = [None, None, None, None, False]


class _Compressors(threading.local):
    """zstd contexts are not safe to share between threads."""

    def __init__(self) -> None:
        self.compress = zstandard.ZstdCompressor(
            level=3, write_checksum=False, write_content_size=True
        ).compress
        self.decompress = zstandard.ZstdDecompressor().decompress


_ZSTD = _Compressors()


def check_json(variables: Any) -> None:
    """Raise :class:`EngineError` unless the values are JSON (no dates, sets, bytes, NaN, huge integers)."""
    _check(variables, "变量", 0)


def _check(value: Any, place: str, depth: int) -> None:
    kind = type(value)
    if value is None or kind in (str, bool):
        return
    if kind is int and -(2**63) <= value < 2**63:
        return
    if kind is float and value - value == 0:
        return
    if depth > 50:
        raise _not_json(place, "嵌套过深")
    if kind is list:
        for number, item in enumerate(value, start=1):
            _check(item, f"{place}第{number}项", depth + 1)
        return
    if isinstance(value, dict):
        for name, item in value.items():
            if type(name) is not str:
                raise _not_json(place, f"名称 {name!r} 不是文本")
            _check(item, f"{place}.{name}" if depth else name, depth + 1)
        return
    raise _not_json(place, f"{kind.__name__} 不是JSON类型")


def _not_json(place: str, what: str) -> EngineError:
    return EngineError(
        f"“{place}”不能保存：{what}", hint="变量只能是文本、数字、是否、列表和对象；日期写成2026-01-01"
    )


def dump(case: CaseWorkflow, process_id: str) -> bytes:
    """Return the state of a case as bytes. Raises :class:`EngineError` for values that are not JSON."""
    prefixes: dict[str, int] = {}
    inner = [(*_identity(sub.owner.id, prefixes), _rows(sub, prefixes)) for sub in _outer_first(case)]
    rows = _rows(case, prefixes)
    document = (process_id, case.counter, "".join(prefixes), rows, inner)
    try:
        packed = msgpack.packb(document, default=_refuse)
    except (TypeError, ValueError, OverflowError) as error:
        raise EngineError(
            f"办件变量不能保存：{error}", hint="变量只能是文本、数字、是否、列表和对象"
        ) from error
    return bytes((VERSION,)) + _ZSTD.compress(packed)


def _outer_first(case: CaseWorkflow) -> list[Any]:
    return sorted(case.subprocesses.values(), key=lambda sub: sub.depth)


def _refuse(value: Any) -> Any:
    raise TypeError(f"{type(value).__name__} 不是JSON类型")


def _identity(token_id: str, prefixes: dict[str, int]) -> tuple[int, int]:
    prefix = token_id[:_PREFIX]
    return prefixes.setdefault(prefix, len(prefixes)), int(token_id[_PREFIX:], 16)


def _rows(workflow: Any, prefixes: dict[str, int]) -> list[Any]:
    rows: list[Any] = []
    position: dict[str, int] = {}
    for token in _tree_order(workflow):
        parent = workflow.tasks.get(token._parent)
        position[token.id] = len(rows)
        row = [
            *_identity(token.id, prefixes),
            -1 if parent is None else position[parent.id],
            token._state,
            token.last_state_change,
            token.task_spec.name,
            *_written(token, parent or workflow.origin),
            token.internal_data,
            token.triggered,
        ]
        while not row[-1] and len(row) > REQUIRED:
            row.pop()
        rows.append(row)
    return [workflow.ended, rows]


def _written(token: Token, origin: Token | None) -> tuple[dict[str, Any], list[int], list[str]]:
    """Return what differs from the variables of ``origin``: (values, their stamps, names not known)."""
    data, stamps = token.data, token.stamps
    if origin is None:
        return dict(data), [stamps.get(name, 0) for name in data], []
    old, old_stamps = origin.data, origin.stamps
    if data is old:
        return {}, [], []
    values = {
        name: value
        for name, value in data.items()
        if old.get(name, _MISSING) is not value or stamps.get(name) != old_stamps.get(name)
    }
    return values, [stamps.get(name, 0) for name in values], [name for name in old if name not in data]


def _tree_order(workflow: Any) -> list[Any]:
    """Return all nodes, parents before children, siblings in order."""
    ordered: list[Any] = []
    pending = [workflow.task_tree]
    while pending:
        token = pending.pop()
        ordered.append(token)
        pending.extend(workflow.tasks[child] for child in reversed(token._children))
    return ordered


def load(state: bytes, specs: Any, process_id: str, journal: Journal, prefix: str) -> CaseWorkflow:
    """Return the case stored in ``state``, running under the given specifications.

    Raises :class:`EngineError` if the bytes are of another version, damaged, of another process, or
    name an element the diagram no longer has.
    """
    found, counter, prefixes, rows, inner = _unpack(state)
    if found != process_id:
        raise EngineError(f"办件属于流程 {found}，不是 {process_id}", hint="请刷新后重试")
    case = CaseWorkflow(specs[process_id], specs, journal, prefix, counter)
    try:
        _fill_all(case, prefixes, rows, inner)
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        raise EngineError("办件状态已损坏", hint="请从历史快照恢复") from error
    return case


def _fill_all(case: CaseWorkflow, prefixes: str, rows: Any, inner: Any) -> None:
    known = [prefixes[start : start + _PREFIX] for start in range(0, len(prefixes), _PREFIX)]
    _fill(case, rows, known)
    for prefix_number, number, sub_rows in inner:
        owner = case.find(f"{known[prefix_number]}{number:016x}")
        if owner is None:
            raise EngineError("办件状态已损坏：子流程没有所属环节", hint="请从历史快照恢复")
        sub = SubWorkflow(case.subprocess_specs[owner.task_spec.spec], owner)
        case.subprocesses[owner.id] = sub
        _fill(sub, sub_rows, known)


def _unpack(state: bytes) -> Any:
    if not state or state[0] != VERSION:
        raise EngineError("办件状态的版本不受支持", hint="请升级系统或从历史快照恢复")
    try:
        if zstandard.get_frame_parameters(state[1:]).content_size > MAX_STATE_BYTES:
            raise ValueError("too large")
        packed = _ZSTD.decompress(state[1:])
        process_id, counter, prefixes, rows, inner = msgpack.unpackb(packed, strict_map_key=True)
        return process_id, counter, prefixes, rows, inner
    except (zstandard.ZstdError, ValueError, TypeError, msgpack.exceptions.UnpackException) as error:
        raise EngineError("办件状态已损坏", hint="请从历史快照恢复") from error


def _fill(workflow: Any, stored: Any, prefixes: list[str]) -> None:
    workflow.ended, rows = stored
    specs, tasks = workflow.spec.task_specs, workflow.tasks
    order: list[Token] = []
    for row in rows:
        prefix, number, parent_position, state, since, name, *more = row
        values, stamps, unknown, internal, triggered = more + _ABSENT[len(more) :]
        spec = specs.get(name)
        if spec is None:
            raise EngineError(
                f"办件停在环节 {name}，但流程图中已没有它", element_id=name, hint="请先迁移办件"
            )
        token = Token.__new__(Token)
        token.id = token_id = f"{prefixes[prefix]}{number:016x}"
        token.workflow, token.task_spec, token.triggered, token.thread_id = workflow, spec, triggered, 0
        token.last_state_change, token._state, token._children = since, state, []
        token.internal_data = internal or {}
        parent = order[parent_position] if parent_position >= 0 else None
        token._parent = None
        if parent is not None:
            token._parent = parent.id
            parent._children.append(token_id)
        _remember(token, parent or workflow.origin, values, stamps, unknown)
        tasks[token_id] = token
        order.append(token)
    workflow.task_tree = order[0]


def _remember(token: Any, origin: Any, values: Any, stamps: Any, unknown: Any) -> None:
    """Restore the variables of a token: the inverse of :func:`_written`."""
    if origin is not None and not values and not unknown:
        token.data, token.stamps = origin.data, origin.stamps
        return
    token.data = {**origin.data, **(values or {})} if origin is not None else (values or {})
    token.stamps = dict(origin.stamps) if origin is not None else {}
    for name, stamp in zip(values or (), stamps or (), strict=True):
        if stamp:
            token.stamps[name] = stamp
        else:
            token.stamps.pop(name, None)
    for name in unknown or ():
        del token.data[name]
        token.stamps.pop(name, None)
