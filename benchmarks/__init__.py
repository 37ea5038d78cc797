"""What the studio costs and how fast it is, each figure beside a baseline measured in the same run.

``python -m benchmarks`` runs all of them, ``python -m benchmarks download cold-start`` some. Nothing leaves this
machine, nothing is asserted: machines differ, and the ratios are what tells.
"""
