"""Names held out of a file of terms: what the sources propose, by language, part and slice."""
