"""An exported model, run by onnxruntime."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from newsdesk.errors import ModelError


def one_core_session(file: Path, what: str) -> Any:
    """The model of an ONNX file as an onnxruntime session that takes one core. Raises ModelError, which calls it `what`."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    try:
        # onnxruntime's sum and normalisation in one step takes longer than one after the other: 2.5 of 26 ms a window.
        return onnxruntime.InferenceSession(
            str(file), options, providers=["CPUExecutionProvider"], disabled_optimizers=["SkipLayerNormFusion"]
        )
    except Exception as error:  # onnxruntime's own kinds share no base
        raise ModelError(f"{what} in {file.parent} cannot be loaded: {error}") from error
