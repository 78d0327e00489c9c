"""The parts of a portrait. Each module draws (`outlines`: names and polygons) and paints (with the masks)."""
