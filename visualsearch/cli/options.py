"""What several commands share: exit codes and options."""

from __future__ import annotations

from pathlib import Path

import click

OK, FAILED, USAGE, SOME_REFUSED = 0, 1, 2, 3

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
catalog_argument = click.argument("catalog", type=click.Path(path_type=Path))
