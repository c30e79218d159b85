# make        set up .venv and run the workflow on the settings in config.yaml
# make yolo   add OpenCV to .venv and make data sets for Ultralytics
# make data DIALECT=sartorius-2021   fetch a competition, or say how to
# make test   add to .venv what the tests need, and run them
# make test-fast   run the tests that start no Snakemake, in a minute
# make fmt    format the code
# make lint   check format, style, types, imports and rules
# make clean  remove environments and caches, but no results and no data
# make test-reliability   run the long tests: kills, full disks, the same bytes, fuzzing
# make test-setup   set up a clone with an old and a new pip, and with the lowest versions
# make cluster   add to .venv what profiles/slurm needs
# make test-cluster   run the workflow on a SLURM of one machine
# make test-storage   run the workflow with its files in a bucket, in .venv-storage
# make test-interop   open the files with other packages, in .venv-interop
# make test-training   train on a fold with torchvision and Ultralytics, in .venv-training
# make docs/report.png   take the picture of results/report.html that README.md shows
# make benchmark [DATA=table.csv]   time it beside the other ways
# make benchmark-scale   time it with shards of several sizes, and at 1, 10 and 100
#                        times the full size
# make benchmark-folds [COUNTS="table.csv ..."]   compare folds with those of others
# make benchmark-coco   split a COCO JSON beside hotcoco and Datumaro
# make settings   write config.yaml, config/ and docs/settings.md from the schema of the settings

PYTHON ?= python3
CORES ?= all
BIN := .venv/bin
# Neighbours run in one process, which makes once what they share. One process more than
# there are cores, since tests of whole runs wait now and then.
N_PROCESSES = $(shell $(BIN)/python -c 'import os; print(1 + os.cpu_count())')
IN_PARALLEL = --numprocesses $(N_PROCESSES) --dist worksteal
OPTIONS := --cores $(CORES)

.PHONY: run yolo help data test test-fast fmt clean test-reliability test-setup cluster test-cluster \
	test-storage test-interop test-training benchmark benchmark-scale benchmark-folds benchmark-coco settings lint \
	lock docs/report.png

run: .venv/run.installed
	$(BIN)/cocofolds run $(OPTIONS)

yolo: .venv/yolo.installed
	$(BIN)/cocofolds run $(OPTIONS) -- yolo

help:
	@sed -n 's/^# \(make\| \)/\1/p' Makefile

data: .venv/run.installed
	$(BIN)/python scripts/download.py $(DIALECT)

test: .venv/yolo.installed .venv/test.installed
	$(BIN)/pytest tests --ignore tests/reliability --ignore tests/setup \
		--ignore tests/cluster --ignore tests/storage --ignore tests/interop \
		--ignore tests/training \
		$(IN_PARALLEL) --cov

test-fast: .venv/yolo.installed .venv/test.installed
	$(BIN)/pytest tests/unit $(IN_PARALLEL) -m "not slow"

test-reliability: .venv/yolo.installed .venv/test.installed
	$(BIN)/pytest tests/reliability $(IN_PARALLEL)

test-setup: .venv/run.installed .venv/test.installed .venv/deploy.installed
	$(BIN)/pytest tests/setup -rP

cluster: .venv/run.installed .venv/cluster.installed

test-cluster: .venv/test.installed cluster
	$(BIN)/pytest tests/cluster -rs

test-storage: .venv-storage/installed
	.venv-storage/bin/pytest tests/storage -rs

test-interop: .venv-interop/installed
	.venv-interop/bin/pytest tests/interop -rs

test-training: .venv-training/installed
	.venv-training/bin/pytest tests/training -rs

benchmark: .venv/run.installed .venv/benchmark.installed
	$(BIN)/python benchmarks/encode.py $(if $(DATA),--data $(DATA))
	$(BIN)/python benchmarks/pipeline.py --images $(if $(DATA),--data $(DATA))

