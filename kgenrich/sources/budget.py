"""What a source may spend in one run, counted before each call."""

from __future__ import annotations

import threading

from msgspec import Struct

from kgenrich.errors import SourceStopped


class Limits(Struct, frozen=True):
    """``max_calls`` requests and ``max_cost`` in the currency of the source's price list; None
    for no limit."""

    max_calls: int | None = None
    max_cost: float | None = None

    def within(self, other: Limits) -> Limits:
        """The tighter of two limits."""
        calls = [n for n in (self.max_calls, other.max_calls) if n is not None]
        costs = [n for n in (self.max_cost, other.max_cost) if n is not None]
        return Limits(min(calls, default=None), min(costs, default=None))


class Budget:
    """Counts the calls and the money of one source; safe to use from several threads.

    A call is counted, at the most that it may cost, before it is made, so that however many are
    in flight the limit holds; `settle` puts the true cost in its place.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.calls = 0
        self.cost = 0.0
        self._lock = threading.Lock()

    def take(self, most: float = 0.0, count: int = 1) -> None:
        """Count a call, or several. Raises `SourceStopped` when they would exceed a limit."""
        with self._lock:
            calls, cost = self.limits.max_calls, self.limits.max_cost
            if calls is not None and self.calls + count > calls:
                raise SourceStopped(f"Its budget of {calls:,} calls is used up.")
            if cost is not None and self.cost + most > cost:
                raise SourceStopped(
                    f"Its budget of {cost:g} is used up: {self.cost:.6g} spent, and the next call "
                    f"may cost {most:.6g}."
                )
            self.calls += count
            self.cost += most

    def settle(self, most: float, cost: float) -> None:
        """Put what a call did cost in the place of what it might have cost."""
        with self._lock:
            self.cost += cost - most
