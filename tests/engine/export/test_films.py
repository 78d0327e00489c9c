"""Films as files, decoded again: count, rate, time, size, pixels, the seam of a loop, the recipe inside."""

import errno
import hashlib
import io
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageSequence

from engine import library
from engine.export import description_file, encoders
from engine.export.film import Film
from engine.export.film_file import composed, enlarged
from engine.export.job import Job, run
from engine.export.page import Page
from engine.picture import open_picture
from engine.recipe import Mix, Noise, NoiseSetting, Recipe, Seed, Source
from engine.renderer import Renderer
from tests.engine.export.painted import PaintedRenderer, painted_info


@pytest.fixture(scope="module")
def portraits():
    """The bundled model: real pictures are what encoders are made for."""
    renderer = Renderer("cpu")
    renderer.load(library.find())
    return renderer


SUFFIXES = [".mp4", ".webm", ".gif", ".webp"]


def film(*seeds, frames=12, **options):
    options = {"kind": "interpolation", "base": Recipe(psi=0.7, mix=Mix(blend="linear"))} | options
    return Film(paths=(tuple(Source(Seed(seed)) for seed in seeds),), frames=frames, **options)


def decoded(path):
    """Frames [H, W, 3] and the rate or total seconds that the file tells."""
    if path.suffix == ".webp":
        with Image.open(path) as image:
            frames, delays = [], []
            for frame in ImageSequence.Iterator(image):
                frames.append(np.asarray(frame.convert("RGB")))
                delays.append(frame.info["duration"])
        return frames, Fraction(sum(delays), 1000)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
        told = Fraction(container.duration, 1_000_000) if path.suffix == ".gif" else stream.average_rate
    return frames, told


def psnr(a, b):
    return 10 * np.log10(255**2 / max(np.mean((a.astype(float) - b) ** 2), 1e-9))


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("fps", [Fraction(24), Fraction(30000, 1001)])
def test_a_film_has_its_frames_rate_size_and_pictures(suffix, fps, portraits, tmp_path):
    renderer, info, subject = portraits, portraits.info, film(1, 5, 9, frames=13, fps=fps)
    (written,) = run(Job(what=subject, out=tmp_path / f"film{suffix}"), renderer)
    frames, told = decoded(written.path)
    size = subject.size(info, suffix)
    assert len(frames) == 13
    assert {frame.shape for frame in frames} == {(size.height * size.scale, size.width * size.scale, 3)}
    if suffix in (".mp4", ".webm"):
        assert told == fps
    else:  # as exact as the format's clock
        assert abs(told - 13 / fps) <= Fraction(1, {".gif": 200, ".webp": 2000}[suffix])
    own = [renderer.render(subject.frame(i, info)[0]).pixels for i in range(13)]
    for i in (0, 6, 12):
        assert psnr(frames[i], enlarged(own[i], size.scale, True)) > 30
    assert written.sha256 == hashlib.sha256(b"".join(pixels.tobytes() for pixels in own)).hexdigest()


@pytest.mark.parametrize("suffix", [*SUFFIXES, ""])
def test_a_film_is_made_again_from_itself(suffix, renderer, tmp_path):
    subject = film(1, 5, cubic=True, loop=True)
    out = tmp_path / f"film{suffix}"
    first = run(Job(what=subject, out=out), renderer)[0]
    described = description_file.read(out)
    assert described == subject
    beside = {".mp4": [], ".webm": [], ".gif": ["film.json"], ".webp": ["film.json"], "": []}[suffix]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([out.name, *beside])
    again = run(Job(what=described, out=tmp_path / "again.webp"), renderer)[0]
    assert again.sha256 == first.sha256


def test_numbered_frames_hold_their_recipes(renderer, tmp_path):
    subject = film(1, 5, frames=5)
    run(Job(what=subject, out=tmp_path / "new" / "frames"), renderer)
    names = sorted(path.name for path in (tmp_path / "new" / "frames").iterdir())
    assert names == ["film.json", *(f"frame0000{i}.png" for i in range(5))]
    for i in range(5):
        recipe, pixels = open_picture(tmp_path / "new" / "frames" / f"frame0000{i}.png")
        assert recipe == subject.frame(i, renderer.info)[0]
        assert (pixels == renderer.render(recipe).pixels).all()
    run(Job(what=film(1, 5, frames=2), out=tmp_path / "new" / "frames"), renderer)
    assert len(list((tmp_path / "new" / "frames").iterdir())) == 3, "the longer film is gone as a whole"


