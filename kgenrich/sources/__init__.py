"""Sources of candidates, all behind the contract in `base`."""
