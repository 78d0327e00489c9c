"""Grids as data and as PNGs: what stands where, cells that equal single pictures, recipes that are found again."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from engine import edits
from engine.errors import RecipeError, UsageError
from engine.export import description_file
from engine.export.grid import PAPER_PSIS, Grid
from engine.export.job import Job, run
from engine.export.page import Page
from engine.export.sheet import Sheet
from engine.picture import open_picture, read_recipe
from engine.recipe import Mix, ModelRef, PlanePoint, Recipe, SavedLatent, Seed, Source, vector
from tests.engine.export.painted import PaintedRenderer, painted_info

INFO = painted_info(classes=3)
BASE = Recipe(ModelRef("tiny"), psi=0.7, mix=Mix(blend="linear"))
A, B = tuple(Source(Seed(s)) for s in (1, 2, 3)), tuple(Source(Seed(s)) for s in (10, 11))
GRIDS = {
    "seeds": Grid(kind="seeds", base=BASE, sources=A * 2),
    "truncation": Grid(kind="truncation", base=BASE, sources=A),
    "mixing": Grid(kind="mixing", base=BASE, sources=A, sources_b=B, layers=(0, 1, 2)),
    "noise": Grid(kind="noise", base=BASE, sources=A[:2], realisations=5, resolutions=(8,)),
    "interpolation": Grid(kind="interpolation", base=BASE, sources=A, page=Page(columns=4)),
    "classes": Grid(kind="classes", base=BASE, sources=B),
}


@pytest.mark.parametrize("kind", GRIDS)
def test_the_shape_that_is_announced_is_the_shape(kind):
    grid = GRIDS[kind]
    grid.check(INFO)
    layout = grid.layout(INFO)
    assert (layout.columns, len(layout.rows)) == grid.shape(INFO)
    assert {len(row.cells) for row in layout.rows} == {layout.columns}
    assert len(layout.top) in (0, layout.columns)


def cells(kind, info=INFO):
    return [[cell.recipe for cell in row.cells] for row in GRIDS[kind].layout(info).rows]


def test_a_truncation_grid_is_the_papers_row_for_each_seed():
    assert [[(r.a, r.psi) for r in row] for row in cells("truncation")] == [[(a, p) for p in PAPER_PSIS] for a in A]


def test_a_mixing_grid_has_its_sources_along_the_edges_and_takes_layers_from_b():
    corner, *top = cells("mixing")[0]
    assert corner is None
    assert [(r.a, r.mix.t, r.mix.shares) for r in top] == [(b, 0, ()) for b in B]
    for a, (edge, *row) in zip(A, cells("mixing")[1:], strict=True):
        assert (edge.a, edge.mix.shares) == (a, ())
        assert [(r.a, r.b, r.mix.shares) for r in row] == [(a, b, (1.0, 1.0, 1.0)) for b in B]


def test_a_mixed_cell_is_b_where_all_layers_are_taken(renderer):
    """The edges show what is mixed: with every layer from B, a cell is the picture above it."""
    info = renderer.info
    grid = replace(GRIDS["mixing"], layers=tuple(range(len(info.layers))))
    rows = [[cell.recipe for cell in row.cells] for row in grid.layout(info).rows]
    for column, above in list(enumerate(rows[0]))[1:]:
        for row in rows[1:]:
            assert (renderer.render(row[column]).pixels == renderer.render(above).pixels).all()


def test_a_noise_grid_differs_in_noise_alone_and_only_where_it_is_asked_to():
    for row, source in zip(GRIDS["noise"].layout(INFO).rows, A, strict=False):
        *shown, last = row.cells
        assert len(last.realisations) == 5
        for recipe in (*(cell.recipe for cell in shown), *last.realisations):
            assert replace(recipe, noise=BASE.noise) == replace(BASE, a=source)
            assert {resolution for resolution, _ in recipe.noise.settings} == {8}
        assert len({recipe.noise for recipe in last.realisations}) == 5


def test_strips_lead_from_seed_to_seed_in_w_and_in_z():
    rows = cells("interpolation")
    ends = [(row[0].a, row[-1].b, row[0].mix.space, row[0].mix.t, row[-1].mix.t) for row in rows]
    assert ends == [(a, b, space, 0, 1) for a, b in ((A[0], A[1]), (A[1], A[2])) for space in ("w", "z")]


def test_a_class_has_a_row():
    assert [{r.a.classes for r in row} for row in cells("classes")] == [
        {tuple(float(i == n) for i in range(3))} for n in range(3)
    ]
    assert [row.caption for row in GRIDS["classes"].layout(INFO).rows] == ["name 0", "name 1", "name 2"]


# --- as files


@pytest.mark.parametrize("kind", GRIDS)
def test_every_cell_is_the_single_picture(kind, renderer, tmp_path):
    """Exactly, on CPU. The places are those of the sheet."""
    grid, info = GRIDS[kind], renderer.info
    (written,) = run(Job(what=grid, out=tmp_path / "g.png"), renderer)
    recipe, pixels = open_picture(written.path)
    layout = grid.layout(info)
    sheet = Sheet(layout, grid.page, info.size, info.channels)
    assert pixels.shape == (sheet.height, sheet.width, 3)
    seen, found = 0, 0
    for n, row in enumerate(layout.rows):
        for column, cell in enumerate(row.cells):
            y = len(sheet.head()) + n * (sheet.height - len(sheet.head())) // len(layout.rows)
            x = sheet._x(column)
            if cell.recipe is not None:
                expected = renderer.render(cell.recipe).pixels
                assert (pixels[y : y + info.resolution, x : x + info.resolution] == expected).all()
                seen += 1
            found += cell.recipe == recipe or recipe in cell.realisations
    assert seen
    assert found, "the recipe that stands for the grid is that of a cell"


@pytest.mark.parametrize("kind", GRIDS)
def test_the_png_holds_the_grid_and_makes_it_again(kind, renderer, tmp_path):
    grid = GRIDS[kind]
    first = run(Job(what=grid, out=tmp_path / "a.png"), renderer)[0]
    described = description_file.read(tmp_path / "a.png")
    assert described == grid
    assert description_file.read(tmp_path / "a.png", grids=False) == (read_recipe(tmp_path / "a.png"),)
    again = run(Job(what=described, out=tmp_path / "b.png"), renderer)[0]
    assert again.sha256 == first.sha256
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_the_deviation_is_that_of_the_pictures_with_the_largest_white(renderer, tmp_path):
    source, info = Source(Seed(4)), renderer.info
    page = Page(gap=0, captions=False)
    grid = Grid(kind="noise", sources=(source,), noise_seeds=(), realisations=7, page=page)
    run(Job(what=grid, out=tmp_path / "g.png"), renderer)
    pixels = open_picture(tmp_path / "g.png")[1]
    recipes = grid.layout(info).rows[0].cells[0].realisations
    spread = np.stack([renderer.render(recipe).pixels for recipe in recipes]).std(axis=0).mean(axis=2)
    assert (abs(pixels[:, :, 0] - 255 * spread / spread.max()) <= 0.51).all()
    assert pixels.max() == 255


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_grids_have_the_colours_of_the_model(channels, tmp_path):
    renderer = PaintedRenderer(painted_info(16, channels))
    grid = Grid(kind="noise", sources=A, realisations=2, page=Page(background="#101216"))
    run(Job(what=grid, out=tmp_path / "g.png"), renderer)
    with Image.open(tmp_path / "g.png") as image:
        image.load()
        assert image.mode == {1: "L", 3: "RGB", 4: "RGBA"}[channels]
        corner = np.atleast_1d(image.getpixel((0, 0)))
    assert corner.tolist() == {1: [18], 3: [16, 18, 22], 4: [16, 18, 22, 255]}[channels]


def test_without_captions_and_gaps_there_are_only_pictures(tmp_path):
    renderer = PaintedRenderer(INFO)
    grid = replace(GRIDS["truncation"], page=Page(gap=0, captions=False))
    run(Job(what=grid, out=tmp_path / "g.png"), renderer)
    pixels = open_picture(tmp_path / "g.png")[1]
    rows = [np.concatenate([renderer.render(recipe).pixels for recipe in row], axis=1) for row in cells("truncation")]
    assert (pixels == np.concatenate(rows)).all()


def test_captions_are_written_and_shortened_to_their_place(tmp_path):
    long = Source(PlanePoint(123456.789, -98765.4321))
    plain = Grid(kind="seeds", sources=(long, *A), page=Page(gap=4))
    renderer = PaintedRenderer(INFO)
    run(Job(what=plain, out=tmp_path / "g.png"), renderer)
    pixels = open_picture(tmp_path / "g.png")[1]
    sheet = Sheet(plain.layout(INFO), plain.page, (64, 64), 3)
    below = pixels[4 + 64 : 4 + sheet._pitch - 4]
    assert (below.min(axis=(0, 2)) < 100).any(), "ink under the first row"
    for margin in (below[:, :4], below[:, 4 + 64 : 8 + 64]):
        assert (margin == 255).all(), "no caption leaves its column"


def test_a_saved_latent_in_a_grid_is_found_again(renderer, tmp_path):
    w = Source(SavedLatent("w", vector([0.5] * 16)))
    grid = Grid(kind="truncation", sources=(w,), psis=(1.0, 0.5))
    run(Job(what=grid, out=tmp_path / "g.png"), renderer)
    assert description_file.read(tmp_path / "g.png") == grid


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"sources": ()}, "lacks seeds"),
        ({"kind": "mixing", "layers": (1,)}, "lacks seeds"),
        ({"kind": "mixing", "sources_b": B}, "no layers"),
        ({"kind": "interpolation", "sources": A[:1]}, "two seeds"),
        ({"kind": "truncation", "psis": ()}, "psi"),
        ({"kind": "noise", "noise_seeds": (), "realisations": 0}, "noise seeds"),
        ({"kind": "noise", "realisations": 1}, "deviation"),
        ({"kind": "noise", "resolutions": (0,)}, "outside"),
        ({"spaces": ("w", "q")}, "space"),
        ({"kind": "colour"}, "kind"),
    ],
)
def test_a_senseless_grid_does_not_exist(options, says):
    with pytest.raises(RecipeError, match=says):
        Grid(**({"kind": "seeds", "sources": A} | options))


@pytest.mark.parametrize(
    ("grid", "says"),
    [
        (Grid(kind="classes", sources=A, classes=(3,)), "no class 3"),
        (Grid(kind="mixing", sources=A, sources_b=B, layers=(10,)), "no layer 10"),
        (Grid(kind="noise", sources=A, resolutions=(7,)), "no noise at 7"),
        (Grid(kind="truncation", sources=A * 100, psis=(1.0,) * 200), "too large"),
        (Grid(kind="mixing", sources=A, sources_b=B * 600, layers=(1,)), "columns"),
    ],
)
def test_what_a_model_has_not_and_what_is_too_large_is_refused(grid, says):
    with pytest.raises(UsageError, match=says):
        grid.check(INFO)


def test_a_page_checks_itself():
    for options in ({"columns": 0}, {"gap": -1}, {"background": "red"}, {"background": "#12345"}):
        with pytest.raises(RecipeError):
            Page(**options)
    assert [Page().columns_for(n) for n in (1, 2, 4, 5, 9, 10)] == [1, 2, 2, 3, 3, 4]
    assert Page(columns=8).columns_for(3) == 3


def test_the_desk_of_the_base_stays_in_a_contact_sheet():
    base = edits.with_share(BASE, [3], 1.0)
    layout = Grid(kind="seeds", base=base, sources=A).layout(INFO)
    assert layout.rows[0].cells[1].recipe == replace(base, a=A[1])
