"""Adaptive discriminator augmentation (Karras et al. 2020, arXiv 2006.06676): D sees reals and fakes only augmented."""
