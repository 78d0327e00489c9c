"""What `lod` means, for all families that grow."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.nn import growing
from engine.nn.box import box_down, nearest_up

FULL = st.sampled_from([4, 8, 32, 256, 1024])
LODS = st.floats(0, 12)


@given(FULL, st.integers(0, 12))
def test_at_a_whole_lod_one_resolution_is_in_use_and_nothing_fades(full, lod):
    expected = max(full >> lod, 4)
    assert growing.resolution_in_use(full, lod) == expected
    assert growing.lower_share(full, lod) == 0
    assert growing.coloured(full, lod) == (expected,)


@given(FULL, LODS)
def test_between_two_lods_the_higher_resolution_fades_in_over_the_lower(full, lod):
    r, share = growing.resolution_in_use(full, lod), growing.lower_share(full, lod)
    assert 4 <= r <= full
    assert 0 <= share < 1
    assert growing.resolutions_in_use(full, lod) == tuple(
        4 * 2**i for i in range(len(growing.resolutions_in_use(full, lod)))
    )
    assert growing.resolutions_in_use(full, lod)[-1] == r == growing.coloured(full, lod)[-1]
    assert all(c >= 4 for c in growing.coloured(full, lod))
    if share:  # the lod can be told from resolution and share
        assert growing.coloured(full, lod) == (r // 2, r)
        assert full // r == 2 ** int(lod - share + 0.5)
        assert abs(lod - (int(lod) + share)) < 1e-9


@given(st.sampled_from([8, 32]), st.integers(1, 3))
def test_growth_is_continuous_where_a_fade_begins(full, lod):
    """Just below a whole lod the new resolution has no weight yet."""
    lod = min(lod, growing.highest_lod(full))
    lower = torch.randn(1, 3, full >> lod, full >> lod)
    higher = torch.randn(1, 3, full >> (lod - 1), full >> (lod - 1))
    before = growing.to_full_size(lower, full)
    share = growing.lower_share(full, lod - 1e-7)
    begun = growing.to_full_size(growing.faded(higher, nearest_up(lower), share), full)
    torch.testing.assert_close(before, begun, rtol=0, atol=1e-5)


@given(st.floats(0, 3))
def test_reals_are_constant_over_the_pixels_that_a_network_does_not_see(lod):
    full = 32
    r = growing.resolution_in_use(full, lod)
    image = torch.randn(2, 3, r, r, generator=torch.Generator().manual_seed(0))
    reals = growing.faded_reals(image, full, lod)
    assert reals.shape == (2, 3, full, full)
    seen = growing.to_size_in_use(reals, lod)
    assert seen.shape == image.shape
    torch.testing.assert_close(nearest_up(seen, full // r), reals)
    torch.testing.assert_close(box_down(seen), box_down(image))  # a fade moves nothing between lower resolutions


def test_share_zero_is_free():
    image = torch.randn(1, 3, 8, 8)
    assert growing.faded(image, torch.full_like(image, float("nan")), 0.0) is image
    assert growing.to_full_size(image, 8) is image
