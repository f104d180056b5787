"""An exported model, run by onnxruntime."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from newsdesk.errors import ModelError


def one_core_session(file: Path, what: str) -> Any:
    """The model of an ONNX file as an onnxruntime session that takes one core. Raises ModelError, which calls it `what`.

    Archives that are open in one process share it, for it holds tens of megabytes and any thread may run it.
    """
    try:
        stat = file.stat()
        return _session(file.resolve(), stat.st_mtime_ns, stat.st_size)
    except Exception as error:  # onnxruntime's own kinds share no base
        raise ModelError(f"{what} in {file.parent} cannot be loaded: {error}") from error


@lru_cache(maxsize=4)
def _session(file: Path, changed: int, size: int) -> Any:  # another time or size: another model
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    # onnxruntime's sum and normalisation in one step takes longer than one after the other: 2.5 of 26 ms a window.
    return onnxruntime.InferenceSession(
        str(file), options, providers=["CPUExecutionProvider"], disabled_optimizers=["SkipLayerNormFusion"]
    )
