"""Measures of how near generated pictures are to real ones."""
