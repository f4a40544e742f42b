"""Command line: serve, worker, check, deploy, walk, accounts. Every command says in Chinese what it did."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from zuozhen import __version__
from zuozhen.app import build_context, build_worker, content_roots, create_app
from zuozhen.documents import Renderer
from zuozhen.model.difference import AREA_NAMES
from zuozhen.model.errors import ContentError, Finding, ZuozhenError
from zuozhen.packs import Library, Pack, unbundle
from zuozhen.services import accounts, clauses, demo, units
from zuozhen.services.actors import Actor
from zuozhen.services.archive import verify_file
from zuozhen.services.checking import check_files
from zuozhen.services.checkinghere import check_here, unknown_here
from zuozhen.services.context import Context
from zuozhen.services.datemoves import date_moves
from zuozhen.services.deployment import Unexplained, releases_of
from zuozhen.services.deployment import deploy as deploy_pack
from zuozhen.services.jurisdictions import jurisdictions
from zuozhen.services.migrating import Preview
from zuozhen.services.scenarios import Scenario, load_scenarios
from zuozhen.services.scenariosettings import content_for
from zuozhen.services.scratch import Content, Parts, blank_database, open_scratch, read_content
from zuozhen.services.studio import workspace
from zuozhen.services.studio.calendars import moved_dues
from zuozhen.services.studio.comparing import compare
from zuozhen.services.studio.coverage import Visits, visits_of
from zuozhen.services.studio.coverage import coverage as coverage_of
from zuozhen.services.studio.deploying import scenario_findings
from zuozhen.services.studio.folders import write_pack
from zuozhen.services.studio.sides import files_of
from zuozhen.services.studio.trying import ScenarioResult
from zuozhen.services.walking import Walker
from zuozhen.settings import Settings, load_settings
from zuozhen.store.database import Database


@click.group(help="坐诊接诉：局长坐诊接诉的流程平台。")
@click.version_option(__version__)
def cli() -> None:
    """Group of commands."""


@cli.command(help="启动网站与后台任务（同一进程）。")
@click.option("--demo", "with_demo", is_flag=True, help="加入演示账号（随机密码）和几件样例诉求。")
@click.option("--no-worker", is_flag=True, help="不在本进程运行后台任务（另行运行 zuozhen worker）。")
def serve(with_demo: bool, no_worker: bool) -> None:
    import waitress

    settings = load_settings()
    app = create_app(settings, worker=False)
    zuozhen = app.extensions["zuozhen"]
    context: Context = zuozhen.context
    if with_demo:
        for line in demo.ensure_demo(context):
            click.echo(line)
    else:
        _print_first_links(context, settings)
    if not no_worker:  # not earlier: sample cases live on a clock of their own until they stand
        zuozhen.start_worker()
    click.echo(f"坐诊接诉已启动：{settings.base_url} （按 Ctrl+C 停止）")
    try:
        waitress.serve(
            app,
            host=settings.host,
            port=settings.port,
            threads=settings.threads,
            max_request_body_size=app.config["MAX_CONTENT_LENGTH"],
            ident=None,
        )
    except OSError as error:
        raise ZuozhenError(
            f"无法使用端口 {settings.port}：{error.strerror or error}",
            hint="可用环境变量 ZUOZHEN_PORT 另选端口。",
        ) from error
    finally:
        zuozhen.close()


def _print_first_links(context: Context, settings: Settings) -> None:
    """Print a way in for each jurisdiction that nobody can enter yet."""
    staffed = accounts.staffed(context)
    empty = [place for place in jurisdictions(context) if place.tenant not in staffed]
    if empty:
        click.echo("首次登录链接（72 小时内有效，只能使用一次，登录名 admin）：")
    for place in empty:
        admin = accounts.create_account(
            context, place.tenant, "admin", "系统管理员", admin=[accounts.ADMIN_SYSTEM]
        )
        link = accounts.new_login_link(context, place.tenant, admin)
        click.echo(f"  {place.name}  {settings.base_url}/first-login/{link}")


@cli.command(help="只运行后台任务：到期时限、消息、文书、归档。")
def worker() -> None:
    context = build_context(load_settings())
    click.echo("后台任务已启动（按 Ctrl+C 停止）")
    build_worker(context).run()


@cli.command(help="检查流程包；不写名称则检查全部。有错误时退出码为 1。")
@click.argument("packs", nargs=-1)
@click.option(
    "--accounts", "with_accounts", is_flag=True, help="连同本系统核对：哪些岗位没有人、在用的单位、新表单。"
)
def check(packs: Sequence[str], with_accounts: bool) -> None:
    settings = load_settings()
    library = Library(*content_roots(settings.content))
    context = build_context(settings, in_process_pdf=True) if with_accounts else None
    failed = False
    for slug in packs or library.slugs():
        findings = _findings(library, slug, context)
        errors = sum(finding.severity == "error" for finding in findings)
        failed = failed or errors > 0
        click.echo(f"{slug}：{errors} 处错误，{len(findings) - errors} 处提醒")
        for finding in findings:
            click.echo(f"  {'错误' if finding.severity == 'error' else '提醒'} {finding}")
        if not_known := unknown_here(context, slug):
            click.echo(f"  {not_known}")
    sys.exit(1 if failed else 0)


def _findings(library: Library, slug: str, context: Context | None) -> tuple[Finding, ...]:
    try:
        files = library.files(slug)
        if context is None:
            return check_files(files)
        return check_here(context, files, Pack.from_files(files).code)
    except ContentError as error:
        return error.findings or (Finding("error", "pack", error.message, hint=error.hint),)


@cli.command(help="逐句列出两个流程包的差别。OLD、NEW 为流程包名称、文件夹或压缩包（zip）。")
@click.argument("old")
@click.argument("new")
def diff(old: str, new: str) -> None:
    settings = load_settings()
    difference = compare(_files_at(settings, old), _files_at(settings, new))
    for area, count in difference.counts.items():
        click.echo(f"{AREA_NAMES[area]}（{count}）")
        for change in difference.changes:
            if change.area == area:
                click.echo(f"  {change.sentence}")
    click.echo(f"共 {len(difference.changes)} 处差别" if difference.changes else "没有差别")


def _files_at(settings: Settings, name: str) -> dict[str, bytes]:
    """Return the files of a pack by slug, by folder (the pack's own or one that holds packs) or zip file."""
    place = Path(name)
    if place.is_file():
        return unbundle(place.read_bytes())
    if (place / "pack.toml").is_file():
        return Library(place.resolve().parents[1]).files(place.resolve().name)
    if (place / "processes").is_dir():
        slugs = Library(place).slugs()
        if len(slugs) != 1:
            raise ContentError(
                f"文件夹 {name} 中有 {len(slugs)} 个流程包。", hint="请写到某个流程包的文件夹。"
            )
        return Library(place).files(slugs[0])
    return Library(*content_roots(settings.content)).files(name)


@cli.command(
    help="部署流程包为新版本：新办件立即按新版本办理，在办件不变。PACK 为流程包名称、文件夹或压缩包（zip）。"
)
@click.argument("pack")
@click.option("--note", default="", help="说明：为什么修改。")
@click.option("--reference", default="", help="文号。")
@click.option("--accept", "accepted", multiple=True, metavar="代码=理由", help="保留一类提醒的理由，可重复。")
@click.option(
    "--preview",
    "only_look",
    is_flag=True,
    help="只列出日历、单位、周期变化会移动哪些期限、任务和日期，不部署。",
)
def deploy(pack: str, note: str, reference: str, accepted: Sequence[str], only_look: bool) -> None:
    settings = load_settings()
    context = build_context(settings, in_process_pdf=True)
    files = _files_at(settings, pack)
    tenant = Pack.from_files(files).code
    slug = Pack.from_files(files).slug
    reasons = dict(line.partition("=")[::2] for line in accepted)
    if (dues := moved_dues(context, tenant, files)) is not None:
        _say_dues(dues)
    if (moving := units.outlook(context, tenant, files)) is not None:
        for sentence in units.sentences(moving):
            click.echo(sentence)
    for sentence in date_moves(context, tenant, files):
        click.echo(sentence)
    if only_look:
        _say_errors(check_here(context, files, tenant))
        return
    found = scenario_findings(context, files, slug, _say_result)
    try:
        outcome = deploy_pack(
            context,
            files,
            note=note,
            reference=reference,
            actor=Actor(tenant, "命令行"),
            reasons=reasons,
            found=found,
            strict=bool(found or releases_of(context, tenant)),
        )
    except Unexplained as error:
        codes = sorted({finding.code for finding in error.findings})
        error.hint = f"请改好后再部署，或写明理由：{' '.join(f'--accept {code}=理由' for code in codes)}"
        raise
    word = "已部署" if outcome.fresh else "内容与现行版本相同，没有新建版本；现行"
    click.echo(f"{outcome.slug} {word}第 {outcome.version} 版")
    if outcome.recount:
        click.echo("在办期限由后台任务按新的工作日历重算，结果见“流程设计 → 迁移”。")


def _say_errors(findings: Sequence[Finding]) -> None:
    """Say what would keep the pack from being deployed; then the command fails."""
    errors = [finding for finding in findings if finding.severity == "error"]
    for finding in errors:
        click.echo(f"  错误 {finding}")
    if errors:
        sys.exit(1)


def _say_dues(dues: Preview) -> None:
    """Say which open deadlines the calendar of a deployment moves."""
    click.echo(f"工作日历与现行的不同：{dues.total} 件在办件中有 {len(dues.affected)} 件的期限会变")
    for case in dues.affected:
        for due in case.outlook.changed_dues:
            late = "，将立即逾期" if due.overdue else ""
            click.echo(
                f"  {case.number or case.title} {due.name}：{due.old or '无'} → {due.new or '取消'}{late}"
            )
        for note in case.outlook.notes:
            click.echo(f"    {note}")


def _say_result(result: ScenarioResult) -> None:
    click.echo(f"情景：{result.name}  {'✓ 相符' if result.ok else '✗ ' + '；'.join(result.differences)}")


@cli.command(help="把现行版本（或某一版、草稿）导出为文件夹或压缩包（OUT 以 .zip 结尾），可放进 git。")
@click.argument("pack")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--release", "number", type=click.IntRange(1), default=None, help="第几版；不写则为现行版本。")
@click.option("--draft", is_flag=True, help="导出网页上的草稿。")
def export(pack: str, out: Path, number: int | None, draft: bool) -> None:
    context = build_context(load_settings(), in_process_pdf=True)
    code = pack.partition("-")[0]
    if not (code.isascii() and code.isdecimal() and len(code) == 6):
        raise ContentError(f"“{pack[:60]}”不是流程包名称或行政区划代码。")
    tenant = int(code)
    slug = workspace.slug(context, tenant)
    name = "draft" if draft else f"v{number}" if number else "live"
    count = write_pack(files_of(context, tenant, name), slug, out)
    what = "草稿" if draft else f"第 {number} 版" if number else "现行版本"
    click.echo(f"{slug} {what}的 {count} 个文件已写到 {out}")


@cli.command(help="按情景走一遍流程包（虚拟时钟，不需要服务器）。有不符时退出码为 1。")
@click.argument("pack")
@click.option("--scenario", "name", default="", help="只走名称含有此文字的情景。")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), default=None, help="把生成的文书写到此目录。"
)
@click.option("--coverage", is_flag=True, help="列出没有任何情景走到的环节。")
def walk(pack: str, name: str, out: Path | None, coverage: bool) -> None:
    settings = load_settings()
    library = Library(*content_roots(settings.content))
    files = library.files(pack)
    path = f"processes/{pack}/scenarios.toml"
    scenarios = [s for s in load_scenarios(files.get(path, b""), path) if name in s.name]
    if not scenarios:
        raise ContentError(f"流程包“{pack}”没有符合条件的情景。", hint="情景写在 scenarios.toml 中。")
    visited: list[Visits] = []
    different = 0
    content = read_content(files)
    database = blank_database()
    for scenario in scenarios:
        differences, visits = walk_scenario(settings, content, scenario, out, database)
        visited.append(visits)
        different += len(differences)
        click.echo(f"  {'✓ 相符' if not differences else f'✗ {len(differences)} 处不符'}\n")
    if coverage:
        _print_coverage(files, pack, visited)
    click.echo(f"共 {len(scenarios)} 个情景，{different} 处不符")
    sys.exit(1 if different else 0)


