"""Jobs: what is done by itself, over and over, written down in a file."""
