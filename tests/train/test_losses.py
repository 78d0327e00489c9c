"""Losses and penalties against their definitions."""

import pytest
import torch

from train import losses


def test_logistic_losses_are_the_logarithms_of_the_paper():
    scores = torch.tensor([[-3.0], [0.0], [2.0]])
    probability = torch.sigmoid(scores)
    torch.testing.assert_close(losses.generator_loss(scores), -probability.log())
    torch.testing.assert_close(losses.discriminator_loss_real(scores), -probability.log())
    torch.testing.assert_close(losses.discriminator_loss_fake(scores), -(1 - probability).log())


def test_r1_of_a_linear_score_is_the_squared_norm_of_its_weights():
    weights = torch.randn(3, 4, 4, generator=torch.Generator().manual_seed(0))
    reals = torch.zeros(5, 3, 4, 4, requires_grad=True)
    penalty = losses.r1_penalty((reals * weights).sum(dim=(1, 2, 3)), reals)
    torch.testing.assert_close(penalty, weights.square().sum().expand(5))


def test_path_length_of_a_linear_map_is_the_norm_of_its_pulled_back_noise():
    ws = torch.randn(2, 3, 5, generator=torch.Generator().manual_seed(1)).requires_grad_()
    noise = torch.randn(2, 1, 4, 4, generator=torch.Generator().manual_seed(2))
    matrix = torch.randn(15, 16, generator=torch.Generator().manual_seed(3))
    pictures = (ws.flatten(1) @ matrix).view(2, 1, 4, 4)
    pulled = ((noise / 4).flatten(1) @ matrix.t()).view(2, 3, 5)
    expected = pulled.square().sum(2).mean(1).sqrt()
    torch.testing.assert_close(losses.path_lengths(pictures, ws, noise), expected)


def test_penalties_can_be_differentiated_again():
    weight = torch.tensor(2.0, requires_grad=True)
    reals = torch.ones(1, 1, 2, 2, requires_grad=True)
    losses.r1_penalty((reals * weight).sum(dim=(1, 2, 3)), reals).sum().backward()
    assert weight.grad == pytest.approx(4 * 2 * 2.0)
