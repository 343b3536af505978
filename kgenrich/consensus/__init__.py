"""From candidates with evidence to proposals: the vote, the ranker, the validators."""
