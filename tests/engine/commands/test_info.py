"""`info`: what it prints, and what it refuses."""

import hashlib
import json

import pytest

import main
from tests.engine.fakes import write_model


def test_json_holds_what_the_contract_names(tmp_path, capsys):
    path = tmp_path / "m.safetensors"
    content_id = write_model(path, classes=2)
    assert main.main(["info", str(path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    expected = {
        "family": "stylegan2",
        "config": "",
        "resolution": 16,
        "channels": 3,
        "z_dim": 16,
        "w_dim": 16,
        "layers": 6,
        "noise": 5,
        "classes": 2,
        "networks": ["G_ema"],
        "content_id": content_id,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "licence": "CC0-1.0",
    }
    assert found | expected == found
    assert isinstance(found["parameters"], int)


def test_text_is_for_people(tmp_path, capsys):
    write_model(tmp_path / "m.safetensors", name="Gesichter ü")
    assert main.main(["info", str(tmp_path / "m.safetensors")]) == 0
    text = capsys.readouterr().out
    assert "Gesichter ü (stylegan2)" in text
    assert "16 x 16, RGB" in text
    assert "5 inputs at 4, 8, 16" in text


def test_a_damaged_weight_is_refused_as_in_the_window(tmp_path, capsys):
    path = tmp_path / "m.safetensors"
    write_model(path)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert main.main(["info", str(path)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: m.safetensors cannot be opened: its weights are damaged")
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize("command", ["info", "convert"])
def test_options_that_every_command_has_are_taken(command, tmp_path, capsys):
    write_model(tmp_path / "a.safetensors")
    words = [str(tmp_path / "a.safetensors"), *([str(tmp_path / "b.safetensors")] if command == "convert" else [])]
    assert main.main([command, *words, "--device", "cpu", "--dtype", "float32", "--quiet", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["content_id"]


def test_quiet_says_nothing_and_a_missing_network_is_refused(tmp_path, capsys):
    write_model(tmp_path / "m.safetensors")
    assert main.main(["info", str(tmp_path / "m.safetensors"), "--quiet"]) == 0
    assert capsys.readouterr().out == ""
    assert main.main(["info", str(tmp_path / "m.safetensors"), "--network", "D"]) == 2
    assert "it has G_ema" in capsys.readouterr().err
