"""A StyleGAN2 network of twice the resolution begins as the smaller one."""

from __future__ import annotations

import pytest
import torch

from engine.families.stylegan2 import FAMILY
from engine.nn.fir import downsample2d, setup_filter, upsample2d
from train.transfer import copy_matching

WIDTHS = {"channels": 3, "channel_base": 256, "channel_max": 16}  # 8 features at 32 pixels, 16 at 16
G = {**WIDTHS, "z_dim": 8, "w_dim": 8, "mapping_layers": 2}


def test_a_larger_generator_shows_the_smaller_ones_picture_enlarged() -> None:
    torch.manual_seed(0)
    small, large = (FAMILY.build_generator({**G, "resolution": r}) for r in (16, 32))
    report = copy_matching(small.state_dict(), large)
    ws = small.broadcast(small.map(torch.randn(2, 8)))
    ws_large = torch.cat([ws, ws[:, -1:], ws[:, -1:]], dim=1)
    with torch.no_grad():
        found, expected = large.synthesize(ws_large), upsample2d(small.synthesize(ws), setup_filter([1, 3, 3, 1]))
    torch.testing.assert_close(found, expected)
    assert report.grown == ("synthesis.b32.torgb.bias", "synthesis.b32.torgb.weight")


def test_a_larger_discriminator_gives_the_smaller_ones_score_of_the_reduced_picture_and_trains() -> None:
    torch.manual_seed(1)
    small, large = (FAMILY.build_discriminator({**WIDTHS, "resolution": r}) for r in (16, 32))
    with torch.no_grad():
        small.block(16).fromrgb.bias.normal_()
    report = copy_matching(small.state_dict(), large)
    pictures = torch.randn(4, 3, 32, 32)
    scores = large(pictures)
    torch.testing.assert_close(scores, small(downsample2d(pictures, setup_filter([1, 3, 3, 1]))), rtol=1e-4, atol=1e-4)
    assert any(name.startswith("b32.conv1") for name in report.grown)
    scores.sum().backward()
    gradients = {name: p.grad for name, p in large.named_parameters() if p.grad is not None}
    assert all(gradients[f"b32.{name}.weight"].abs().sum() > 0 for name in ("conv1", "skip"))


@pytest.mark.parametrize("changes", [{"architecture": "orig"}, {"channel_base": 64, "channel_max": 4}, {"channels": 1}])
def test_where_the_widths_or_the_architecture_do_not_fit_a_block_begins_anew(changes: dict[str, object]) -> None:
    small = FAMILY.build_discriminator({**WIDTHS, "resolution": 16})
    large = FAMILY.build_discriminator({**WIDTHS, **changes, "resolution": 32})
    assert copy_matching(small.state_dict(), large).grown == ()
