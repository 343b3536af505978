"""Whether all is there that kgenrich needs: small checks, each with what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct

from kgenrich.errors import KgenrichError
from kgenrich.verbs.doctor import files, servers, software
from kgenrich.verbs.doctor.database import check_database
from kgenrich.verbs.doctor.finding import Finding
from kgenrich.verbs.doctor.settings import check_contact, check_settings
from kgenrich.verbs.doctor.sources import check_sources
from kgenrich.verbs.workspace import Options, Workspace

Check = Callable[[Workspace], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    check_settings,
    check_contact,
    check_database,
    files.check_rights,
    files.check_space,
    check_sources,
)
"""What is looked at on this machine, in the order in which it is told."""


class DoctorOptions(Options, frozen=True):
    """``offline``: ask no server."""

    offline: bool = False


class DoctorReport(Struct, frozen=True):
    """What the checks found, in their order."""

    findings: tuple[Finding, ...]

    @property
    def failed(self) -> bool:
        """Whether something cannot work."""
        return any(one.state == "fail" for one in self.findings)


def doctor(find_workspace: Callable[[], Workspace], options: DoctorOptions) -> DoctorReport:
    """Look at everything. Settings that cannot be read are a finding too, and the only one besides
    the software. Nothing is changed."""
    findings = list(software.check_software())
    try:
        workspace = find_workspace()
    except KgenrichError as error:
        findings.append(Finding("settings", "fail", str(error), "Mend the settings."))
        return DoctorReport(tuple(findings))
    for check in CHECKS:
        findings += check(workspace)
    if not options.offline:
        findings += servers.check_servers(workspace)
    return DoctorReport(tuple(findings))
