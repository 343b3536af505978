"""The reconciliation API over the store: version 0.2, which OpenRefine speaks, and 1.0-draft."""
