"""The forms of the draft: list, adding, deleting, and the form editor."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from zuozhen.formjs.hints import HINTS, palette
from zuozhen.model.errors import Conflict, Invalid, NotFound
from zuozhen.services import accounts
from zuozhen.services.studio import formfiles, workspace
from zuozhen.services.studio.workspace import Autosave, DraftFile
from zuozhen.web.identity import admin_only, context, current_actor

blueprint = Blueprint("zuozhen_studio_forms", __name__)


@blueprint.get("/studio/forms")
@admin_only(accounts.ADMIN_SYSTEM)
def index() -> ResponseReturnValue:
    entries = formfiles.form_entries(context(), current_actor().tenant)
    return render_template("zuozhen/studio/forms.html", forms=entries)


@blueprint.route("/studio/forms/new", methods=["GET", "POST"])
@admin_only(accounts.ADMIN_SYSTEM)
def new() -> ResponseReturnValue:
    """Add a form, empty or as a copy; what was typed is shown again with what is wrong."""
    typed = {name: request.form.get(name, "") for name in ("key", "title", "copy_of")}
    problems: dict[str, str] = {}
    status = 200
    if request.method == "GET":
        typed["copy_of"] = request.args.get("copy_of", "")[:60]
    else:
        try:
            key = formfiles.new_form(
                context(),
                current_actor(),
                typed["key"].strip(),
                typed["title"],
                copy_of=typed["copy_of"],
            )
        except Invalid as error:
            problems = {problem.field: problem.message for problem in error.problems}
            status = error.status
        except (Conflict, NotFound) as error:
            problems = {"key" if error.status == 409 else "copy_of": f"{error.message}{error.hint}"}
            status = error.status
        else:
            return redirect(url_for(".edit", key=key))
    entries = formfiles.form_entries(context(), current_actor().tenant)
    page = render_template("zuozhen/studio/form_new.html", typed=typed, problems=problems, forms=entries)
    return page, status


@blueprint.get("/studio/forms/<key>")
@admin_only(accounts.ADMIN_SYSTEM)
def edit(key: str) -> ResponseReturnValue:
    actor = current_actor()
    entry = formfiles.form_entry(context(), actor.tenant, key)
    file = workspace.read_file(context(), actor.tenant, entry.path)
    kept = unsaved(file)
    config = {**file_config(file, kept), "key": entry.key, **_offered(actor.tenant)}
    config["content"] = file.content.decode(errors="replace")
    return render_template("zuozhen/studio/form.html", form=entry, config=config, kept=kept)


@blueprint.post("/studio/forms/<key>/delete")
@admin_only(accounts.ADMIN_SYSTEM)
def delete(key: str) -> ResponseReturnValue:
    rev = request.form.get("rev", "")
    if not (rev.isascii() and rev.isdigit() and len(rev) < 10):
        raise Invalid("请从表单列表中删除。", hint="请返回表单列表，刷新后重试。")
    gone = formfiles.delete_form(context(), current_actor(), key, rev=int(rev))
    flash(f"已从草稿中删除表单“{gone.title}”，部署后生效；可在修改记录中找回。")
    return redirect(url_for(".index"))


def unsaved(file: DraftFile) -> Autosave | None:
    """Return what the person has typed and not saved, if it is not what the file holds anyway."""
    kept = workspace.own_autosave(context(), current_actor(), file.path)
    return kept if kept is not None and kept.content != file.content else None


def file_config(file: DraftFile, kept: Autosave | None) -> dict[str, Any]:
    """Return what the script of an editor has to know of its file."""
    return {
        "path": file.path,
        "rev": file.rev,
        "kept": {"content": kept.content.decode(errors="replace"), "rev": kept.base_rev} if kept else None,
        "urls": {
            "save": url_for("zuozhen_studio_workspace.save_file", path=file.path),
            "autosave": url_for("zuozhen_studio_workspace.autosave", path=file.path),
            "check": url_for("zuozhen_studio_checking.check"),
        },
    }


def _offered(tenant: int) -> dict[str, Any]:
    """Return what the editor offers: what the server's forms know, and nothing else."""
    return {
        "types": palette(),
        "hints": [{**asdict(hint), "on": sorted(hint.on)} for hint in HINTS],
        "lists": [list(pair) for pair in formfiles.option_lists(context(), tenant)],
    }
