"""Settings: presets, --set, and the one door of the command line."""

import pytest

from engine.errors import TrainingError
from train import config as c
from train.presets import PRESETS, preset


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_survives_json_and_describes_networks_that_exist(name):
    from engine.families import family

    assert c.from_dict(c.to_dict(preset(name))) == preset(name)
    told = family(preset(name).family).describe(preset(name).generator)
    assert told.resolution == preset(name).resolution


def test_set_reaches_the_run_and_both_networks():
    changed = c.with_settings(preset("stylegan2-portraits-64"), ["lr=0.001", "G.z_dim=32", "D.mbstd_group=none"])
    assert (changed.lr, changed.generator["z_dim"], changed.discriminator["mbstd_group"]) == (0.001, 32, None)


@pytest.mark.parametrize("text", ["lr", "unknown=1", "batch=many", "kimg=-1", "generator=3"])
def test_wrong_settings_get_one_sentence(text):
    with pytest.raises(TrainingError) as caught:
        c.with_settings(preset("stylegan2-portraits-64"), [text])
    assert "\n" not in str(caught.value)


def test_an_unknown_preset_names_the_known_ones():
    with pytest.raises(TrainingError, match="stylegan2-portraits-64"):
        preset("stylegan9")
