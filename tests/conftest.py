"""Shared by all tests: which are skipped where, and one thread so that tests in parallel do not fight."""

import os

import pytest
from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
settings.register_profile("stylescope", deadline=None, max_examples=50)  # a busy machine is slow, not wrong
settings.load_profile("stylescope")


def pytest_collection_modifyitems(items):
    if not any("gpu" in item.keywords for item in items):
        return
    import torch

    if not torch.cuda.is_available():
        for item in items:
            if "gpu" in item.keywords:
                item.add_marker(pytest.mark.skip(reason="needs CUDA"))
