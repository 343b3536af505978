"""Pure functions from rows to bytes: RDF, provenance, QuickStatements, tables of terms."""
