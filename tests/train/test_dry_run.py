"""What a command line asks for, and what it would take."""

import json

import pytest

import main
from engine import families
from tests.train.datasets.conftest import encoded, random_pixels
from train import dry_run
from train.presets import PRESETS, preset


def told(capsys, *words):
    status = main.main(["train", "--dry-run", "--out", "nowhere", *words])
    found = capsys.readouterr()
    return status, found.out, found.err


@pytest.fixture
def folder(tmp_path):
    for i in range(4):
        path = tmp_path / ("cat", "dog")[i % 2] / f"{i}.png"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(encoded(random_pixels(i, 32)))
    return str(tmp_path)


def test_the_networks_are_made_for_the_data(folder, capsys):
    status, out, err = told(capsys, "--preset", "stylegan2-e", "--data", folder, "--cond")
    config = json.loads(out)
    assert status == 0
    for network in ("generator", "discriminator"):
        assert (config[network]["resolution"], config[network]["channels"], config[network]["classes"]) == (32, 3, 2)
    assert "b32.conv1" in err
    assert "GB of weights" in err
    assert "classes" not in json.loads(told(capsys, "--preset", "stylegan2-e", "--data", folder)[1])["generator"]


def test_grey_pictures_train_networks_of_one_channel(tmp_path, capsys):
    (tmp_path / "a.png").write_bytes(encoded(random_pixels(0, 32)[..., 0]))
    _, out, _ = told(capsys, "--preset", "stylegan2-auto", "--data", str(tmp_path))
    assert json.loads(out)["generator"]["channels"] == json.loads(out)["discriminator"]["channels"] == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--set", "G.chanel=3"], "no setting G.chanel - known are activation, architecture"),
        (["--set", "D.group=3"], "no setting D.group - known are"),
        (["--set", "chanel=3"], "no setting chanel - known are augment"),
        (["--set", "G.resolution=64"], "differ in their resolution (64, 32, 32)"),
        (["--cond"], "has no labels"),
        (["--resolution", "48"], "made for 32 pixels"),
    ],
)
def test_mistakes_are_told_in_one_line_with_what_would_do(words, says, capsys):
    status, _, err = told(capsys, "--preset", "stylegan2-portraits-32", "--data", "portraits", *words)
    assert status == 2
    assert err.count("\n") == 1
    assert says in err


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_has_a_table_that_counts_its_parameters(name):
    config = preset(name)
    family = families.family(config.family)
    dry_run.check_networks(config)
    table = dry_run.table(config)
    for shapes in (family.describe(config.generator).tensors, family.discriminator_tensors(config.discriminator)):
        assert f"in {len(shapes)} tensors" in table
