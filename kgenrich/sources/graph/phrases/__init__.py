"""How names of one language become names of another, learned from the labels that have both."""
