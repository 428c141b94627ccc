"""The chat's page over an invented desk, without models; tests/test_ui_page.py starts it as a process."""

import socket
import sys
import threading
import time
from pathlib import Path

from rag.talks import TalkStore
from rag.types import Answer, FileStatus
from ui.ports import About, DocumentRow, Limits

# A question with this word is answered only by being stopped.
SLOW = "slowly"
EXAMPLE = "An example, answered slowly?"


class Desk:
    """Says of every question how it was understood; a gate holds it, an error is raised once."""

    def __init__(self):
        self.gate = threading.Event()
        self.gate.set()
        self.began = threading.Event()
        self.asked = []
        self.error = None

    def ask(self, question, wish):
        if self.error is not None:
            error, self.error = self.error, None
            raise error
        self.asked.append(question)
        return Asking(self, question)


class Asking:
    def __init__(self, desk, question):
        self.desk, self.question = desk, question
        self.closed = self.done = False

    def __iter__(self):
        return self

    def __next__(self):
        self.desk.began.set()
        while not self.closed and (SLOW in self.question.text or not self.desk.gate.is_set()):
            time.sleep(0.005)
        if self.closed or self.done:
            raise StopIteration
        self.done = True
        leaning = " (leaning)" if self.question.history else ""
        return Answer(self.question.text, (), None, (), (), (), {}, understood=self.question.text + leaning)

    def close(self):
        self.closed = True


class Shelf:
    limits = Limits(1000, 10_000, 10, (".txt",))

    def documents(self):
        return [DocumentRow(1, "a.txt", "A", None, None, "en", FileStatus.READY)]

    def examples(self):
        return [EXAMPLE]

    def inside(self, scope):
        return None


def serve(folder, port):
    """Serve the page as `rag chat` does, behind the same guard."""
    from fastapi import FastAPI

    from ui import mount

    with mount.prepare_gradio():
        from ui.app import build, looks
        from ui.assets import Assets
        from ui.guard import Guard, Rules
        from ui.server import serve

        about = About(str(folder), "1", (), (), ("short",), "short", "strict", 8)
        page = build(Desk(), Shelf(), talks=TalkStore(folder), about=about)
        app = FastAPI()
        mount.mount(app, page, looks=looks(), max_upload_bytes=10_000)
        opened = socket.socket()
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(("127.0.0.1", port))
        opened.listen()
        address = f"http://127.0.0.1:{opened.getsockname()[1]}"
        serve(Guard(Assets(app), Rules()), opened, on_start=lambda: sys.stdout.write(f"{address}\n"))


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))
