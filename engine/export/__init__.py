"""Pictures, grids and films as files. `job.py` is the way in: a Job says what, `run` makes it, `Control` stops it."""
