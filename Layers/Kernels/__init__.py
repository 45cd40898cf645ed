"""How convolutions are computed: windows as matrices, correlations as their products. README.md explains each idea."""
