"""The folder of compiled encoders: a LiteRT file named by its content, and a manifest that is written last.

Several processes may compile at once: each writes files of its own and renames them, so a manifest always names a
whole file, whoever comes last.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from visualsearch import settings
from visualsearch.encoders.encoder import CompiledEncoder, EncoderSpec, file_sha256, fingerprint
from visualsearch.replacing import replace_file


def compiled(spec: EncoderSpec, weights_sha256: str | None = None) -> CompiledEncoder | None:
    """The compiled encoder, its checksum verified, or None when it has to be made (again).

    With ``weights_sha256`` only an encoder made of just these weights counts.
    """
    try:
        manifest = json.loads(_manifest(spec).read_text("utf-8"))
        file = settings.encoders_dir() / Path(manifest["file"]).name
        made_of = str(manifest["weights_sha256"])
        if manifest["fingerprint"] != _fingerprint(spec, made_of) or weights_sha256 not in (None, made_of):
            return None
        if file_sha256(file) != manifest["sha256"]:
            return None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return _compiled(spec, file, made_of)


def known_fingerprint(spec: EncoderSpec, weights_sha256: str | None) -> str | None:
    """The fingerprint that the encoder gets from these weights, or from those it was compiled of (*fast*: nothing is
    verified); None where it was not compiled yet."""
    try:
        made_of = weights_sha256 or str(json.loads(_manifest(spec).read_text("utf-8"))["weights_sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return _fingerprint(spec, made_of)


def add(spec: EncoderSpec, fresh: Path, weights_sha256: str) -> CompiledEncoder:
    """Move a freshly compiled file (in the encoders' folder already) to its name and point the manifest to it."""
    sha256 = file_sha256(fresh)
    file = fresh.with_name(f"{spec.name}-{sha256[:16]}.tflite")
    os.replace(fresh, file)
    manifest = {
        "name": spec.name,
        "file": file.name,
        "sha256": sha256,
        "weights_sha256": weights_sha256,
        "fingerprint": _fingerprint(spec, weights_sha256),
    }
    replace_file(_manifest(spec), json.dumps(manifest, indent=1).encode())
    return _compiled(spec, file, weights_sha256)


def _manifest(spec: EncoderSpec) -> Path:
    return settings.encoders_dir() / f"{spec.name}.json"


def _fingerprint(spec: EncoderSpec, weights_sha256: str) -> str:
    return fingerprint(weights_sha256, spec.input_size, spec.dimension, spec.scale, spec.offset, spec.version)


def _compiled(spec: EncoderSpec, file: Path, weights_sha256: str) -> CompiledEncoder:
    return CompiledEncoder(
        spec.name,
        file,
        spec.input_size,
        spec.dimension,
        spec.scale,
        spec.offset,
        _fingerprint(spec, weights_sha256),
    )
