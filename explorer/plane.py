"""The seed plane: whole point (x, y) is seed (x + 100 y) mod 2^32. Pure; standard library only."""

from __future__ import annotations

from engine.recipe import MAX_PLANE, SEEDS, Latent, PlanePoint, Seed

ROW = 100  # seeds from one row to the next, as in engine.latents


def point_of(latent: Latent) -> PlanePoint | None:
    """Where a latent lies; None: a saved one lies nowhere."""
    if isinstance(latent, Seed):
        return PlanePoint(latent.seed % ROW, latent.seed // ROW)
    return latent if isinstance(latent, PlanePoint) else None


def moved(point: PlanePoint, dx: float, dy: float) -> PlanePoint:
    """Some seeds further, never past the plane's edge."""
    x, y = (min(max(value, -MAX_PLANE), MAX_PLANE) for value in (point.x + dx, point.y + dy))
    return PlanePoint(round(x, 4), round(y, 4))


def snapped(point: PlanePoint) -> Seed:
    """The seed that lies nearest."""
    return Seed((round(point.x) + ROW * round(point.y)) % SEEDS)
