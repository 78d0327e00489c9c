"""recipe_at(timeline, seconds): every frame of a timeline is a recipe like any other. Standard library only.

At a keyframe it is the keyframe's own. Between two of them numbers go on their curves; a source that moves is a saved
latent on the route through those of all keyframes (engine/export/curve.py), in W, or in Z where all of them mix in Z.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from engine import edits
from engine.family import ModelInfo
from engine.recipe import SEEDS, Mix, Noise, NoiseSetting, Push, Recipe, Source, SourceName
from engine.timeline.curves import Place, cubic_weights, eased, number
from engine.timeline.value import SAME, Parameter, Timeline

if TYPE_CHECKING:
    from engine.export.curve import Route
    from engine.renderer import Renderer

Routes = tuple["Route | None", "Route | None"]  # of A and B; None: it does not move


def routes_of(timeline: Timeline, renderer: Renderer) -> Routes:
    """The ways of both sources with the model that the renderer shows."""
    from engine.export.curve import through

    keys = [key.recipe for key in timeline.keys]

    def route(name: SourceName) -> Route | None:
        sources = [recipe.source(name) for recipe in keys]
        if len(set(sources)) < 2:
            return None
        in_z = all(recipe.mix.space == "z" for recipe in keys)
        base, blends = edits.with_space(keys[0], "z" if in_z else "w"), [recipe.mix.blend for recipe in keys]
        return through(sources, base, timeline.loop, renderer, blends)

    return route("a"), route("b")


def recipe_at(timeline: Timeline, seconds: float, info: ModelInfo, routes: Routes | None) -> Recipe:
    """The recipe at an instant of a timeline that has keyframes.

    routes: of `routes_of`; None: sources do not move but jump halfway, which a small preview can do with.
    """
    if timeline.loop:
        seconds %= timeline.seconds
    keys = timeline.keys
    around = timeline.seconds if timeline.loop else math.inf
    at = next((k for k in keys if min(abs(seconds - k.time), abs(seconds - k.time - around)) <= SAME), None)
    if at is None and (len(keys) == 1 or (not timeline.loop and not keys[0].time < seconds < keys[-1].time)):
        at = keys[0] if seconds < keys[0].time else keys[-1]
    recipe = _between(timeline, place_of(timeline, seconds), info, routes) if at is None else at.recipe
    return _circled(timeline, recipe, seconds, info) if timeline.noise == "circle" else recipe


def place_of(timeline: Timeline, seconds: float) -> Place:
    """Where an instant is that lies between two keyframes."""
    times, n = [key.time for key in timeline.keys], len(timeline.keys)
    lengths = [after - before for before, after in pairwise(times)]
    if timeline.loop:
        lengths.append(timeline.seconds - times[-1] + times[0])
    i = sum(time <= seconds for time in times) - 1  # -1: before the first one, so in the segment that closes the loop
    f = ((seconds - times[i]) % timeline.seconds if timeline.loop else seconds - times[i]) / lengths[i]
    i, last = i % n, (i + 1) % n
    first_open, last_open = not timeline.loop and i == 0, not timeline.loop and last == n - 1
    return Place(
        keys=(i if first_open else (i - 1) % n, i, last, last if last_open else (last + 1) % n),
        f=min(max(f, 0.0), 1.0),
        before=None if first_open else lengths[i - 1] / lengths[i],
        after=None if last_open else lengths[last] / lengths[i],
    )


def _between(timeline: Timeline, place: Place, info: ModelInfo, routes: Routes | None) -> Recipe:
    recipes = [key.recipe for key in timeline.keys]
    left, right = recipes[place.keys[1]], recipes[place.keys[2]]

    def along(parameter: Parameter, value: Callable[[Recipe], float]) -> float:
        return number(timeline.curve(parameter), lambda i: value(recipes[i]), place)

    def share(layer: int) -> float | None:
        if left.mix.follows(layer) and right.mix.follows(layer):
            return None
        return along("mix", lambda recipe: recipe.mix.share(layer))

    mix = Mix(
        t=along("mix", lambda recipe: recipe.mix.t),
        shares=tuple(share(layer) for layer in range(len(info.layers))),
        space=left.mix.space,
        blend=left.mix.blend,
    )
    slots = along("cutoff", lambda recipe: len(info.layers) if recipe.cutoff is None else recipe.cutoff)
    cutoff = left.cutoff if left.cutoff == right.cutoff else round(slots)
    directions = {(p.name, p.direction, p.layers): None for r in (left, right) for p in r.pushes}
    pushes = tuple(
        Push(name, direction, along("pushes", partial(_amount, (name, direction, layers))), layers)
        for name, direction, layers in directions
    )
    strengths = ((side, along("strength", partial(_strength, side))) for side in info.noise_resolutions)
    noise = tuple((side, _noise(timeline, place, side, strength)) for side, strength in strengths)
    return replace(
        left,
        a=_source("a", timeline, place, routes and routes[0]),
        b=_source("b", timeline, place, routes and routes[1]),
        mix=mix,
        psi=along("psi", lambda recipe: recipe.psi),
        cutoff=None if cutoff == len(info.layers) else cutoff,
        pushes=pushes,
        noise=Noise(noise),
    )


def _strength(side: int, recipe: Recipe) -> float:
    return recipe.noise.at(side).strength


def _amount(direction: tuple[str, object, object], recipe: Recipe) -> float:
    return sum(p.amount for p in recipe.pushes if (p.name, p.direction, p.layers) == direction)


def _source(name: SourceName, timeline: Timeline, place: Place, route: Route | None) -> Source:
    before, left, right, after = (timeline.keys[i].recipe.source(name) for i in place.keys)
    kind = timeline.curve(name)
    if left == right or eased(kind, place.f) == 0:
        return left
    if route is None:
        return left if place.f < 0.5 else right
    if kind != "cubic":
        return route.straight(place.keys[1], eased(kind, place.f))
    rests_before, rests_after = place.before is not None and before == left, place.after is not None and after == right
    weights = cubic_weights(
        place.f,
        None if rests_before else 1.0 if place.before is None else place.before,
        None if rests_after else 1.0 if place.after is None else place.after,
    )
    return route.smooth(place.keys[1], place.f, weights)


# --- noise


def _noise(timeline: Timeline, place: Place, side: int, strength: float) -> NoiseSetting:
    left, right = (timeline.keys[i].recipe.noise.at(side) for i in place.keys[1:3])
    if left.strength == 0:  # a map that nobody hears need not move
        left = right
    elif right.strength == 0:
        right = left
    f = eased(timeline.curve("noise"), place.f)
    return circled(replace(left, strength=strength), replace(right, strength=strength), f)


def circled(left: NoiseSetting, right: NoiseSetting, f: float) -> NoiseSetting:
    """Between two settings of one strength. On the circle through their maps, the shorter way; where these are more
    than two, one fades out and the other one in: no circle goes through three maps."""
    maps = dict.fromkeys((*_maps(left), *_maps(right)))
    if left == right or f == 0:
        return left
    if len(maps) > 2:
        nearer = left if f < 0.5 else right
        return replace(nearer, strength=nearer.strength * abs(math.cos(math.pi * f)))
    first, second = sorted(maps, key=lambda seed: -1 if seed is None else seed)  # the stored map can only be first
    begin, end = _turn(left, first), _turn(right, first)
    way = (end - begin + 0.5) % 1 - 0.5
    return NoiseSetting(first, left.strength, second, begin + f * way)


def _maps(setting: NoiseSetting) -> tuple[int | None, ...]:
    return (setting.seed,) if setting.second is None else (setting.seed, setting.second)


def _turn(setting: NoiseSetting, first: int | None) -> float:
    """Where a setting is on the circle that begins with a map."""
    if setting.second is None:
        return 0.0 if setting.seed == first else 0.25
    return setting.turn if setting.seed == first else 0.25 - setting.turn


def _circled(timeline: Timeline, recipe: Recipe, seconds: float, info: ModelInfo) -> Recipe:
    """The first keyframe's maps once around the circle through them and those of the timeline's own seed."""
    turn = seconds / timeline.seconds if timeline.seconds else 0.0
    for side in info.noise_resolutions:
        first, second = timeline.keys[0].recipe.noise.at(side).seed, timeline.noise_seed
        second = (second + 1) % SEEDS if second == first else second
        setting = NoiseSetting(first, recipe.noise.at(side).strength, second, turn)
        recipe = edits.with_noise(recipe, side, setting)
    return recipe
