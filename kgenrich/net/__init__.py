"""The only place that talks HTTP: sessions, politeness, retries."""
