# fluxctl: `make` lists what can be typed.
SHELL := /bin/sh
PYTHON ?= python3
# What the pods of `make cloud` are; empty: containers where Docker and the image are there, else processes.
PODS ?=
PROMPT ?= a red circle on a blue background
# TORCH=cpu takes torch's CPU build on Linux (a fifth of the download); TORCH=cuda pins CUDA's libraries too.
TORCH ?=
TORCH_INDEX_cpu := --extra-index-url https://download.pytorch.org/whl/cpu
LOCK := locks/worker-$(if $(filter cuda,$(TORCH)),cuda,cpu).txt
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check $(TORCH_INDEX_$(TORCH))
# Nothing here may use an account, whatever the shell exports.
WITHOUT_KEYS := env -u RUNPOD_API_KEY -u ANTHROPIC_API_KEY -u HF_TOKEN
PACKING := $(WITHOUT_KEYS) PYTHONPATH=pod_image PYTHONDONTWRITEBYTECODE=1 $(PYTHON) -m packing
WORKER := $(VENV)/.worker-installed
DEVELOPMENT := $(VENV)/.development-installed

.DEFAULT_GOAL := help
.PHONY: help demo cloud test check fix bench image push score train locks clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(WORKER) ## make a picture on this computer: make demo PROMPT="a green star on a black background"
	@$(WITHOUT_KEYS) PROMPT="$$PROMPT" $(BIN)/fluxctl gen --provider local --model embedded -- "$$PROMPT"

test: $(DEVELOPMENT) ## run the tests
	@$(WITHOUT_KEYS) $(BIN)/python -m pytest

cloud: $(DEVELOPMENT) ## run a RunPod on this computer, for trying without an account: PODS=containers|processes|simulated
	@$(WITHOUT_KEYS) $(BIN)/python -m tests.cloud $(PODS)

check: $(DEVELOPMENT) ## lint, types, layers, locks; changes nothing
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/pyright
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python locks/lock.py check

fix: $(DEVELOPMENT) ## format, and mend what ruff can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(DEVELOPMENT) ## measure on this computer; writes bench/RESULTS.md
	@$(WITHOUT_KEYS) $(BIN)/python bench/run.py

image: ## build the pod image: IMAGE= TAG= BASE_IMAGE= PLATFORM= TORCH=cuda|cpu
	@$(PACKING).build

push: ## build it, push it, and make it the one that pods run: make push IMAGE=ghcr.io/YOU/fluxctl-pod
	@$(PACKING).push

score: $(WORKER) ## measure how well the embedded model follows 500 held-out prompts (about ten minutes)
	@$(BIN)/python -m fluxpod.embedded.score

train: $(WORKER) ## train the embedded model from nothing, or go on, into training/ (hours on a CPU, minutes on a GPU)
	@$(BIN)/python -m fluxpod.embedded.train

locks: $(DEVELOPMENT) ## resolve locks/ anew after a change of pyproject.toml
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python locks/lock.py compile

clean: ## end the local worker, remove what was made here
	@-test ! -x $(BIN)/fluxctl || $(BIN)/fluxctl down --provider local
	@rm -rf $(VENV) dist build .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; say which with make PYTHON=…") if sys.version_info < (3, 11) else 0'
	@$(PYTHON) -m venv $(VENV)

$(WORKER): $(VENV)/bin/python $(LOCK) locks/controller.txt pyproject.toml
	@echo "installing into $(VENV) (once) …" >&2
	@$(PIP) --requirement $(LOCK) --requirement locks/controller.txt
	@$(PIP) --no-deps --editable .
	@touch $@

$(DEVELOPMENT): $(WORKER) locks/development.txt
	@$(PIP) --requirement locks/development.txt
	@touch $@

export PROMPT
# Only those that were given: an empty TORCH_INDEX means none.
export $(foreach name,DOCKER IMAGE TAG BASE_IMAGE PLATFORM TORCH TORCH_INDEX,$(if $(filter-out undefined default,$(origin $(name))),$(name)))
