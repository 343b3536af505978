"""Sources of machine translation: local models, Apertium, services."""
