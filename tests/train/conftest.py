"""A training configuration that takes milliseconds a step, and pictures for it that nobody has to draw."""

import dataclasses

import numpy as np
import pytest
import torch

from train.data import ArraySet
from train.presets import preset


@pytest.fixture
def tiny():
    """16x16 pixels, eight features: a step takes some 20 ms."""
    widths = {"resolution": 16, "channels": 3, "channel_base": 64, "channel_max": 8}
    return dataclasses.replace(
        preset("stylegan2-portraits-32"),
        generator={**widths, "z_dim": 8, "w_dim": 8, "mapping_layers": 2},
        discriminator={**widths, "mbstd_group": 4},
        resolution=16,
        batch=8,
        kimg=0.08,
        snapshot_kimg=0.04,
        tick_kimg=0.016,
        r1_interval=4,
    )


@pytest.fixture
def pictures(monkeypatch):
    """Forty random pictures in place of drawn portraits."""
    images = np.random.RandomState(0).randint(0, 256, (40, 16, 16, 3)).astype(np.uint8)
    images[0] = 255

    monkeypatch.setattr("train.loop.open_data", lambda *_, **__: ArraySet(images))
    return images


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def no_sheets(monkeypatch):
    monkeypatch.setattr("train.run.fake_grid", lambda *_, **__: np.zeros((8, 8, 3), np.uint8))
