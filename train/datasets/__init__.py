"""Data sets of pictures: folders, zips and what the trainer makes of them. numpy and Pillow only, never torch.

sources: names and bytes -> decode: pixels -> survey: what is wrong with which -> pictures: a set that can be trained on
-> loader: batches, read ahead. pack writes sets of one size, with a record of how it was done.
"""
