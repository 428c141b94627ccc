"""How much memory processes have taken at most. Knows process numbers and what the system tells of them."""

import os
import re
import resource
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

# What the Linux kernel takes for "forget the peak" (proc(5), clear_refs).
_FORGET = "5"


def peaks_bytes(processes: Mapping[str, int]) -> dict[str, int]:
    """Return the most that each process (name -> number) has held, of those that the system tells of."""
    found = {name: _peak_bytes(number) for name, number in processes.items()}
    return {name: peak for name, peak in found.items() if peak is not None}


def _peak_bytes(process: int) -> int | None:
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        if process != os.getpid():
            return None
        # Here only we ourselves can be asked, in kilobytes or, on macOS, in bytes.
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    peak = re.search(r"^VmHWM:\s*(\d+) kB", status, re.MULTILINE)
    return int(peak[1]) * 1024 if peak else None


def reset_peaks(processes: Mapping[str, int]) -> None:
    """Let the peaks start anew from what is held now. Where the system cannot, they go on: upper bounds."""
    for number in processes.values():
        with suppress(OSError):
            Path(f"/proc/{number}/clear_refs").write_text(_FORGET, encoding="ascii")
