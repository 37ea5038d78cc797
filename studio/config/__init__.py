"""The studio's settings: typed, from the environment and a ``.env`` file, checked before anything starts."""

from studio.config.checks import check_writable
from studio.config.settings import Settings, documented, sqlite_url

__all__ = ["Settings", "check_writable", "documented", "sqlite_url"]
