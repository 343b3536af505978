"""The shipped name encoder: names to vectors, its training and its measures."""
