# make        set up .venv and run the workflow on the settings in config.yaml
# make test   set up .venv and run the tests
# make test-reliability   the long tests: kills, full disks, the same bytes, fuzzing
# make benchmark [DATA=table.csv]   time it beside the other ways

PYTHON ?= python3
CORES ?= all
BIN := .venv/bin

.PHONY: run test test-reliability benchmark lint lock

run: .venv/installed
	$(BIN)/snakemake --cores $(CORES)

test: .venv/installed
	$(BIN)/pytest tests --ignore tests/reliability --numprocesses auto --cov

test-reliability: .venv/installed
	$(BIN)/pytest tests/reliability --numprocesses auto

benchmark: .venv/installed
	PYTHONPATH=scripts $(BIN)/python benchmarks/encode.py $(if $(DATA),--data $(DATA))
	PYTHONPATH=scripts $(BIN)/python benchmarks/pipeline.py $(if $(DATA),--data $(DATA))

lint: .venv/installed
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint

lock: .venv/installed
	$(BIN)/uv pip compile pyproject.toml --universal --fork-strategy fewest --python-version 3.11 \
		--group test --group lint --group benchmark --group lock \
		--generate-hashes --no-header --no-annotate --output-file requirements.lock

.venv/installed: requirements.lock
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	touch $@
