"""The moving examples of the page's first screen, drawn by the project itself."""
