"""Layers and filters that families share. Letters: N batch, C or I input features, O output features, H, W pixels."""
