"""The draft: overlay of the live release, numbered saves, conflicts that lose nothing."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from tests.builders import DIAGRAM, SLUG, TENANT, Office, edited, pack_files
from tests.store.running import in_threads

from zuozhen.model.errors import Conflict, Forbidden, Invalid, NotFound
from zuozhen.packs.bundle import fingerprint
from zuozhen.services.actors import Actor
from zuozhen.services.deployment import deploy
from zuozhen.services.studio import workspace
from zuozhen.services.studio.workspace import StaleDraft

FORM = f"forms/{SLUG}/accept.json"
LETTER = f"templates/message/{SLUG}/accepted.txt"
NEW = f"forms/{SLUG}/legal_review.json"


@pytest.fixture
def wang(any_office: Office) -> Actor:
    return any_office.person("wang", admin="system")


@pytest.fixture
def li(any_office: Office) -> Actor:
    return any_office.person("li", admin="system")


def save(office: Office, actor: Actor, path: str, text: str, rev: int) -> int:
    return workspace.save_file(office.context, actor, path, text.encode(), rev=rev)


def test_an_untouched_draft_is_the_live_release(any_office: Office) -> None:
    context = any_office.context
    assert workspace.files(context, TENANT) == pack_files()
    assert workspace.changes(context, TENANT) == ()
    first = workspace.read_file(context, TENANT, FORM)
    assert (first.rev, first.changed, first.updated_by, first.updated_at) == (0, False, "", None)
    assert workspace.slug(context, TENANT) == SLUG
    assert workspace.diagram_path(context, TENANT) == DIAGRAM
    assert workspace.manifest_path(context, TENANT) == f"processes/{SLUG}/pack.toml"
    with pytest.raises(NotFound):
        workspace.read_file(context, TENANT, NEW)


def test_a_save_changes_the_draft_and_nothing_live(any_office: Office, wang: Actor) -> None:
    context = any_office.context
    assert save(any_office, wang, LETTER, "一\n正文", 0) == 1
    assert save(any_office, wang, LETTER, "二\n正文", 1) == 2
    assert save(any_office, wang, NEW, "{}", 0) == 1
    assert workspace.save_file(context, wang, FORM, None, rev=0) == 1
    files = workspace.files(context, TENANT)
    assert files[LETTER] == "二\n正文".encode() and files[NEW] == b"{}" and FORM not in files
    assert {c.path: (c.kind, c.rev, c.updated_by) for c in workspace.changes(context, TENANT)} == {
        LETTER: ("changed", 2, "测试wang"),
        NEW: ("added", 1, "测试wang"),
        FORM: ("removed", 1, "测试wang"),
    }
    known = {entry.path: entry for entry in workspace.entries(context, TENANT)}
    assert known[LETTER].changed and known[LETTER].rev == 2 and not known[DIAGRAM].changed
    assert {path: entry.content for path, entry in known.items()} == files
    with context.database.read() as session:
        assert context.releases.live(session, TENANT).files == pack_files()


def test_every_revision_stays_readable(any_office: Office, wang: Actor) -> None:
    context = any_office.context
    save(any_office, wang, LETTER, "一", 0)
    workspace.save_file(context, wang, LETTER, b"2", rev=1, note=" 改称呼 ")
    workspace.save_file(context, wang, LETTER, None, rev=2)
    workspace.discard(context, wang, LETTER)
    listed = workspace.revisions(context, TENANT, LETTER)
    assert [(r.rev, r.note) for r in listed] == [
        (4, "放弃修改，恢复为现行版本"),
        (3, ""),
        (2, "改称呼"),
        (1, ""),
    ]
    contents = [workspace.revision(context, TENANT, LETTER, rev).content for rev in (1, 2, 3, 4)]
    assert contents == ["一".encode(), b"2", None, pack_files()[LETTER]]
    with pytest.raises(NotFound):
        workspace.revision(context, TENANT, LETTER, 5)


def test_who_saves_second_is_told_and_loses_nothing(any_office: Office, wang: Actor, li: Actor) -> None:
    context = any_office.context
    save(any_office, wang, LETTER, "王的", 0)
    with pytest.raises(StaleDraft) as caught:
        save(any_office, li, LETTER, "李的", 0)
    stale = caught.value
    assert (stale.rev, stale.by, stale.content, stale.status) == (1, "测试wang", "王的".encode(), 409)
    assert stale.at == any_office.clock()
    kept = workspace.own_autosave(context, li, LETTER)
    assert kept is not None and (kept.content, kept.base_rev) == ("李的".encode(), 0)
    assert workspace.own_autosave(context, wang, LETTER) is None
    assert workspace.read_file(context, TENANT, LETTER).content == "王的".encode()
    assert save(any_office, li, LETTER, "两人的", 1) == 2
    assert workspace.own_autosave(context, li, LETTER) is None


def test_of_many_simultaneous_saves_one_wins(any_office: Office) -> None:
    people = [any_office.person(f"p{number}", admin="system") for number in range(6)]

    def work(index: int) -> int:
        return save(any_office, people[index], LETTER, f"第{index}人", 0)

    outcomes = in_threads(len(people), work)
    winners = [index for index, outcome in enumerate(outcomes) if outcome == 1]
    assert len(winners) == 1, outcomes
    assert workspace.read_file(any_office.context, TENANT, LETTER).content == f"第{winners[0]}人".encode()
    assert len(workspace.revisions(any_office.context, TENANT, LETTER)) == 1
    for index, outcome in enumerate(outcomes):
        kept = workspace.own_autosave(any_office.context, people[index], LETTER)
        if index == winners[0]:
            assert kept is None
        else:
            assert isinstance(outcome, StaleDraft) and outcome.by == f"测试p{winners[0]}"
            assert kept is not None and kept.content == f"第{index}人".encode()


def test_the_same_text_twice_is_one_revision_and_no_conflict(
    any_office: Office, wang: Actor, li: Actor
) -> None:
    assert save(any_office, wang, LETTER, "一", 0) == 1
    assert save(any_office, wang, LETTER, "一", 1) == 1
    assert save(any_office, li, LETTER, "一", 0) == 1
    assert len(workspace.revisions(any_office.context, TENANT, LETTER)) == 1


def test_a_number_is_never_used_again(any_office: Office, wang: Actor, li: Actor) -> None:
    context = any_office.context
    save(any_office, wang, LETTER, "一", 0)
    assert workspace.discard(context, wang, LETTER) == (LETTER,)
    assert workspace.changes(context, TENANT) == ()
    assert workspace.read_file(context, TENANT, LETTER).rev == 2
    with pytest.raises(StaleDraft):  # both read before the discard
        save(any_office, li, LETTER, "二", 1)
    with pytest.raises(StaleDraft):
        save(any_office, li, LETTER, "二", 0)
    assert save(any_office, li, LETTER, "二", 2) == 3
    with pytest.raises(NotFound):
        workspace.discard(context, wang, NEW)
    assert workspace.discard(context, wang, None) == (LETTER,)
    assert workspace.discard(context, wang, None) == ()


def test_saving_the_live_text_again_leaves_no_change(any_office: Office, wang: Actor) -> None:
    live = pack_files()[LETTER].decode()
    save(any_office, wang, LETTER, "一", 0)
    assert save(any_office, wang, LETTER, live, 1) == 2
    assert workspace.changes(any_office.context, TENANT) == ()
    assert workspace.read_file(any_office.context, TENANT, LETTER).rev == 2


def test_deploying_the_draft_empties_it_and_keeps_the_numbers(any_office: Office, wang: Actor) -> None:
    context = any_office.context
    text = pack_files()[LETTER].decode() + "（请留意）\n"
    save(any_office, wang, LETTER, text, 0)
    workspace.save_file(context, wang, f"templates/print/{SLUG}/qr.html", None, rev=0)
    deploy(context, workspace.files(context, TENANT), actor=wang)
    assert workspace.changes(context, TENANT) == ()
    assert workspace.read_file(context, TENANT, LETTER).rev == 1
    assert workspace.read_file(context, TENANT, LETTER).content == text.encode()
    assert save(any_office, wang, LETTER, "下一次", 1) == 2


def test_a_save_after_the_deployment_was_read_stays_a_change(any_office: Office, wang: Actor) -> None:
    context = any_office.context
    save(any_office, wang, LETTER, "甲\n乙", 0)
    shown = workspace.files(context, TENANT)
    save(any_office, wang, LETTER, "丙\n丁", 1)
    deploy(context, shown, actor=wang)
    assert [(c.path, c.outdated) for c in workspace.changes(context, TENANT)] == [(LETTER, True)]
    assert workspace.read_file(context, TENANT, LETTER).content == "丙\n丁".encode()


def test_a_file_deployed_from_elsewhere_under_an_open_editor(any_office: Office, wang: Actor) -> None:
    """The editor shows revision 0; the command line deploys another content; the save must not undo it."""
    context = any_office.context
    save(any_office, wang, FORM, pack_files()[FORM].decode() + "\n", 0)
    other = edited(pack_files(), DIAGRAM, "workdays(2)", "workdays(3)")
    deploy(context, {**other, FORM: pack_files()[FORM] + b"\n\n"}, note="命令行")
    with pytest.raises(StaleDraft) as caught:
        save(any_office, wang, DIAGRAM, "<old/>", 0)
    assert caught.value.content == other[DIAGRAM] and caught.value.rev == 1
    (change,) = workspace.changes(context, TENANT)
    assert (change.path, change.outdated) == (FORM, True)
    assert [r.note for r in workspace.revisions(context, TENANT, DIAGRAM)] == ["部署第 2 版"]


def test_the_whole_draft_at_once(any_office: Office, wang: Actor) -> None:
    context = any_office.context
    save(any_office, wang, NEW, "{}", 0)
    shown = fingerprint(workspace.files(context, TENANT))
    wanted = edited(pack_files(), DIAGRAM, "workdays(2)", "workdays(3)")
    assert workspace.save_all(context, wang, wanted, shown=shown, note="导入") == (NEW, DIAGRAM)
    assert workspace.files(context, TENANT) == wanted
    with pytest.raises(Conflict):
        workspace.save_all(context, wang, pack_files(), shown=shown, note="导入")
    with pytest.raises(Invalid, match="530381"):
        shown = fingerprint(wanted)
        workspace.save_all(context, wang, {**wanted, "forms/999999-b/a.json": b""}, shown=shown, note="")
    assert workspace.files(context, TENANT) == wanted


@pytest.mark.parametrize(
    "path",
    [
        "forms/530602-zhaoyang/accept.json",
        "forms/_common/accept.json",
        f"forms/{SLUG}/../x.json",
        f"forms/{SLUG}//x.json",
        f"/forms/{SLUG}/x.json",
        f"processes/{SLUG}/run.py",
        f"processes/{SLUG}/x\n.toml",
        f"processes/{SLUG}/\ud800.toml",
        f"scripts/{SLUG}/x.json",
        f"forms/{SLUG}.json",
        f"forms/{SLUG}/ACCEPT.json",
        f"forms/{SLUG}/{'长' * 200}.json",
        "pack.toml",
        "",
    ],
)
def test_paths_that_nobody_may_write(office: Office, path: str) -> None:
    actor = office.person("wang", admin="system")
    with pytest.raises(Invalid, match="没有保存"):
        workspace.save_file(office.context, actor, path, b"x", rev=0)
    with pytest.raises(Invalid):
        workspace.autosave(office.context, actor, path, b"x", rev=0)
    assert workspace.changes(office.context, TENANT) == () == workspace.own_autosaves(office.context, actor)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a\0b", b"x" * 5_000_001], ids=["latin", "nul", "large"])
def test_contents_that_nobody_may_write(office: Office, content: bytes) -> None:
    actor = office.person("wang", admin="system")
    with pytest.raises(Invalid):
        workspace.save_file(office.context, actor, FORM, content, rev=0)


def test_autosaves_belong_to_one_person_and_never_conflict(
    any_office: Office, wang: Actor, li: Actor
) -> None:
    context = any_office.context
    workspace.autosave(context, wang, LETTER, b"1", rev=0)
    workspace.autosave(context, wang, LETTER, b"2", rev=7)
    workspace.autosave(context, li, LETTER, b"3", rev=0)
    workspace.autosave(context, wang, FORM, b"4", rev=0)
    mine = workspace.own_autosaves(context, wang)
    assert {(a.path, a.content, a.base_rev) for a in mine} == {(LETTER, b"2", 7), (FORM, b"4", 0)}
    workspace.drop_autosave(context, wang, LETTER)
    assert [a.path for a in workspace.own_autosaves(context, wang)] == [FORM]
    assert [a.content for a in workspace.own_autosaves(context, li)] == [b"3"]
    with pytest.raises(Forbidden):
        workspace.autosave(context, Actor(TENANT, "系统"), FORM, b"5", rev=0)


def test_a_broken_manifest_does_not_hide_the_diagram(office: Office) -> None:
    actor = office.person("wang", admin="system")
    manifest = workspace.manifest_path(office.context, TENANT)
    for text in ("diagram = ", "diagram = 5", "diagram = 'nowhere.bpmn'", "[" * 5000):
        rev = workspace.rev_of(office.context, TENANT, manifest)
        save(office, actor, manifest, text, rev)
        assert workspace.diagram_path(office.context, TENANT) == DIAGRAM


@pytest.fixture(scope="module")
def machine_office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return Office.create(tmp_path_factory.mktemp("machine"))


def test_any_sequence_of_edits(machine_office: Office) -> None:
    """A model beside the draft: content, number and change of each file after any sequence of acts."""
    office = machine_office
    actor = office.person("wang", admin="system")
    paths = st.sampled_from([LETTER, FORM, NEW])

    class Edits(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            workspace.discard(office.context, actor, None)
            self.live = workspace.files(office.context, TENANT)
            self.wanted = dict(self.live)
            self.revs = {path: workspace.rev_of(office.context, TENANT, path) for path in (LETTER, FORM, NEW)}

        @rule(path=paths, text=st.none() | st.sampled_from(["甲", "乙"]), behind=st.booleans())
        def save(self, path: str, text: str | None, behind: bool) -> None:
            content = text.encode() if text is not None else None
            same = content == self.wanted.get(path)
            try:
                rev = workspace.save_file(
                    office.context, actor, path, content, rev=self.revs[path] + (1 if behind else 0)
                )
            except StaleDraft as stale:
                assert behind and not same and stale.rev == self.revs[path]
                return
            assert same or not behind
            assert rev == self.revs[path] + (0 if same else 1)
            self.revs[path] = rev
            self.wanted.pop(path, None)
            if content is not None:
                self.wanted[path] = content

        @rule(path=paths)
        def discard(self, path: str) -> None:
            changed = self.wanted.get(path) != self.live.get(path)
            try:
                workspace.discard(office.context, actor, path)
            except NotFound:
                assert not changed
                return
            assert changed
            self.revs[path] += 1
            self.wanted.pop(path, None)
            if path in self.live:
                self.wanted[path] = self.live[path]

        @invariant()
        def as_expected(self) -> None:
            assert workspace.files(office.context, TENANT) == self.wanted
            changed = {p for p in (LETTER, FORM, NEW) if self.wanted.get(p) != self.live.get(p)}
            assert {c.path for c in workspace.changes(office.context, TENANT)} == changed
            for path, rev in self.revs.items():
                assert workspace.rev_of(office.context, TENANT, path) == rev
                assert rev == len(workspace.revisions(office.context, TENANT, path))

    run = Edits.TestCase()
    run.settings = settings(
        max_examples=25, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run.runTest()
