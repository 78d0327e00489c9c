"""Training: data sets, losses, presets, metrics. Depends on engine/, never on Qt."""
