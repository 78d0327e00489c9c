"""Bad files: `make_badfiles.py` writes them with an index of what must happen; the tests here see that it does."""
