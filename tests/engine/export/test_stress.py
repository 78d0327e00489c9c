"""What is too large for every test run; by hand, figures go into docs/reliability.md."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
CHILD = """
import json, re, sys, time
from pathlib import Path
from engine.export.grid import Grid
from engine.export.film import Film
from engine.export.job import Job, run
from engine.recipe import Seed, Source
from tests.engine.export.painted import PaintedRenderer, painted_info

kind, out = sys.argv[1:]
seeds = tuple(Source(Seed(i)) for i in range(20))
what = {
    "grid": Grid(kind="truncation", sources=seeds, psis=tuple(i / 10 for i in range(20))),
    "short": Film(kind="interpolation", paths=((seeds[0], seeds[1]),), frames=30),
    "long": Film(kind="interpolation", paths=((seeds[0], seeds[1]),), frames=900),
}[kind]
began = time.perf_counter()
large = kind == "grid"
run(Job(what=what, out=Path(out)), PaintedRenderer(painted_info(1024 if large else 256), noisy=large))
# not ru_maxrss, which a process inherits from the one that started it
peak = int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024
print(json.dumps({"peak_mb": peak, "seconds": time.perf_counter() - began, "bytes": Path(out).stat().st_size}))
"""

pytestmark = [pytest.mark.stress, pytest.mark.skipif(sys.platform != "linux", reason="/proc tells the peak there")]


def measured(kind, out):
    done = subprocess.run([sys.executable, "-c", CHILD, kind, str(out)], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    found = json.loads(done.stdout)
    print(kind, found)
    return found


def test_a_grid_of_400_pictures_of_1024_pixels_stays_under_2_gb(tmp_path):
    """Of noise, which is the largest that pictures can be."""
    assert measured("grid", tmp_path / "g.png")["peak_mb"] < 2000


def test_memory_does_not_grow_with_the_number_of_frames(tmp_path):
    for suffix in (".mp4", ".gif", ".webp"):
        short, long = (measured(kind, tmp_path / f"f{suffix}")["peak_mb"] for kind in ("short", "long"))
        assert long < short + 50, "870 frames more are 171 MB"