LOUD = Recipe(noise=Noise(tuple((r, NoiseSetting(strength=4.0)) for r in (4, 8, 16, 32, 64))))
LOOPS = {
    "w": {"seeds": (1, 5, 9, 20)},
    "cubic": {"seeds": (1, 5, 9, 20), "cubic": True},
    "z": {"seeds": (1, 5, 9, 20), "base": Recipe(psi=0.7, mix=Mix(space="z"))},
    "mixing": {"seeds": (1, 5), "kind": "mixing", "layers": (0, 1, 2)},
    "truncation": {"seeds": (1,), "kind": "truncation", "psis": (1.0, 0.2)},
    # Louder than trained, for else it moves less than the film's coding does.
    "noise": {"seeds": (1,), "kind": "noise", "noise_seeds": (0, 1), "base": LOUD},
}


@pytest.mark.parametrize("kind", LOOPS)
def test_the_seam_of_a_loop_is_no_larger_than_other_steps(kind, portraits, tmp_path):
    options = dict(LOOPS[kind])
    subject = film(*options.pop("seeds"), frames=24, loop=True, **options)
    path = tmp_path / "l.mp4"
    run(Job(what=subject, out=path), portraits)
    frames, _ = decoded(path)
    steps = [np.abs(a.astype(int) - b).mean() for a, b in zip(frames, [*frames[1:], frames[0]], strict=True)]
    # Beside its neighbours: how far two seeds are apart, and so how fast a part of the film is, is the model's affair.
    assert steps[-1] <= 1.5 * np.mean([*steps[-4:-1], *steps[:3]])
    assert np.mean(steps) > 0.1, "it moves"


def test_films_side_by_side_are_the_single_films(renderer, tmp_path):
    paths = tuple((Source(Seed(i)), Source(Seed(i + 10))) for i in range(5))
    page = Page(gap=3, columns=3, background="#204060")
    subject = Film(kind="interpolation", paths=paths, frames=4, page=page)
    run(Job(what=subject, out=tmp_path / "side"), renderer)
    pixels = open_picture(tmp_path / "side" / "frame00002.png")[1]
    assert pixels.shape == (2 * 16 + 3, 3 * 16 + 2 * 3, 3)
    for n, path in enumerate(paths):
        y, x = n // 3 * 19, n % 3 * 19
        own = renderer.render(replace(subject, paths=(path,)).frame(2, renderer.info)[0]).pixels
        assert (pixels[y : y + 16, x : x + 16] == own).all()
    assert (pixels[19:, 38:] == (0x20, 0x40, 0x60)).all()
    assert (pixels[16:19] == (0x20, 0x40, 0x60)).all()


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_of_an_odd_size_the_last_column_is_there_twice(suffix, tmp_path):
    renderer = PaintedRenderer(painted_info(16))
    paths = tuple((Source(Seed(i)), Source(Seed(i + 1))) for i in range(2))
    page = Page(gap=3, columns=2, background="#808080")
    subject = Film(kind="interpolation", paths=paths, frames=3, scale=3, smooth=False, page=page)
    run(Job(what=subject, out=tmp_path / f"odd{suffix}", quality=100), renderer)
    frames, _ = decoded(tmp_path / f"odd{suffix}")
    assert frames[0].shape == (48, 106, 3)
    own = composed(subject, [renderer.render(recipe) for recipe in subject.frame(0, renderer.info)]).pixels
    assert psnr(frames[0], np.pad(enlarged(own, 3, False), ((0, 0), (0, 1), (0, 0)), "edge")) > 30


