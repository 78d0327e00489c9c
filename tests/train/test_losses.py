"""Losses and penalties against their definitions."""

import pytest
import torch

from train import losses
from train.config import CHOICES
from train.losses import LOSSES


def test_every_loss_that_a_config_may_name_exists():
    assert set(CHOICES["loss"]) == set(LOSSES)


def test_logistic_losses_are_the_logarithms_of_the_paper():
    scores = torch.tensor([[-3.0], [0.0], [2.0]])
    probability = torch.sigmoid(scores)
    for name in ("logistic", "logistic-saturating"):
        torch.testing.assert_close(LOSSES[name].real(scores), -probability.log())
        torch.testing.assert_close(LOSSES[name].fake(scores), -(1 - probability).log())
    torch.testing.assert_close(LOSSES["logistic"].generator(scores), -probability.log())
    torch.testing.assert_close(LOSSES["logistic-saturating"].generator(scores), (1 - probability).log())


def test_gradient_penalty_of_a_linear_score_is_the_squared_norm_of_its_weights():
    weights = torch.randn(3, 4, 4, generator=torch.Generator().manual_seed(0))
    reals = torch.zeros(5, 3, 4, 4, requires_grad=True)
    scores = (reals * weights).sum(dim=(1, 2, 3))
    norm = weights.norm()
    torch.testing.assert_close(losses.gradient_penalty(scores, reals), norm.square().expand(5))
    torch.testing.assert_close(losses.gradient_distance(scores, reals, 3.0), ((norm - 3) / 3).square().expand(5))


def test_path_length_of_a_linear_map_is_the_norm_of_its_pulled_back_noise():
    ws = torch.randn(2, 3, 5, generator=torch.Generator().manual_seed(1)).requires_grad_()
    noise = torch.randn(2, 1, 4, 4, generator=torch.Generator().manual_seed(2))
    matrix = torch.randn(15, 16, generator=torch.Generator().manual_seed(3))
    pictures = (ws.flatten(1) @ matrix).view(2, 1, 4, 4)
    pulled = ((noise / 4).flatten(1) @ matrix.t()).view(2, 3, 5)
    expected = pulled.square().sum(2).mean(1).sqrt()
    torch.testing.assert_close(losses.path_lengths(pictures, ws, noise), expected)


def test_mean_path_length_moves_before_it_is_used_and_passes_its_share_of_the_gradient():
    lengths = torch.tensor([2.0, 4.0], requires_grad=True)
    penalty, mean = losses.path_penalty(lengths, torch.tensor(1.0), 0.5)
    assert mean.item() == 2.0
    torch.testing.assert_close(penalty, torch.tensor([0.0, 4.0]))
    penalty.sum().backward()
    torch.testing.assert_close(lengths.grad, torch.tensor([-1.0, 3.0]))  # 2 d - 0.25 * sum(2 d), d = 0 and 2


def test_penalties_can_be_differentiated_again():
    weight = torch.tensor(2.0, requires_grad=True)
    reals = torch.ones(1, 1, 2, 2, requires_grad=True)
    losses.gradient_penalty((reals * weight).sum(dim=(1, 2, 3)), reals).sum().backward()
    assert weight.grad == pytest.approx(4 * 2 * 2.0)
