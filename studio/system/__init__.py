"""What every room of the studio may use; imports nothing of it but its errors and ``Message``."""
