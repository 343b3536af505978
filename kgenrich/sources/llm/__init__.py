"""Sources that are language models: one adapter for servers, one for a local model, playback."""