@pytest.mark.parametrize("channels", [1, 4])
@pytest.mark.parametrize("suffix", [".mp4", ".gif", ".webp"])
def test_grey_and_transparent_models_make_films(channels, suffix, tmp_path):
    renderer = PaintedRenderer(painted_info(32, channels))
    run(Job(what=film(1, 2, frames=3, scale=1), out=tmp_path / f"f{suffix}"), renderer)
    frames, _ = decoded(tmp_path / f"f{suffix}")
    assert len(frames) == 3
    if channels == 1:
        assert np.ptp(frames[0].astype(int), axis=2).max() <= 6


@pytest.mark.parametrize("fps", [Fraction(7), Fraction(24), Fraction(30), Fraction(48), Fraction(30000, 1001)])
@pytest.mark.parametrize("frames", [1, 2, 50, 1000])
def test_rounded_times_add_up_to_the_whole(fps, frames):
    """A GIF's delays are whole hundredths: their sum is the film's length to half a hundredth, and none is 0."""
    reel = encoders.Reel(width=1, height=1, frames=frames, fps=fps, quality=80, comment="")
    times = encoders.moments(reel, 100)
    delays = np.diff(times)
    assert abs(Fraction(times[-1], 100) - frames / fps) <= Fraction(1, 200)
    assert delays.min() >= 1
    assert delays.max() - delays.min() <= 1


def test_equal_frames_are_all_there(tmp_path):
    """Encoders like to merge them."""
    for suffix in SUFFIXES:
        subject = film(7, 7, frames=9, fps=Fraction(10), scale=1)
        run(Job(what=subject, out=tmp_path / f"still{suffix}"), PaintedRenderer())
        frames, told = decoded(tmp_path / f"still{suffix}")
        assert len(frames) == 9
        assert told == (10 if suffix in (".mp4", ".webm") else Fraction(9, 10))


def test_quality_costs_bytes_and_gives_pixels(tmp_path):
    renderer, subject = PaintedRenderer(painted_info(64), noisy=True), film(1, 2, frames=3, scale=1)
    for suffix in (".mp4", ".webm", ".webp"):
        results = []
        for quality in (20, 90):
            path = tmp_path / f"q{suffix}"
            run(Job(what=subject, out=path, quality=quality), renderer)
            own = renderer.render(subject.frame(0, renderer.info)[0]).pixels
            results.append((path.stat().st_size, psnr(decoded(path)[0][0], own)))
        assert results[0][0] < results[1][0]
        assert results[0][1] < results[1][1]


def test_a_webp_of_quality_100_loses_nothing(tmp_path):
    renderer, subject = PaintedRenderer(noisy=True), film(1, 2, frames=2)
    run(Job(what=subject, out=tmp_path / "f.webp", quality=100), renderer)
    frames, _ = decoded(tmp_path / "f.webp")
    assert (frames[1] == renderer.render(subject.frame(1, renderer.info)[0]).pixels).all()


def test_the_bytes_do_not_depend_on_when_frames_come(tmp_path, renderer):
    """Rendering and encoding take turns differently each time; the files are equal."""
    subject = film(1, 5, frames=8, scale=2)
    for suffix in SUFFIXES:
        files = []
        for name in ("a", "b"):
            run(Job(what=subject, out=tmp_path / f"{name}{suffix}"), renderer)
            files.append(Path(tmp_path / f"{name}{suffix}").read_bytes())
        assert files[0] == files[1]


class FullDisk(io.BytesIO):
    """Takes so many bytes."""

    def __init__(self, room):
        super().__init__()
        self.room = room

    def write(self, data):
        if self.tell() + len(data) > self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(data)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_disk_that_is_full_at_any_byte_is_said_to_be_full(suffix):
    frames = [np.random.RandomState(i).randint(0, 256, (64, 64, 3)).astype(np.uint8) for i in range(6)]
    reel = encoders.Reel(width=64, height=64, frames=6, fps=Fraction(30), quality=95, comment="{}")
    whole = io.BytesIO()
    encoders.write(suffix, frames, whole, reel)
    for room in (0, 10, 100, 3000, 9000, len(whole.getvalue()) // 2, len(whole.getvalue()) - 1):
        with pytest.raises(OSError, match="No space left") as full:
            encoders.write(suffix, frames, FullDisk(room), reel)
        assert full.value.errno == errno.ENOSPC
