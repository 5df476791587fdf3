"""A catalog of drawn products for the tests of the command line: encoded, or only imported."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from visualsearch.catalog.importing import ImportRequest, import_catalog
from visualsearch.catalog.store import Catalog
from visualsearch.jobs import JobControl


@pytest.fixture
def encoded(imported_products: Path, tmp_path: Path) -> Path:
    """A copy of the drawn products, encoded and indexed."""
    return Path(shutil.copytree(imported_products, tmp_path / "catalog"))


@pytest.fixture(scope="session")
def imported(drawn_products: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The drawn products, imported and not encoded."""
    folder = tmp_path_factory.mktemp("plain") / "catalog"
    with Catalog.open(folder, create=True) as catalog:
        import_catalog(catalog, ImportRequest(drawn_products, drawn_products / "products.csv"), JobControl())
    return folder


@pytest.fixture
def plain(imported: Path, tmp_path: Path) -> Path:
    """A copy of the drawn products, not encoded."""
    return Path(shutil.copytree(imported, tmp_path / "plain"))


@pytest.fixture
def asked(run) -> Callable[..., Any]:
    """``asked(code, "audit", catalog, …)``: the JSON that a command prints; it must end with the code."""

    def call(expected: int, command: str, *arguments: object) -> Any:
        code, out, err = run(*command.split(), *arguments, "--json")
        assert code == expected, (out, err)
        assert "Traceback" not in err
        return json.loads(out)

    return call
