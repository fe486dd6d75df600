# The commands of the house. `make help` lists them.
# Folders may hold spaces and Chinese characters: recipes quote every path, and no target is a path.

PYTHON ?= python3
SERVE ?= 1
BIN := .venv/bin

.PHONY: help install install-tests demo serve test truth proof lint format types imports lock rules plan clean
.SILENT:

help:
	echo "make install   .venv with the yaoxun command; no torch (system: python3, python3-venv, make)"
	echo "make demo      install, build the sample home in ./var, summary, dashboard; SERVE=0 stops after the summary"
	echo "make serve     the dashboard on the home in ./var"
	echo "make test      all that CI runs (adds torch, ultralytics; system: chromium, fonts-noto-cjk)"
	echo "make truth     the score against what is known to be true, three fixed seeds; RENDER=\"1101 1102\" renders these seeds, too"
	echo "make proof     the long proofs and benchmarks; writes docs/proof/DATE-COMMIT.md"
	echo "make lint      ruff, mypy and the import contracts;  make format: let ruff rewrite"
	echo "make lock      write constraints.txt anew from what .venv holds"
	echo "make rules     write docs/rules.md anew from enforcement/policy"
	echo "make plan      write docs/plan_coverage.md anew from tests/plan"
	echo "make clean     remove .venv and caches; ./var stays"

define need_python
command -v "$(PYTHON)" >/dev/null 2>&1 || { \
  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
    echo "python3 is missing: apt-get install python3 python3-venv"; \
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3 python3-venv >/dev/null; \
  else \
    echo "python3 is missing. As root: apt-get install python3 python3-venv" >&2; exit 2; \
  fi; }
endef

install:
	$(need_python)
	"$(PYTHON)" .ci/install.py

install-tests:
	$(need_python)
	"$(PYTHON)" .ci/install.py --tests

demo: install
	"$(BIN)/yaoxun" demo
	if [ "$(SERVE)" != 0 ]; then exec "$(BIN)/yaoxun" serve; fi

serve: install
	exec "$(BIN)/yaoxun" serve

test: install-tests
	"$(BIN)/python" .ci/checks.py

truth: install-tests
	"$(BIN)/python" -m benchmarks.bench_truth --fixed $(if $(RENDER),--render $(RENDER))

proof: install-tests
	"$(BIN)/python" .ci/proof.py

lint: install-tests
	"$(BIN)/python" .ci/checks.py ruff format types imports

format: install-tests
	"$(BIN)/ruff" check --fix .
	"$(BIN)/ruff" format .

types: install-tests
	"$(BIN)/mypy"

imports: install-tests
	"$(BIN)/lint-imports"

lock: install-tests
	"$(BIN)/python" .ci/lock.py

rules: install
	"$(BIN)/python" .ci/rules.py

plan:
	"$(PYTHON)" .ci/plan_coverage.py

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
