"""The studio's settings: typed, from the environment and a ``.env`` file, checked before anything starts."""

from studio.config.checks import check_writable
from studio.config.keys import AddedKey
from studio.config.loading import CREDENTIALS
from studio.config.settings import KEYS, Settings, documented, sqlite_url

__all__ = ["CREDENTIALS", "KEYS", "AddedKey", "Settings", "check_writable", "documented", "sqlite_url"]
