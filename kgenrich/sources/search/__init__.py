"""Sources that search text: local corpora, the web."""
