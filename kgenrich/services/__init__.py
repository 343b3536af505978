"""Services that other programs ask over HTTP, on this machine or behind a proxy."""
