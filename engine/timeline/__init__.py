"""Keyframes of whole recipes over time: the value, its curves, the recipe at an instant, its JSON."""
