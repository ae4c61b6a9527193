"""The listed faults of mutate.py: what a tired programmer might do to the GPU backend, one by one."""

LISTED = []
