"""ffmpeg and ffprobe, for what reads and mends media. They are found in ``studio.system.ffmpeg``."""

from studio.system.ffmpeg import CONFINED, MAX_STREAMS, THREADS, Tools, bundled_folder, ensure, program

__all__ = ["CONFINED", "MAX_STREAMS", "THREADS", "Tools", "bundled_folder", "ensure", "program"]
