"""`jobs install`: units and crontab lines for one's own paths, as systemd and cron read them."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgenrich.cli.main import main
from kgenrich.errors import UsageError
from kgenrich.jobs.calendar import calendar_events
from kgenrich.jobs.cron import Cron
from kgenrich.jobs.install import quoted
from kgenrich.resources import resource

Install = Callable[..., tuple[int, str, str]]
ITEMS = str(resource("config/demo/items.json.gz"))
ODD = "a b 100% $HOME é"
"""What a folder may be called."""
QUOTED = "\"x\" 'y' \\"
"""What a program that systemd runs may not be called."""


@pytest.fixture
def analyze() -> Callable[..., str]:
    """What ``systemd-analyze`` says."""
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("no systemd-analyze: install systemd to run this test")

    def run(*arguments: str) -> str:
        # Sockets of the machine's own units lie in the folder, and their paths may not be long.
        with TemporaryDirectory() as short:
            done = subprocess.run(
                [program, *arguments],
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
                env=os.environ | {"XDG_RUNTIME_DIR": short},
            )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    return run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where somebody has all that is his."""
    for name in [name for name in os.environ if name.startswith("KGENRICH_")]:
        monkeypatch.delenv(name)
    odd = tmp_path / ODD
    odd.mkdir()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(odd / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(odd / "data"))
    monkeypatch.chdir(odd)
    return odd


@pytest.fixture
def install(folder: Path, capsys: pytest.CaptureFixture[str]) -> Install:
    def run(*arguments: str, before: tuple[str, ...] = ()) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main([*before, "jobs", "install", *arguments])
        shown = capsys.readouterr()
        return int(left.value.code or 0), shown.out, shown.err

    return run


def write_job(file: Path, cron: str = "30 2 * * *", **rules: str) -> Path:
    lines = [f"{name} = {json.dumps(value)}" for name, value in {"cron": cron, **rules}.items()]
    file.write_text(f'[harvest]\ndump = "{ITEMS}"\n[schedule]\n' + "\n".join(lines))
    return file


def values_of(unit: str, name: str) -> list[str]:
    return [line.partition("=")[2] for line in unit.splitlines() if line.startswith(f"{name}=")]


def test_the_shipped_units_are_sound(analyze: Callable[..., str]) -> None:
    units = resource("config/systemd")
    names = ("kgenrich@nightly.timer", "kgenrich@.service", "kgenrich.service")
    files = [str(units / name) for name in names]
    assert analyze("verify", "--man=no", *files) == ""
    exposure = analyze("security", "--offline=true", "--no-pager", str(units / names[2]))
    assert "OK" in exposure.splitlines()[-1]


@pytest.mark.parametrize("as_root", [True, False])
@pytest.mark.parametrize("inner", ["plain", QUOTED])
def test_units_for_odd_paths_are_sound_and_run_the_job(
    install: Install,
    folder: Path,
    analyze: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
    as_root: bool,
    inner: str,
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0 if as_root else 1000)
    program = folder / inner / "kgenrich"
    program.parent.mkdir()
    program.write_text("#!/bin/sh")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program.with_name("python")))
    job = write_job(
        program.parent / "my job.toml", timezone="Europe/Berlin", spread="10m", missed="skip"
    )
    settings = folder / "mine.toml"
    settings.write_text('languages = ["it"]')
    before = ("--config", str(settings), "--store", "store.db")
    code, out, _ = install(str(job), "--systemd", "--output", "units", "--json", before=before)
    report = json.loads(out)
    service, timer = (folder / "units" / f"kgenrich-my\\x20job.{e}" for e in ("service", "timer"))
    assert (code, report["written"]) == (0, [f"units/{p.name}" for p in (service, timer)])
    said = analyze("verify", "--man=no", *(() if as_root else ("--user",)), str(timer))
    assert said == ""
    text = service.read_text()
    # systemd, which found the program, reads quotes as JSON does.
    (line,) = values_of(text, "ExecStart")
    assert line.startswith(':"')
    written = json.loads("[" + line[1:].replace('" "', '","') + "]")
    by_shell = ["/bin/sh", "-c", 'exec "$0" "$@"'] if inner == QUOTED else []
    assert [word.replace("%%", "%") for word in written] == [
        *by_shell,
        *(str(program), "--config", str(settings), "--store", str(folder / "store.db")),
        *("jobs", "run", str(job)),
    ]
    assert values_of(text, "WorkingDirectory") == [str(job.parent).replace("%", "%%")]
    secrets = str(folder / "config" / "kgenrich" / "secrets.env").replace("%", "%%")
    assert values_of(text, "EnvironmentFile") == [f"-{secrets}"]
    assert values_of(text, "NoNewPrivileges") == ["yes"] and not values_of(text, "User")
    assert values_of(text, "ProtectSystem") == (["strict"] if as_root else [])
    told = timer.read_text()
    assert values_of(told, "OnCalendar") == ["*-*-* 02:30:00 Europe/Berlin"]
    assert values_of(told, "Persistent") == ["false"]
    assert values_of(told, "RandomizedDelaySec") == ["600s"]


