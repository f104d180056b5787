"""The formulas: metrics of ranking and answering, calibration, confidence intervals and tests."""
