"""Which entities a name stands for: found in any language and script, with a probability."""
