"""Deployments, definitions and starts in the words of Camunda 7, for its desktop modeler."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from zuozhen.model.errors import Invalid, NotFound
from zuozhen.services.actors import Actor
from zuozhen.services.context import Context
from zuozhen.services.deployment import deploy
from zuozhen.services.registration import Registered, register, start_by_hand
from zuozhen.services.releases import Release
from zuozhen.services.studio import workspace
from zuozhen.services.studio.deploying import NOT_RUN, scenario_findings
from zuozhen.services.studio.importing import Upload, merged
from zuozhen.services.studio.versions import release_of, version, versions
from zuozhen.services.studio.workspace import StaleDraft
from zuozhen.services.tasks import as_formdata
from zuozhen.store.tables import CASE_ENDED, Case

TIME_FOR_SCENARIOS: Final = 20.0
"""Seconds; the desktop modeler waits for its answer. What was not run is noted with the release."""
SOURCE: Final = "zuozhen"


@dataclass(frozen=True, slots=True)
class Definition:
    """One process of a release; ``id`` is key, version and release: ``case:3:0198…``."""

    tenant: int
    id: str
    key: str
    name: str
    version: int
    resource: str
    release_id: UUID


@dataclass(frozen=True, slots=True)
class Deployment:
    """A release as a deployment; ``definitions`` are its processes, the one that people begin first."""

    tenant: int
    id: UUID
    name: str
    source: str
    at: datetime
    definitions: tuple[Definition, ...]


@dataclass(frozen=True, slots=True)
class Started:
    """A case that was started; ``number`` is what it is called by, if it has one."""

    id: UUID
    definition: Definition
    number: str
    ended: bool


def deployments(context: Context, tenant: int) -> tuple[Deployment, ...]:
    """Return every release, the newest first; without definitions."""
    return tuple(
        Deployment(tenant, known.id, known.note, SOURCE, known.at, ()) for known in versions(context, tenant)
    )


def definitions(context: Context, tenant: int) -> tuple[Definition, ...]:
    """Return the processes of the live release."""
    with context.database.read() as session:
        return _definitions(context.releases.live(session, tenant))


def deploy_uploads(
    context: Context,
    actor: Actor,
    uploads: Sequence[Upload],
    *,
    name: str,
    source: str,
    reasons: Mapping[str, str] | None = None,
) -> Deployment:
    """Deploy the live release with the uploaded files in their places; the same content is deployed once.

    Its scenarios are run before, as far as the time allows; ``reasons`` let warnings pass by their code.

    The draft takes the uploaded files over, so that its next deployment does not undo this one; what it had
    there stays among the revisions.

    Raises:
        ContentError, Unexplained: the check found errors, or warnings without a reason.
        Invalid: nothing uploaded, or a file that is no part of a pack.
        Conflict: somebody deploys at this moment.
    """
    if not uploads:
        raise Invalid("没有要部署的文件。", hint="请附上流程图（.bpmn）。")
    with context.database.read() as session:
        live = context.releases.live(session, actor.tenant)
    files = merged(live.slug, live.pack.diagram_path, live.files, list(uploads))
    found = scenario_findings(context, files, live.slug, within=TIME_FOR_SCENARIOS)
    done = deploy(
        context,
        files,
        note=name,
        actor=actor,
        found=found,
        reasons={NOT_RUN: f"由 {source} 部署，时间不够", **(reasons or {})},
        strict=True,
        over=live.version,
    )
    _follow(context, actor, live.files, files, f"与 {source} 部署的第 {done.version} 版一致")
    deployed = version(context, actor.tenant, done.version)
    release = release_of(context, actor.tenant, done.version)
    return Deployment(actor.tenant, deployed.id, deployed.note, source, deployed.at, _definitions(release))


def start(
    context: Context, actor: Actor, definition: Definition, variables: Mapping[str, Any], channel: str
) -> Started:
    """Start a case by its start form; ``variables`` are the answers by field key.

    Raises:
        Invalid: the form has problems, or the definition is not of the live version.
        Forbidden: the actor may not start this process by hand.
    """
    with context.database.read() as session:
        release = context.releases.live(session, actor.tenant)
    if definition.release_id != release.id:
        raise Invalid(f"第 {definition.version} 版已不是现行版本，新办件只能按第 {release.version} 版启动。")
    role = next(role for role, known in release.pack.processes.items() if known == definition.key)
    formdata = as_formdata(variables)
    if role == "case":
        first = release.pack.channels[0].id if release.pack.channels else ""
        outcome: Any = register(context, actor, formdata, channel=channel or first)
        case_id = outcome.case_id if isinstance(outcome, Registered) else None
    else:
        outcome = start_by_hand(context, actor, formdata, role)
        case_id = outcome if isinstance(outcome, UUID) else None
    if case_id is None:
        problems = outcome.bound.problems if outcome.bound is not None else ()
        raise Invalid("开始表单填写有误，没有启动。", problems)
    with context.database.read() as session:
        case = session.get_one(Case, (actor.tenant, case_id))
        return Started(case_id, definition, case.number or "", case.status == CASE_ENDED)


def definition_of(context: Context, tenant: int, *, id: str = "", key: str = "") -> Definition:
    """Return a process by its id, of whatever version, or by its key in the live release.

    Raises:
        NotFound: there is none.
    """
    if key:
        found = next((known for known in definitions(context, tenant) if known.key == key), None)
    else:
        found = _by_id(context, tenant, id)
    if found is None:
        raise NotFound(f"没有流程“{(id or key)[:80]}”。")
    return found


def _by_id(context: Context, tenant: int, id_: str) -> Definition | None:
    release_id = id_.rpartition(":")[2]
    if release_id not in {str(known.id) for known in versions(context, tenant)}:
        return None
    with context.database.read() as session:
        release = context.releases.get(session, tenant, UUID(release_id))
    return next((known for known in _definitions(release) if known.id == id_), None)


def _definitions(release: Release) -> tuple[Definition, ...]:
    """Return the processes that the pack names, in its order: the modeler starts the first."""
    processes = release.diagram.processes
    ordered = sorted(release.pack.processes.items(), key=lambda item: item[0] != "case")
    return tuple(
        Definition(
            release.tenant,
            f"{key}:{release.version}:{release.id}",
            key,
            processes[key].name,
            release.version,
            release.pack.diagram_path,
            release.id,
        )
        for _, key in ordered
        if key in processes
    )


def _follow(
    context: Context, actor: Actor, old: Mapping[str, bytes], new: Mapping[str, bytes], note: str
) -> None:
    """Give the draft the files that a deployment from outside has changed, where it had others of its own."""
    changed = {path for path in (*old, *new) if old.get(path) != new.get(path)}
    for change in workspace.changes(context, actor.tenant):
        if change.path in changed:
            try:
                workspace.save_file(
                    context, actor, change.path, new.get(change.path), rev=change.rev, note=note
                )
            except StaleDraft:  # somebody saves there now: the overview tells that the file is outdated
                workspace.drop_autosave(context, actor, change.path)
