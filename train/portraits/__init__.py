"""Illustrated portraits as a data set: endless, free of rights, with every picture's factors known."""

from train.portraits.dataset import PortraitSet, load
from train.portraits.factors import FACTORS, VERSION, Factors, sample_factors
from train.portraits.picture import draw, draw_factors

__all__ = ["FACTORS", "VERSION", "Factors", "PortraitSet", "draw", "draw_factors", "load", "sample_factors"]
