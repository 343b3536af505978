"""``kgenrich doctor``: whether all is there, and what to do about what is not."""

from __future__ import annotations

import click
from click.exceptions import Exit

from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app
from kgenrich.escaping import plain

_MARKS = {"ok": "ok  ", "warn": "warn", "fail": "FAIL"}


@click.command()
@click.option("--offline", is_flag=True, help="Ask no server.")
@options.as_json()
@pass_app
def command(app: App, /, offline: bool) -> None:
    """Look whether all is there: settings, database, disk, sources, servers, rights, versions.

    Each line says what was found and what to do about it. The servers that the settings name are
    asked once each, without a key; --offline leaves them out. The exit code is 1 when something
    cannot work.
    """
    from kgenrich.verbs.doctor import DoctorOptions, doctor

    report = doctor(lambda: app.workspace, DoctorOptions(offline))
    code = 1 if report.failed else 0
    app.answer(report, code=code)
    width = max(len(one.check) for one in report.findings)
    for one in report.findings:
        click.echo(f"{_MARKS[one.state]}  {one.check:{width}}  {plain(one.what)}")
        if one.advice:
            click.echo(f"      {'':{width}}  {plain(one.advice)}")
    raise Exit(code)
