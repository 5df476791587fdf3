"""``python -m visualsearch``: the command line."""

from visualsearch.cli import main

if __name__ == "__main__":
    main()
