"""Puts a Gradio page into the server, with everything off that talks to others or shows what need not be seen.

Knows Gradio's settings; knows neither what stands on the page nor who may see it.
"""

import os
import tempfile
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import gradio as gr
    from fastapi import FastAPI


def prepare_gradio() -> "tempfile.TemporaryDirectory[str]":
    """Set what Gradio reads when it is imported; return the private folder that uploads go through."""
    folder = tempfile.TemporaryDirectory(prefix="rag-")
    os.environ.update(
        GRADIO_ANALYTICS_ENABLED="False",
        GRADIO_SHARE="False",
        GRADIO_SSR_MODE="False",
        GRADIO_RUN_HISTORY="False",
        GRADIO_MCP_SERVER="False",
        GRADIO_TEMP_DIR=folder.name,
    )
    for name in ("GRADIO_ALLOWED_PATHS", "GRADIO_WATCH_DIRS", "GRADIO_VIBE_MODE", "GRADIO_ROOT_PATH"):
        os.environ.pop(name, None)
    return folder


def mount(app: "FastAPI", page: "gr.Blocks", *, looks: Mapping[str, Any], max_upload_bytes: int) -> "FastAPI":
    """Mount the page at the root of the server, behind all routes that are there already.

    A single file may have all of `max_upload_bytes`: for one that is too large Gradio would refuse those beside it
    too, and the library tells of each by itself.
    """
    import gradio as gr

    mounted: FastAPI = gr.mount_gradio_app(
        app,
        page,
        path="",
        server_name="127.0.0.1",
        footer_links=[],
        run_history=False,
        app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
        show_error=False,
        max_file_size=max_upload_bytes,
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
        **looks,
    )
    return mounted