def walk_scenario(
    settings: Settings, content: Content, scenario: Scenario, out: Path | None, lent: Database
) -> tuple[list[str], Visits]:
    """Play one scenario on a fresh installation in memory; returns (differences, where it went)."""
    content = content_for(content, scenario)
    scratch = open_scratch(content, scenario.begin, _parts(settings), lent)
    paper = out is not None
    walker = Walker(scratch.context, scratch.clock, scratch.content.tenant, click.echo, paper=paper)
    played = walker.play(scenario)
    if out is not None:
        click.echo(f"      写出 {walker.write_documents(played, out)} 份文书")
    scratch.close()
    return played.differences, visits_of(scratch.flows, played.logs)


def _print_coverage(files: dict[str, bytes], pack: str, visited: Sequence[Visits]) -> None:
    from zuozhen.engine import load_diagram

    xml = files[f"processes/{pack}/{Pack.from_files(files).diagram}"]
    found = coverage_of(visited, load_diagram(xml), xml)
    click.echo(f"走到：{clauses.in_words(found)}（{found.percent} %）")
    for element in found.missing:
        click.echo(f"  未走到 {element.name or element.id}［{element.id}］")
    for flow in found.untaken:
        click.echo(f"  未走过连线 {flow.name or f'{flow.source} → {flow.target}'}［{flow.id}］")