benchmark-scale: .venv/run.installed .venv/benchmark.installed
	$(BIN)/python benchmarks/shards.py
	$(BIN)/python benchmarks/scale.py --plot docs/scale.svg

benchmark-folds: .venv/run.installed .venv/benchmark.installed
	$(BIN)/python benchmarks/folds.py $(COUNTS) --plot docs/folds.svg

benchmark-coco: .venv-interop/installed
	PATH=$(CURDIR)/.venv-interop/bin:$$PATH \
		python benchmarks/coco_split.py

settings: .venv/run.installed
	$(BIN)/python scripts/document_settings.py

fmt: .venv/yolo.installed .venv/lint.installed
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/snakefmt Snakefile workflow

lint: .venv/yolo.installed .venv/lint.installed
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint

clean:
	rm -rf .venv .venv-storage .venv-interop .venv-training .coverage .hypothesis .mypy_cache \
		.pytest_cache .ruff_cache .import_linter_cache
	find scripts tests benchmarks -name __pycache__ -prune -exec rm -rf {} +

docs/report.png: run .venv/test.installed
	$(BIN)/python tests/screenshot.py results/report.html $@

# The locks of .venv agree: each takes the versions of those before it.
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --fork-strategy fewest --no-header --no-annotate
LOCKED = $(COMPILE) $(foreach name,$(1),--constraint requirements/$(name).lock)

lock: .venv/run.installed
	$(COMPILE) --group installer --output-file requirements/installer.lock
	$(COMPILE) --group build --output-file requirements/build.lock
	$(COMPILE) pyproject.toml --output-file requirements/run.lock
	$(call LOCKED,run) pyproject.toml --extra yolo --output-file requirements/yolo.lock
	$(call LOCKED,yolo) --group test --output-file requirements/test.lock
	$(call LOCKED,yolo test) --group lint --output-file requirements/lint.lock
	$(call LOCKED,yolo test lint) --group benchmark \
		--output-file requirements/benchmark.lock
	$(call LOCKED,yolo test lint benchmark) --group cluster \
		--output-file requirements/cluster.lock
	# The plugin for S3 wants an older python-dateutil than the others.
	$(COMPILE) pyproject.toml --extra yolo --group cloud \
		--output-file requirements/cloud.lock
	$(call LOCKED,cloud) pyproject.toml --extra yolo --group test --group cloud \
		--group storage --output-file requirements/storage.lock
	$(call LOCKED,yolo test lint benchmark cluster) --group deploy \
		--output-file requirements/deploy.lock
	$(call LOCKED,run test) pyproject.toml --group test --group training \
		--output-file requirements/training.lock
	# Datumaro wants an older Pillow than the others.
	$(COMPILE) pyproject.toml --group test --group interop \
		--output-file requirements/interop.lock
	$(COMPILE) pyproject.toml --extra yolo --group test --upgrade \
		--resolution lowest-direct --output-file requirements/lowest.lock

# Where this is missing, or a link to a Python that is gone, the rest is of no use either.
# Debian's Python comes without the modules.
.venv/bin/python .venv-storage/bin/python .venv-interop/bin/python \
.venv-training/bin/python:
	@$(PYTHON) -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' \
		2>/dev/null || { echo "$(PYTHON) is not Python 3.11 or newer with its venv module (on" \
		"Debian and Ubuntu: apt install python3-venv). To take another:" \
		"make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv --clear $(@:/bin/python=)

INSTALL := scripts/install.py requirements/installer.lock requirements/build.lock

.venv/%.installed: requirements/%.lock $(INSTALL) .venv/bin/python
	.venv/bin/python -I scripts/install.py $< $(if $(filter run yolo,$*),.)
	@touch $@

.venv-%/installed: requirements/%.lock $(INSTALL) .venv-%/bin/python
	.venv-$*/bin/python -I scripts/install.py $< .
	@touch $@
