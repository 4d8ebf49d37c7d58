"""Makes thumbnails and small embedding vectors of images. Needs no model.

    GET  /ping           200
    POST /invocations    the bytes of an image (JPEG, PNG, WebP, GIF, BMP, TIFF), or JSON {"image": base64}
                         → {"thumbnail": base64, "contentType", "width", "height", "embedding": [96 numbers]}

The embedding has length 1: the dot product of two tells how alike the images are in colours and edges.
Listens on HOST (0.0.0.0) and PORT (8080); arguments, such as `serve`, are ignored.
"""
from __future__ import annotations

import base64
import io
import json
import os
from typing import Any

import numpy as np
import uvicorn
from PIL import Image, ImageOps
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
MAX_PIXELS = 50_000_000
THUMBNAIL = (256, 256)


class BadRequest(ValueError):
    """What the caller sent is no image."""


def image_bytes(body: bytes, content_type: str) -> bytes:
    if content_type.partition(";")[0].strip().lower() != "application/json":
        return body
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"the body is not JSON: {error}") from None
    text = document.get("image") if isinstance(document, dict) else None
    if not isinstance(text, str):
        raise BadRequest('expected {"image": base64}')
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except ValueError as error:
        raise BadRequest(f"image is not base64: {error}") from None


def open_image(data: bytes) -> Image.Image:
    """Upright, without transparency, decoded no larger than is of use."""
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        if image.width * image.height > MAX_PIXELS:
            raise BadRequest(f"the image has {image.width} × {image.height} pixels; at most {MAX_PIXELS:,} are decoded")
        image.draft("RGB", (2 * THUMBNAIL[0], 2 * THUMBNAIL[1]))
        image = ImageOps.exif_transpose(image)
        if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
            image = image.convert("RGBA")
            image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
        return image.convert("RGB")
    except BadRequest:
        raise
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadRequest(f"not a readable image ({', '.join(FORMATS)}): {error}") from None


def embedding(image: Image.Image) -> np.ndarray:
    """64 numbers for the colours (4 shades each of red, green, blue), 32 for the edges (8 directions in each quarter)."""
    pixels = np.asarray(image.resize((64, 64)))
    red, green, blue = (pixels >> 6).reshape(-1, 3).T.astype(int)
    colours = np.sqrt(np.bincount(red * 16 + green * 4 + blue, minlength=64) / (64 * 64))
    dy, dx = np.gradient(pixels.mean(2))
    direction = (np.arctan2(dy, dx) % np.pi / np.pi * 8).astype(int) % 8
    top, left = np.indices((64, 64)) // 32
    edges = np.bincount(((top * 2 + left) * 8 + direction).ravel(), np.hypot(dx, dy).ravel(), 32)
    vector = np.concatenate([colours, edges / (np.linalg.norm(edges) or 1)])
    return vector / np.linalg.norm(vector)


def describe(body: bytes, content_type: str) -> dict[str, Any]:
    image = open_image(image_bytes(body, content_type))
    vector = embedding(image)
    image.thumbnail(THUMBNAIL)
    jpeg = io.BytesIO()
    image.save(jpeg, "JPEG", quality=85)
    return {
        "thumbnail": base64.b64encode(jpeg.getvalue()).decode(), "contentType": "image/jpeg",
        "width": image.width, "height": image.height, "embedding": vector.round(6).tolist(),
    }


async def ping(_: Request) -> Response:
    return Response()


async def invocations(request: Request) -> Response:
    body = await request.body()
    try:
        return JSONResponse(await run_in_threadpool(describe, body, request.headers.get("content-type", "")))
    except BadRequest as error:
        return JSONResponse({"error": str(error)}, 400)


app = Starlette(routes=[Route("/ping", ping), Route("/invocations", invocations, methods=["POST"])])


if __name__ == "__main__":
    # Load balancers reuse connections for up to a minute: keep them longer than that.
    uvicorn.run(
        app, host=os.environ.get("HOST", "0.0.0.0"), port=int(os.environ.get("PORT") or 8080),
        access_log=False, timeout_keep_alive=75, timeout_graceful_shutdown=20,
    )
