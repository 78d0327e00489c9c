"""Settings: presets, --set, and the one door of the command line."""

import contextlib
import dataclasses
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import TrainingError
from train import changes
from train import config as c
from train.presets import PRESETS, preset


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_survives_json_and_describes_networks_that_exist(name):
    from engine.families import family

    assert c.from_dict(c.to_dict(preset(name))) == preset(name)
    told = family(preset(name).family).describe(preset(name).generator)
    assert told.resolution == preset(name).resolution


def test_set_reaches_the_run_and_both_networks():
    changed = changes.with_settings(preset("stylegan2-portraits-64"), ["lr=0.001", "G.z_dim=32", "D.mbstd_group=none"])
    assert (changed.lr, changed.generator["z_dim"], changed.discriminator["mbstd_group"]) == (0.001, 32, None)


def test_set_reaches_switches_choices_and_settings_of_augmentation():
    given = ["mirror=true", "phases=published", "r1_gamma_from=1:0.3,2:0.1", "freeze_d=4", "augment=ada", "A.hue=0.5"]
    changed = changes.with_settings(preset("stylegan2-portraits-64"), given)
    assert (changed.mirror, changed.phases, changed.r1_gamma_from, changed.freeze_d) == (
        True,
        "published",
        ((1.0, 0.3), (2.0, 0.1)),
        4,
    )
    assert (changed.augment, changed.augment_settings) == ("ada", {"hue": 0.5})
    assert c.from_dict(c.to_dict(changed)) == changed


def test_what_json_makes_of_a_setting_does_not_count_as_a_change():
    bands = {"imgfilter": 1.0, "imgfilter_bands": (1, 0, 1, 0)}
    config = dataclasses.replace(preset("stylegan2-portraits-64"), augment_settings=bands)
    stored = json.loads(json.dumps(c.to_dict(config)))
    assert changes.differences(c.from_dict(stored), config) == []
    told = changes.differences(c.from_dict(stored), preset("stylegan2-portraits-64"))
    assert told == ["A.imgfilter (1.0, not None)", "A.imgfilter_bands ([1, 0, 1, 0], not None)"]


def test_distances_that_were_measured_keep_their_number_of_pictures():
    without = preset("stylegan2-portraits-64")
    fewer = dataclasses.replace(without, swd_kimg=100.0, swd_pictures=512)
    assert changes.differences(without, fewer) == []
    assert changes.differences(fewer, dataclasses.replace(fewer, swd_pictures=64)) == ["swd_pictures (512, not 64)"]


WRONG = [
    *("lr", "unknown=1", "batch=many", "kimg=-1", "generator=3", "phases=both", "loss=l2", "augment=yes"),
    *("augment_pipe=xyz", "A.nose=1", "mirror=maybe", "drift=-1", "freeze_d=-1", "style_mixing=2", "kimg=nan"),
    *("seed=-1", "seed=4294967296", "kimg=inf", "batch=0", "lr=inf", "lr=1e300", "beta2=1", "r1_gamma=inf"),
    *("ema_kimg=nan", "blur_sigma=nan", "pl_decay=5", "w_avg_beta=-1", "augment_target=nan", "tick_kimg=inf"),
    *("r1_gamma_from=1:nan", "r1_gamma_from=2:1,1:1", "r1_gamma_from=x", "preset=x", "data=x", "family=progan", "=1"),
    *("A.imgfilter_bands=1", "A.imgfilter_bands=1,1", "noise_kimg=-1", "lr_from=1:0", "lr_from=2:0.1,1:0.1"),
]


@pytest.mark.parametrize("text", WRONG)
def test_wrong_settings_get_one_sentence(text):
    with pytest.raises(TrainingError) as caught:
        changes.with_settings(preset("stylegan2-portraits-64"), [text])
    assert "\n" not in str(caught.value)


NUMBERS = [f.name for f in dataclasses.fields(c.TrainConfig) if f.type in ("int", "float") and f.name != "resolution"]


def test_every_number_has_limits():
    assert set(c.LIMITS) == set(NUMBERS)


@given(st.sampled_from(NUMBERS), st.floats() | st.integers())
def test_a_number_is_within_its_limits_or_refused(name, value):
    with contextlib.suppress(TrainingError):
        made = changes.with_settings(preset("stylegan2-portraits-64"), [f"{name}={value}"])
        assert math.isfinite(getattr(made, name))
        assert c.from_dict(json.loads(json.dumps(c.to_dict(made), allow_nan=False))) == made


def test_frequency_bands_need_larger_pictures_than_16():
    wanted = ["augment=ada", "augment_pipe=bgcf"]
    assert changes.with_settings(preset("stylegan2-portraits-32"), wanted).augment_pipe == "bgcf"
    with pytest.raises(TrainingError, match="16x16 are too small"):
        changes.with_settings(preset("stylegan2-auto", 16), wanted)


def test_an_unknown_preset_names_the_known_ones():
    with pytest.raises(TrainingError, match="stylegan2-portraits-64"):
        preset("stylegan9")
