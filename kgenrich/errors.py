"""The exceptions of the package: each is one clear sentence for the person at the terminal."""


class KgenrichError(Exception):
    """Something failed that the user can understand and often mend (exit code 1)."""


class UsageError(KgenrichError):
    """What was asked for makes no sense: an unknown language, a missing setting (exit code 2)."""


class LockedError(KgenrichError):
    """A live process has what was asked for (exit code 4)."""


class Halted(KgenrichError):
    """It is time to end: what is done is stored, and the rest goes on in the next run."""


class InputError(KgenrichError):
    """A file or an answer could not be read."""


class StoreError(KgenrichError):
    """The database is missing, locked, full, or in another migration state."""


class NetworkError(KgenrichError):
    """A server could not be reached or answered in a way that cannot be used."""


class SourceStopped(KgenrichError):
    """A source cannot be used any further in this run: no key, no quota, no server."""


class BudgetSpent(SourceStopped):
    """A source has done what it was allowed to: no failure."""
