"""Tables that people fill in: CSV, TSV and Excel workbooks, all with the same columns."""
