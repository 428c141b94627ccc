# Everything a person or CI types. `make help` lists it.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
Q ?= Who is the prime minister of Japan?
export Q
SUDO ?= $(shell test "$$(id -u)" = 0 || echo sudo)

.PHONY: help install browser ask ui screenshots test test-all lint eval gate train-reader train-adapter bench bench-large readme constraints clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[dev]"
	@touch $@

install: $(INSTALLED) ## make .venv with everything in it (llama.cpp is compiled: some minutes, once)

ask: $(INSTALLED) ## ask the sample news: make ask Q="Who is the prime minister of Japan?"
	@$(BIN)/rag ask --docs eval/corpora/kurils "$$Q"

ui: $(INSTALLED) ## the chat over the sample news, in a browser
	$(BIN)/rag chat --docs eval/corpora/kurils

browser: ## chromium for the tests of the chat, where it is missing (Debian, Ubuntu)
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || \
	  { $(SUDO) apt-get update -q && $(SUDO) apt-get install -y -q chromium; }

screenshots: $(INSTALLED) browser ## a picture of each state of the chat, in build/screenshots
	$(BIN)/python -m tools.screenshots

# A file at a time to each of two processes: what two cores take, and most tests wait for a program to start.
SIDE_BY_SIDE := -n 2 --dist loadfile
# Without a browser all of these are skipped, which pytest tells with its exit code 5: no test was found.
NONE_LEFT := || test $$? -eq 5

test: $(INSTALLED) ## the whole test suite
	$(BIN)/python -m pytest -m "not slow and not alone" $(SIDE_BY_SIDE)
	$(BIN)/python -m pytest -m "not slow and alone" $(NONE_LEFT)

test-all: $(INSTALLED) ## also the tests that take minutes each
	$(BIN)/python -m pytest -m "not alone" $(SIDE_BY_SIDE)
	$(BIN)/python -m pytest -m alone $(NONE_LEFT)

lint: $(INSTALLED) ## format, rules, types, imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/lint-imports

eval: $(INSTALLED) ## measure the sample questions, beside the naive way of answering (some 10 minutes)
	$(BIN)/rag eval --system product --system naive

gate: $(INSTALLED) ## has an answer to the sample questions got worse?
	$(BIN)/rag eval --limit 60 --gate eval/baselines/kurils.json

DATA ?= ../shared/data
BUILT := build/reader

train-reader: $(INSTALLED) ## train the reader anew from DATA (two cores: two hours and a half), calibrate and measure it
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[dev,train]"
	$(BIN)/python -m training.train --data $(DATA) --out $(BUILT) --stage public
	$(BIN)/python -m training.train --data $(DATA) --out $(BUILT) --stage written --rate 1e-4
	$(BIN)/python -m training.support --data $(DATA) --out $(BUILT)
	$(BIN)/python -m training.export --data $(DATA) --weights $(BUILT) --out rag/reader_model
	$(BIN)/python -m training.fit --data $(DATA)
	$(BIN)/python -m training.measure --data $(DATA)

train-adapter: $(INSTALLED) ## train the adapter of the bundled generator anew (a quarter of an hour) and measure it
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[dev,train]"
	$(BIN)/python -m training.adapter
	$(BIN)/python -m training.adapter --measure

bench: $(INSTALLED) browser ## ratios against the bare libraries doing the same work
	$(BIN)/python tools/bench.py
	$(BIN)/python -m tools.bench_chat

bench-large: $(INSTALLED) ## also 10,000 passages of news and a million vectors (half an hour)
	$(BIN)/python tools/bench.py --large

readme: $(INSTALLED) ## write the generated blocks of README.md
	$(BIN)/python tools/readme.py

constraints: ## pin every package again from a fresh environment (torch stays at its CPU-friendly release)
	rm -rf .venv-pins
	$(PYTHON) -m venv .venv-pins
	.venv-pins/bin/python -m pip install --quiet -e ".[dev]" torch==2.13.0
	.venv-pins/bin/python -m pip freeze --exclude-editable | sed 's/+cpu$$//' > constraints.txt
	rm -rf .venv-pins

clean: ## remove the environment and caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
