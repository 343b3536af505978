#!/bin/sh
# langcodes 3.5.1: canonical form merges languages that Wikimedia keeps apart.
#
# standardize_tag() without macro=True is documented as putting a tag into its canonical form. For
# two codes that are valid, living subtags of the IANA registry and have wikis and Wikidata terms of
# their own it gives another language: tl (Tagalog) becomes fil (Filipino), sh (Serbo-Croatian)
# becomes sr-Latn. The replacement comes from the aliases of CLDR. Whoever canonicalises the tags of a
# graph this way finds Tagalog terms under Filipino, and Serbo-Croatian ones beside the Serbian.
#
# Seen: tl fil / sh sr-Latn / fil fil / sr-Latn sr-Latn
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet langcodes==3.5.1
"$folder/venv/bin/python" - <<'PYTHON'
from langcodes import standardize_tag, tag_is_valid

expected = {"tl": "fil", "sh": "sr-Latn", "fil": "fil", "sr-Latn": "sr-Latn"}
seen = {tag: standardize_tag(tag) for tag in expected}
for tag, canonical in seen.items():
    print(tag, canonical)
assert all(map(tag_is_valid, expected))
assert seen == expected, f"the behaviour has changed: {seen}"
PYTHON
