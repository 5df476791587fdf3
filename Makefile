# Everything starts here: `make demo`, `make test`. Each sets up what it needs; the second run starts at once.

.DEFAULT_GOAL := help
BIN := .venv/bin
.PHONY: help demo test lint types format bench screenshots clean distclean setup-run setup-dev setup-bench

help:
	@echo "make demo         open the program on a drawn sample catalog (without a display: pictures and a report)"
	@echo "make test         check style, types, architecture and behaviour"
	@echo "make bench        measure against peers (minutes)"
	@echo "make format       put the source into the project's style"
	@echo "make screenshots  take the pictures of the README and of the user guide anew"
	@echo "make clean        remove what building and testing left behind"
	@echo "make distclean    remove the virtual environment and the compiled encoders, too"
	@echo "PYTHON=/path/to/python chooses the Python (3.10 to 3.13)"

setup-run setup-dev setup-bench:
	@sh packaging/setup.sh $(@:setup-%=%)

demo: setup-run
	@$(BIN)/visualsearch demo $(ARGS)

test: lint types
	@$(BIN)/pytest $(ARGS)

lint: setup-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports

types: setup-dev
	@$(BIN)/pyright

format: setup-dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: setup-bench
	@$(BIN)/python tests/bench/run.py $(ARGS)

screenshots: setup-run
	@$(BIN)/visualsearch demo --headless --out demo-output
	@mkdir -p docs/images
	@$(BIN)/python -c "from glob import glob; from pathlib import Path; from PIL import Image; \
	    from visualsearch.ui.screenshots import save_small; \
	    [found] = glob('demo-output/*-all-that-looks-like-them.png'); \
	    save_small(Image.open(found), Path('docs/images/window.png'), 900)"
	@$(BIN)/python -m visualsearch.ui.screenshots docs/guide/images

clean:
	rm -rf build dist demo-output bench-output .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find visualsearch tests -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean
	rm -rf .venv .cache *.egg-info
