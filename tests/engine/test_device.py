"""Devices, precisions and the allocator."""

import sys

import pytest
import torch

from engine import device
from engine.errors import DeviceError


def test_auto_takes_cuda_then_mps_then_the_cpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(device, "_has_mps", lambda: False)
    assert device.choose() == torch.device("cpu")
    monkeypatch.setattr(device, "_has_mps", lambda: True)
    assert device.choose() == torch.device("mps")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert device.choose() == torch.device("cuda", 0)
    assert device.choose("cuda:1") == torch.device("cuda", 1)
    with pytest.raises(DeviceError, match="below 2"):
        device.choose("cuda:2")


def test_a_device_that_is_not_there_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(device, "_has_mps", lambda: False)
    for name in ("cuda", "cuda:0", "mps", "cuda:1:2", "CPU"):
        with pytest.raises(DeviceError):
            device.choose(name)


def test_auto_precision_is_low_on_cuda_only():
    assert device.choose_dtype("auto", torch.device("cpu")) == torch.float32
    assert device.choose_dtype("auto", torch.device("cuda", 0)) == torch.float16
    assert device.choose_dtype("bfloat16", torch.device("cpu")) == torch.bfloat16


def test_tuning_and_releasing_do_no_harm_anywhere(monkeypatch):
    device.release_memory()
    monkeypatch.setattr(sys, "platform", "win32")
    assert device.tune_allocator() is False
    device.release_memory()
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(device.platform, "libc_ver", lambda: ("musl", ""))
    assert device.tune_allocator() is False


def test_a_small_network_runs_on_one_thread_and_a_large_one_on_all(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(device, "_all_threads", 0)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        device.suit_threads(800_000)
        assert torch.get_num_threads() == 1
        device.suit_threads(30_000_000)
        assert torch.get_num_threads() == 2
        monkeypatch.setenv("OMP_NUM_THREADS", "2")
        device.suit_threads(800_000)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
