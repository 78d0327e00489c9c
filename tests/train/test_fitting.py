"""What is rehearsed to find the slice that fits; that it is found is tested with divisions."""

import dataclasses

import pytest
import torch

from train import fitting
from train.division import divided
from train.parallel import World


@pytest.mark.parametrize(("how", "p"), [("ada", 1.0), ("fixed", 0.25)])
def test_a_slice_fits_with_the_augmentation_that_it_may_get(how, p, tiny, monkeypatch):
    """ADA's p begins at 0, and grows after the slice was chosen."""
    strengths = []
    monkeypatch.setattr(fitting, "train_step", lambda n, *_: strengths.append(float(n.ada.p)))
    config = dataclasses.replace(tiny, augment=how, augment_p=0.0 if how == "ada" else p)
    fitting.fitting_slice(config, torch.device("cpu"), divided(8, 4), World())
    assert strengths == [p]
