"""HappyHorse Studio: make videos with Alibaba's HappyHorse models from a web page."""

__version__ = "0.1.0"