def test_written_for_the_user_with_a_file_for_keys(
    install: Install, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("DEEPL_KEY", "s3cret")
    (folder / "mine.toml").write_text('[sources.deepl]\nkey_env = "DEEPL_KEY"\n')
    job, before = write_job(folder / "nightly.toml"), ("--config", "mine.toml")
    assert install(str(job), "--systemd", "--write", before=before)[0] == 0
    units = folder / "config" / "systemd" / "user"
    assert {path.name for path in units.iterdir()} == {
        *("kgenrich-nightly.service", "kgenrich-nightly.timer")
    }
    secrets = folder / "config" / "kgenrich" / "secrets.env"
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
    assert "# DEEPL_KEY=" in secrets.read_text()
    assert not any("s3cret" in path.read_text() for path in (secrets, *units.iterdir()))
    secrets.write_text("DEEPL_KEY=mine")
    assert install(str(job), "--systemd", "--write", before=before)[0] == 0
    assert secrets.read_text() == "DEEPL_KEY=mine"


def test_a_line_of_a_crontab_does_what_it_says(install: Install, folder: Path) -> None:
    job = write_job(folder / "nightly.toml", timezone="Asia/Kolkata")
    code, out, _ = install(str(job), "--cron", before=("--store", "store.db"))
    zone, line = out.splitlines()[:2]
    assert (code, zone) == (0, "CRON_TZ=Asia/Kolkata")
    assert line.startswith("30 2 * * * ") and "%" not in line.replace("\\%", "")
    # cron takes the backslashes away, and has the shell do the rest.
    command = line.removeprefix("30 2 * * * ").replace("\\%", "%")
    secrets = folder / "config" / "kgenrich" / "secrets.env"
    secrets.parent.mkdir(parents=True)
    secrets.write_text("KGENRICH_LANGUAGES='[\"it\"]'")
    done = subprocess.run(["/bin/sh", "-c", command], cwd="/", timeout=120, check=False)
    log = (folder / "data" / "kgenrich" / "nightly.log").read_text()
    assert done.returncode == 0, log
    assert "nightly, run 1: done." in log and (folder / "store.db").is_file()


@pytest.mark.parametrize("store", ["sqlite:///mine.db", "mine.db"])
@pytest.mark.parametrize("by", ["--systemd", "--cron"])
def test_a_store_that_the_environment_names_is_the_one_that_the_job_works_on(
    install: Install, folder: Path, monkeypatch: pytest.MonkeyPatch, store: str, by: str
) -> None:
    job = write_job(folder / "nightly.toml")
    monkeypatch.setenv("KGENRICH_STORE", store)
    code, out, _ = install(str(job), by)
    # The rest of the path is escaped.
    assert code == 0 and f"{folder.name[-1]}/mine.db" in out and "///mine.db" not in out


def test_passwords_and_folders_that_nobody_trusts_go_into_no_unit(
    install: Install, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = write_job(folder / "nightly.toml")
    url = "postgresql://ann:hush@127.0.0.1/kg"
    code, out, told = install(str(job), "--systemd", before=("--store", url))
    assert code == 2 and "KGENRICH_STORE" in told and "hush" not in out + told
    monkeypatch.setenv("KGENRICH_STORE", url)
    code, out, told = install(str(job), "--systemd")
    assert code == 2 and "secrets.env" in told and "hush" not in out + told
    (folder / "kgenrich.toml").write_text('[network]\napi = "https://elsewhere.test/api.php"')
    code, _, told = install(str(job), "--cron")
    assert code == 2 and "config trust" in told


def test_what_cannot_be_installed_says_why(install: Install, folder: Path) -> None:
    plain = folder / "plain.toml"
    plain.write_text(f'[harvest]\ndump = "{ITEMS}"')
    assert "it has no [schedule]" in install(str(plain), "--systemd")[2]
    often = write_job(folder / "often.toml", "*/5 * * * * *")
    assert "cron has no seconds" in install(str(often), "--cron")[2]
    assert "Give --systemd or --cron" in install(str(often))[2]
    last = write_job(folder / "last.toml", "0 2 L * *")
    assert "systemd has no word for" in install(str(last), "--systemd")[2]
    assert "crontab -e" in install(str(last), "--cron", "--write")[2]


expressions = st.builds(
    "{} {} {} {} {}".format,
    st.sampled_from(["0", "*/20", "5,45", "*"]),
    st.sampled_from(["2", "*/6", "1-3"]),
    st.sampled_from(["*", "1,15", "*/10"]),
    st.sampled_from(["*", "2", "1-6"]),
    st.sampled_from(["*", "7", "1-5", "MON"]),
)


@pytest.mark.slow
def test_systemd_sees_the_times_that_cron_does(analyze: Callable[..., str]) -> None:
    @given(expressions)
    def agree(expression: str) -> None:
        begin = datetime(2026, 1, 1, tzinfo=UTC)
        found: set[datetime] = set()
        for event in calendar_events(expression, "UTC"):
            told = analyze(
                "calendar", "--iterations=3", "--base-time=2026-01-01 00:00:00 UTC", event
            )
            for line in told.splitlines():
                head, _, rest = line.partition(":")
                if head.strip() in ("Next elapse", "(in UTC)") or head.strip().startswith("Iter"):
                    words = rest.split()[:3]
                    at = datetime.strptime(f"{words[1]} {words[2]}", "%Y-%m-%d %H:%M:%S")
                    found.add(at.replace(tzinfo=UTC))
        times = Cron(expression, UTC).times(begin - timedelta(seconds=1))
        # The base itself is not after itself.
        wanted = [at for at, _ in zip(times, range(4), strict=False) if at > begin][:3]
        assert sorted(found)[:3] == wanted

    agree()


def test_a_name_with_an_end_of_line_is_refused() -> None:
    with pytest.raises(UsageError, match="end of line"):
        quoted("a\nb")


def test_the_containerfile_is_one() -> None:
    """As far as that shows without an engine that builds it."""
    text = resource("config/container/Containerfile").read_text("utf-8")
    lines = text.replace("\\\n", " ").splitlines()
    steps = [line.split(None, 1) for line in lines if line and not line.startswith("#")]
    known = "FROM WORKDIR COPY RUN ENV USER VOLUME STOPSIGNAL HEALTHCHECK ENTRYPOINT CMD"
    assert {name for name, _ in steps} <= set(known.split()) and steps[0][0] == "FROM"
    stages = {rest.split()[2] for name, rest in steps if name == "FROM" and " AS " in rest}
    copied = [rest for name, rest in steps if name == "COPY" and "--from=" in rest]
    assert {rest.split("--from=")[1].split()[0] for rest in copied} == stages
    last = dict(steps)
    words = json.loads(last["ENTRYPOINT"]) + json.loads(last["CMD"])
    assert words[0] == "kgenrich" and json.loads(last["HEALTHCHECK"].split("CMD ")[1])
    with pytest.raises(SystemExit) as left:
        main([*words[1:], "--help"])
    assert left.value.code == 0
    assert "USER kgenrich" in lines, "it does not run as root"
