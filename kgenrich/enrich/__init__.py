"""The pipeline: plan what is missing, ask the sources, form the consensus, store."""
