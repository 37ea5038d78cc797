"""Where finished videos live: a Protocol, its members, and the one table that names them (``locations``)."""
