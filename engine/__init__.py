"""The Stylescope engine: recipes in, pictures out. No Qt here, ever; usable as a library."""

__version__ = "0.1.0"
