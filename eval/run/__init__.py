"""Asking an archive every question of a set: the only part of `eval`, with `speed`, that opens one."""
