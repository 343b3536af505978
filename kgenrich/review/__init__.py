"""The review page: people decide on proposals in a browser."""
