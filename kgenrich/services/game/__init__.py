"""A feed for Wikidata's Distributed Game: open proposals as tiles, and what players say of them."""