@cli.command(
    name="coverage",
    help="逐条列出依据文件的每一条由什么承载、由哪些情景证明；不写名称则为全部流程包。有缺漏时退出码为 1。",
)
@click.argument("packs", nargs=-1)
@click.option(
    "--write", "path", type=click.Path(dir_okay=False, path_type=Path), default=None, help="写到此文件。"
)
def cover(packs: Sequence[str], path: Path | None) -> None:
    settings = load_settings()
    library = Library(*content_roots(settings.content))
    parts = _parts(settings)
    found = [clauses.prove_files(library.files(slug), parts) for slug in packs or library.slugs()]
    text = clauses.markdown(found)
    if path is None:
        click.echo(text)
    else:
        path.write_text(text, encoding="utf-8")
        click.echo(f"{len(found)} 个流程包的条款对照表已写到 {path}")
    failed = False
    for each in found:
        for problem in each.problems:
            failed = True
            click.echo(f"{each.pack.slug}：{problem}", err=True)
    sys.exit(1 if failed else 0)


def _parts(settings: Settings) -> Parts:
    renderer = Renderer([settings.fonts], settings.instance / "cache")
    return Parts(renderer, settings.base_url, content_roots(settings.content))


@cli.command(help="核验一份归档案卷（zip）：逐件校验摘要、办理记录链和 PDF。")
@click.argument("dossier", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify(dossier: Path) -> None:
    problems = verify_file(dossier)
    for problem in problems:
        click.echo(f"  {problem}")
    click.echo("案卷完整无误" if not problems else f"发现 {len(problems)} 处问题")
    sys.exit(1 if problems else 0)


@cli.command(
    help="为账号生成一次性登录链接（用于首次登录或重设密码）。几个地区有同名账号时写成 登录名@区划代码。"
)
@click.argument("username")
def login_link(username: str) -> None:
    settings = load_settings()
    context = build_context(settings, in_process_pdf=True)
    account = accounts.account_named(context, username)
    click.echo(
        f"{settings.base_url}/first-login/{accounts.new_login_link(context, account.tenant, account.id)}"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; an expected error is one Chinese line on stderr, exit code 1."""
    try:
        cli.main(
            args=list(arguments) if arguments is not None else None,
            prog_name="zuozhen",
            standalone_mode=False,
        )
    except ZuozhenError as error:
        click.echo(f"{error.message}{f'（{error.hint}）' if error.hint else ''}", err=True)
        for finding in getattr(error, "findings", ()):
            click.echo(f"  {finding}", err=True)
        return 1
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return 130
    return 0
