"""What a command line asks for, and what it would take."""

import dataclasses
import json

import pytest

import main
from engine import families
from engine.errors import ModelNotFoundError
from tests.train.datasets.conftest import encoded, random_pixels
from train import checks, dry_run
from train.config import to_dict
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
        (["--set", "chanel=3"], "no setting 'chanel' - known are augment"),
        (["--set", "G.resolution=64"], "differ in their resolution (64, 32, 32)"),
        (["--cond"], "has no labels"),
        (["--set", "G.classes=3", "--set", "D.classes=3"], "has no labels"),
        (["--resolution", "48"], "made for 32 pixels"),
        (["--resolution", "0"], "made for 32 pixels"),
        (["--set", "w_parts=0:500:0,4:13:0"], "w_parts are 513 values and w has 128"),
        (["--seed", "-1"], "seed is -1 - give 0 or more, up to 4294967295"),
        (["--set", "batch=18"], "--set batch=20"),
        (["--batch-gpu", "3"], "give 16, 8 or 4"),
        (["--set", "freeze_d=1000"], "freeze_layers is 1000"),
        (["--set", "kimg=inf"], "kimg is inf"),
        (["--transfer", "nowhere"], "no model nowhere"),
        (["--out", "taken"], "taken is a file"),
        (["--out", "taken/run"], "cannot be made"),
        (["--transfer", "n" * 5000], "no model nnn"),
        (["--preset", "stylegan2-e"], "portraits are not drawn at 1024 pixels - give --resolution, one of 32, 64"),
        (["--set", "noise_kimg=1", "--set", "G.use_noise=false"], "noise_kimg is set for a generator without noise"),
        (["--set", "G.channels=2", "--set", "D.channels=2"], "the networks have 2 channels, and the pictures 3"),
        (["--set", "G.channels=4", "--set", "D.channels=4"], "the networks have 4 channels, and the pictures 3"),
        (["--set", "D.architecture=msg", "--set", "G.architecture=orig"], "--set G.architecture=skip"),
        (["--set", "D.architecture=msg", "--set", "augment=ada"], "--set augment=none"),
        (["--out", "full"], "not empty"),
    ],
)
def test_mistakes_are_told_in_one_line_before_anything_is_written(words, says, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "photo.jpg").write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    given = ["--preset", "stylegan2-portraits-32", "--data", "portraits", "--out", "run", *words]
    for dry in (["--dry-run"], []):
        assert main.main(["train", *given, *dry]) == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1
        assert len(error) < 1000
        assert says in error
        assert sorted(tmp_path.rglob("*")) == before


def test_pictures_of_files_have_one_three_or_four_channels(folder, capsys):
    for channels, status in ((1, 0), (2, 2), (3, 0), (4, 0)):
        settings = [word for letter in "GD" for word in ("--set", f"{letter}.channels={channels}")]
        assert told(capsys, "--preset", "stylegan2-e", "--data", folder, *settings)[0] == status


@pytest.mark.parametrize("out", ["", "runs/a", "cat"])
def test_a_run_among_its_pictures_is_refused_for_its_samples_would_be_some(
    out, folder, tmp_path, tmp_path_factory, capsys
):
    link = tmp_path_factory.mktemp("links") / "photos"
    link.symlink_to(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    for data in (folder, str(link)):
        words = ["train", "--preset", "stylegan2-e", "--data", data, "--out", str(tmp_path / out)]
        for dry in (["--dry-run"], []):
            assert main.main([*words, *dry]) == 2
            error = capsys.readouterr().err
            assert error.count("\n") == 1
            assert "would lie in its data set" in error
    assert sorted(tmp_path.rglob("*")) == before


def test_a_run_beside_its_pictures_is_none_among_them(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = ["train", "--dry-run", "--preset", "stylegan2-e", "--data", "cat"]
    assert main.main([*words, "--out", "cats"]) == main.main([*words, "--out", "cat/../run"]) == 0


def test_a_resolution_that_the_pictures_have_not_is_refused(folder, capsys):
    status, _, err = told(capsys, "--preset", "stylegan2-e", "--data", folder, "--resolution", "64")
    assert (status, err.count("\n")) == (2, 1)
    assert "are 32x32, not 64" in err


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_has_a_table_that_counts_its_parameters(name):
    config = preset(name)
    family = families.family(config.family)
    checks.check_networks(config)
    table = dry_run.table(config)
    for shapes in (family.describe(config.generator).tensors, family.discriminator_tensors(config.discriminator)):
        assert f"in {len(shapes)} tensors" in table


def test_a_run_goes_on_without_the_model_that_it_began_with(tmp_path):
    config = dataclasses.replace(preset("stylegan2-portraits-32"), transfer=str(tmp_path / "gone.pkl"))
    with pytest.raises(ModelNotFoundError):
        checks.check_folder(config, tmp_path / "run")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.json").write_text(json.dumps(to_dict(config)))
    (tmp_path / "run" / "state-000001.safetensors").write_bytes(b"learned")
    checks.check_folder(config, tmp_path / "run")


def test_a_run_that_begins_with_a_model_averages_from_its_start_on_and_moves_p_sooner(tmp_path, monkeypatch, capsys):
    """The defaults of --transfer; what is set holds, and a run that goes on keeps what it began with."""
    monkeypatch.chdir(tmp_path)

    def values(*words):
        status, out, err = told(capsys, "--preset", "stylegan2-portraits-64", "--data", "portraits", *words)
        assert status == 0, err
        config = json.loads(out)
        return config["ema_rampup"], config["augment_kimg"]

    assert values() == (0.05, 500)
    assert values("--transfer", "portraits-64") == (0, 100)
    assert values("--transfer", "portraits-64", "--set", "ema_rampup=0.1") == (0.1, 100)
    began = dataclasses.replace(preset("stylegan2-portraits-64"), transfer="gone.pkl")  # before there were defaults
    (tmp_path / "nowhere").mkdir()
    (tmp_path / "nowhere" / "config.json").write_text(json.dumps(to_dict(began)))
    assert values("--transfer", "portraits-64") == (0, 100)  # nothing was learned yet
    (tmp_path / "nowhere" / "state-000001.safetensors").write_bytes(b"learned")
    assert values() == values("--transfer", "gone.pkl") == (0.05, 500)
