"""A set of names, not one: the label, the aliases worth adding, or none where none is sure."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from kgenrich.model import Proposal
from kgenrich.text import vote_key


class NameSet(Struct, frozen=True):
    """What to add to an entity in one language. ``label`` is None where the consensus abstains;
    ``sure`` is the probability of the label, ``expected`` the number of right names in the set."""

    label: Proposal | None
    aliases: tuple[Proposal, ...] = ()
    sure: float = 0.0
    expected: float = 0.0


def choose(proposals: Sequence[Proposal], *, label: float = 0.5, alias: float = 0.5) -> NameSet:
    """The names to add from the proposals of one request.

    The label is the most probable name of at least ``label``; without one there are no aliases
    either. Aliases need a probability of ``alias``. What a validator refuses is never chosen, and
    no two names are equal in normal form.
    """
    valid = [p for p in proposals if not any(code.startswith("E") for code in p.codes)]
    ordered = sorted(valid, key=lambda p: (-p.probability, p.rank))
    if not ordered or ordered[0].probability < label:
        return NameSet(None)
    first, *rest = ordered
    taken = {vote_key(first.candidate.text)}
    aliases = []
    for proposal in rest:
        key = vote_key(proposal.candidate.text)
        if proposal.probability >= alias and key not in taken:
            taken.add(key)
            aliases.append(proposal)
    chosen = [first, *aliases]
    return NameSet(first, tuple(aliases), first.probability, sum(p.probability for p in chosen))
