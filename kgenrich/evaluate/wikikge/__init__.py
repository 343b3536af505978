"""WikiKGE-10 (Conia et al., EMNLP 2023): the benchmark, its scorers, the systems on it."""
