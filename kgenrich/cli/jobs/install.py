"""``kgenrich jobs install``."""

from __future__ import annotations

from pathlib import Path

import click

from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app
from kgenrich.errors import UsageError


@click.command()
@click.argument("job", metavar="NAME|FILE")
@click.option("--systemd", "by", flag_value="systemd", help="A service and its timer.")
@click.option("--cron", "by", flag_value="cron", help="A line of a crontab.")
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="DIR", help="Write the files there."
)
@click.option("--write", is_flag=True, help="Write the units to where systemd reads them.")
@options.as_json()
@pass_app
def command(app: App, /, job: str, by: str | None, output: Path | None, write: bool) -> None:
    """Print or write what has systemd or cron run a job by its [schedule].

    It is made for your own paths: the program, the job file, the settings, the store. Keys of
    sources are in none of it: they are read from secrets.env in your configuration folder, which
    --write makes for you alone. The units are those of your own service manager; as root, of the
    system's.
    """
    from kgenrich.jobs import install
    from kgenrich.jobs.finding import find_job

    if by is None:
        raise UsageError("Give --systemd or --cron.")
    make = install.as_systemd if by == "systemd" else install.as_cron
    installed = make(find_job(app.settings, job), app.settings, app.store_option)
    if write and not installed.folder:
        raise UsageError("A crontab is yours to edit: add the line with `crontab -e`.")
    folder = output or (Path(installed.folder) if write else None)
    paths = install.put(installed, folder) if folder else []
    if write and (made := install.make_secrets_file(_keys(app))):
        paths.append(str(made))
    app.answer({"files": installed.files, "written": paths, "then": installed.then})
    if not folder:
        for name, text in installed.files.items():
            click.echo(f"# {name}\n{text}" if installed.folder else text)
    for path in paths:
        click.echo(f"{path} is written.")
    click.echo("Then:", err=True)
    for line in installed.then:
        click.echo(f"  {line}", err=True)


def _keys(app: App) -> list[str]:
    """The variables that the sources of the settings name."""
    tables = app.settings.sources.values()
    return sorted({str(table["key_env"]) for table in tables if table.get("key_env")})
