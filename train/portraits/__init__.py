"""Illustrated portraits as a data set: endless, free of rights, with every picture's factors known."""

from train.portraits.factors import FACTORS, VERSION, Factors, sample_factors
from train.portraits.picture import draw, draw_factors

__all__ = ["FACTORS", "VERSION", "Factors", "draw", "draw_factors", "sample_factors"]
