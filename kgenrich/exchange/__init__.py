"""Terms on their way to people who work elsewhere, and their answers on the way back."""
