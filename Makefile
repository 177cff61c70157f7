# Every line calls Python: tools/pick_python.py finds a suitable one, tools/bootstrap.py does the work.
# Variables: PYTHON=python3.12   ARGS="what pisovereign serve gets"   PYTEST_ARGS="tests/chat -x"

PYTHON ?= python3
BOOTSTRAP := $(PYTHON) tools/pick_python.py
$(if $(shell command -v $(PYTHON)),,$(error There is no $(PYTHON). Install it: apt-get install python3 python3-dev python3-venv))

.PHONY: help run lint check test test-home-assistant soak side-by-side coverage wheels image image-test docs web changelog clean

help:
	@$(BOOTSTRAP) help

run:
	@$(BOOTSTRAP) run $(ARGS)

lint:
	@$(BOOTSTRAP) lint

check:
	@$(BOOTSTRAP) check

test:
	@$(BOOTSTRAP) test

test-home-assistant:
	@$(BOOTSTRAP) test-home-assistant

soak:
	@$(BOOTSTRAP) soak $(ARGS)

side-by-side:
	@$(BOOTSTRAP) side-by-side $(ARGS)

coverage:
	@$(BOOTSTRAP) coverage

wheels:
	@$(BOOTSTRAP) wheels

image:
	@$(BOOTSTRAP) image $(ARGS)

image-test:
	@$(BOOTSTRAP) image-test $(ARGS)

docs:
	@$(BOOTSTRAP) docs

web:
	@$(BOOTSTRAP) web

changelog:
	@$(BOOTSTRAP) changelog $(ARGS)

clean:
	@$(BOOTSTRAP) clean
