# `make demo` shows the whole path on real items; `make test` runs every test, `make quick` all but
# the slow ones.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: demo test quick lint types docs check clean

demo: $(VENV)/.demo
	$(BIN)/kgenrich demo

test: $(VENV)/.test
	$(BIN)/pytest -n 2 --dist worksteal --doctest-modules

quick: $(VENV)/.test
	$(BIN)/pytest -n 2 --dist worksteal --doctest-modules -m "not slow"

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.test
	$(BIN)/mypy

docs: $(VENV)/.test
	$(BIN)/mkdocs build --strict --quiet --site-dir site

check: test lint types docs

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: $(VENV)/bin/python pyproject.toml
	$(BIN)/pip install --quiet --editable .
	touch $@

# torch is pinned first: an open range would fetch builds for accelerators by the gigabyte.
$(VENV)/.test: $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/pip install --quiet torch==2.13.0
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[neural,postgres,parquet,faiss,docs,test]'
	touch $@ $(VENV)/.demo

clean:
	rm -rf $(VENV) site dist build .mypy_cache .pytest_cache .ruff_cache
