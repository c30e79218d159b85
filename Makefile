# make        set up .venv and run the workflow on the settings in config.yaml
# make data DIALECT=sartorius-2021   fetch a competition, or say how to
# make test   set up .venv and run the tests
# make test-reliability   run the long tests: kills, full disks, the same bytes, fuzzing
# make cluster   add to .venv what profiles/slurm needs
# make test-cluster   run the workflow on a SLURM of one machine
# make test-interop   open the files with other packages, in .venv-interop
# make test-training   train on a fold with torchvision and Ultralytics, in .venv-training
# make benchmark [DATA=table.csv]   time it beside the other ways
# make benchmark-scale   time it with shards of several sizes, and at 1, 10 and 100
#                        times the full size
# make benchmark-coco   split a COCO JSON beside hotcoco and Datumaro

PYTHON ?= python3
CORES ?= all
BIN := .venv/bin

.PHONY: run help data test test-reliability cluster test-cluster test-interop \
	test-training benchmark benchmark-scale benchmark-coco lint lock

run: .venv/installed
	$(BIN)/snakemake --cores $(CORES) $$([ -t 2 ] && echo --logger rich)

help:
	@sed -n 's/^# \(make\| \)/\1/p' Makefile

data: .venv/installed
	$(BIN)/python scripts/download.py $(DIALECT)

test: .venv/installed
	$(BIN)/pytest tests --ignore tests/reliability --ignore tests/cluster \
		--ignore tests/interop --ignore tests/training --numprocesses auto --cov

test-reliability: .venv/installed
	$(BIN)/pytest tests/reliability --numprocesses auto

cluster: .venv/installed-cluster

test-cluster: .venv/installed-cluster
	$(BIN)/pytest tests/cluster -rs

test-interop: .venv-interop/installed
	.venv-interop/bin/pytest tests/interop -rs

test-training: .venv-training/installed
	.venv-training/bin/pytest tests/training -rs

benchmark: .venv/installed
	PYTHONPATH=scripts $(BIN)/python benchmarks/encode.py $(if $(DATA),--data $(DATA))
	PYTHONPATH=scripts $(BIN)/python benchmarks/pipeline.py $(if $(DATA),--data $(DATA))

benchmark-scale: .venv/installed
	PYTHONPATH=scripts $(BIN)/python benchmarks/shards.py
	PYTHONPATH=scripts $(BIN)/python benchmarks/scale.py --plot docs/scale.svg

benchmark-coco: .venv-interop/installed
	PATH=$(CURDIR)/.venv-interop/bin:$$PATH PYTHONPATH=scripts \
		python benchmarks/coco_split.py

lint: .venv/installed
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint

COMPILE := $(BIN)/uv pip compile --universal --fork-strategy fewest --python-version 3.11 \
	--generate-hashes --no-header --no-annotate

lock: .venv/installed
	$(COMPILE) pyproject.toml --output-file requirements.lock \
		--group test --group lint --group benchmark --group lock
	$(COMPILE) --group cluster --constraint requirements.lock \
		--output-file requirements-cluster.lock
	$(COMPILE) pyproject.toml --output-file requirements-interop.lock \
		--group test --group interop
	$(COMPILE) pyproject.toml --output-file requirements-training.lock \
		--group test --group training

.venv/installed: requirements.lock
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	touch $@

.venv/installed-cluster: requirements-cluster.lock .venv/installed
	$(BIN)/python -m pip install --quiet --require-hashes --requirement $<
	touch $@

.venv-%/installed: requirements-%.lock
	$(PYTHON) -m venv .venv-$*
	.venv-$*/bin/python -m pip install --quiet --require-hashes --requirement $<
	touch $@
