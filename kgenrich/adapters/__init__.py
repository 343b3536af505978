"""Name encoder, knowledge adapters and entity alignment."""
