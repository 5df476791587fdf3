"""The command line: one module for each group of commands; `app` puts them together."""

from visualsearch.cli.app import cli, main

__all__ = ["cli", "main"]
