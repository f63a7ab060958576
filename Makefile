# Everything a person does with this clone. Needs only Python 3.11 or newer; the rest is set up by the first target run.
PYTHON ?= python3
BIN := .venv/bin
# Two workers use two cores; a test file stays in one worker, as its fixtures are dear. What people say on a real line in
# real time (marked `alone`) follows by itself.
PYTEST_WORKERS ?= 2
TOGETHER := -n $(PYTEST_WORKERS) --dist loadfile --no-loadscope-reorder -m "not alone"
ALONE := -m alone

.DEFAULT_GOAL := help
.PHONY: help setup setup-tests demo test torture bench-callers check format format-check lint types imports coverage lock hooks clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: setup ## a whole payment call, from recorded sound to the confirmation number
	@echo "[demo] one call against the built-in sandbox, sound and all; nothing is charged"
	@mkdir -p demo/out && rm -f demo/out/*.sqlite3*
	@VOICEBOT_DATABASE=sqlite:///demo/out/demo.sqlite3 $(BIN)/python run_bot.py call --caller demo/card.yaml --record demo/out/call.wav
	@echo "[demo] listen to it: demo/out/call.wav (left the caller, right the bot; silent where the card is given)"
	@echo "[demo] talk to it yourself: $(BIN)/python run_bot.py"

test: setup-tests ## every test
	@echo "[test] pytest"
	@$(BIN)/python -m pytest $(TOGETHER)
	@echo "[test] pytest: those that need the machine for themselves (none where there is no PJSIP: exit code 5)"
	@$(BIN)/python -m pytest $(ALONE) || test $$? -eq 5

torture: setup-tests ## every fault and a kill -9 at every step of a payment: three books compared (docs/torture.md)
	@$(BIN)/python -m bench.torture $(TORTURE)

bench-callers: setup-tests ## simulated callers: who finishes, and where the others are lost (docs/callers.md)
	@$(BIN)/python -m bench.callers $(or $(CALLERS),--calls 600 --seed 1)

check: format-check lint types imports test ## what CI runs: format, lint, types, imports, tests

setup:
	@$(PYTHON) tools/set_up.py

setup-tests:
	@$(PYTHON) tools/set_up.py --tests

format: setup-tests ## put every file into the project's format
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

format-check: setup-tests
	@echo "[check] format: ruff format"
	@$(BIN)/ruff format --check --quiet . || { echo "make format puts these right:"; $(BIN)/ruff format --check .; }

lint: setup-tests
	@echo "[check] lint: ruff check"
	@$(BIN)/ruff check --quiet .

types: setup-tests
	@echo "[check] types: mypy --strict"
	@$(BIN)/mypy

imports: setup-tests
	@echo "[check] imports: the rooms of docs/index.md"
	@$(BIN)/lint-imports

coverage: setup-tests ## which lines no test runs, as htmlcov/index.html
	@$(BIN)/python -m pytest $(TOGETHER) --cov --cov-report=
	@$(BIN)/python -m pytest $(ALONE) --cov --cov-append --cov-report=term --cov-report=html || test $$? -eq 5

LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras \
	--custom-compile-command "make lock"
lock: setup-tests ## write requirements*.txt anew from requirements*.in
	@$(LOCK) --upgrade requirements.in --output-file requirements.txt
	@$(LOCK) --upgrade requirements-dev.in --output-file requirements-dev.txt
	@$(LOCK) --upgrade requirements-sip.in --output-file requirements-sip.txt

hooks: setup-tests ## check each commit as it is made
	@$(BIN)/pre-commit install

clean: ## remove what set-up and tests made; calls' data in data/ stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage* htmlcov build demo/out
