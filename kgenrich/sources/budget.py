"""What a source may spend in one run, counted before each call."""

from __future__ import annotations

import threading
from collections.abc import Callable

from msgspec import Struct

from kgenrich.errors import BudgetSpent


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


Add = Callable[[int, float, Callable[[int, float], None]], None]
"""Counts calls and money where other runs do too: the last one is given what all come to with them,
and raises where that is too much."""


class Budget:
    """Counts the calls and the money of one source; safe to use from several threads.

    A call is counted, at the most that it may cost, before it is made, so that however many are
    in flight the limit holds; `settle` puts the true cost in its place. One that is `share`d holds
    over all runs that go on at the same time.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.calls = 0
        self.cost = 0.0
        self._add: Add | None = None
        self._lock = threading.Lock()

    def share(self, add: Add) -> None:
        """Count with others."""
        self._add = add

    def take(self, most: float = 0.0, count: int = 1) -> None:
        """Count a call, or several. Raises `BudgetSpent` when they would exceed a limit."""

        def fits(calls: int, cost: float) -> None:
            if self.limits.max_calls is not None and calls > self.limits.max_calls:
                raise BudgetSpent(f"Its budget of {self.limits.max_calls:,} calls is used up.")
            if self.limits.max_cost is not None and cost > self.limits.max_cost:
                raise BudgetSpent(
                    f"Its budget of {self.limits.max_cost:g} is used up: {cost - most:.6g} spent, "
                    f"and the next call may cost {most:.6g}."
                )

        with self._lock:
            if self._add is None:
                fits(self.calls + count, self.cost + most)
            else:
                self._add(count, most, fits)
            self.calls += count
            self.cost += most

    def settle(self, most: float, cost: float) -> None:
        """Put what a call did cost in the place of what it might have cost."""
        with self._lock:
            if self._add is not None and cost != most:
                self._add(0, cost - most, lambda *_: None)
            self.cost += cost - most
