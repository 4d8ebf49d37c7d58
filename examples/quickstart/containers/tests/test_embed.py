from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from conftest import Server, serving
from PIL import Image


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def picture(seed: int, size: tuple[int, int] = (640, 400)) -> Image.Image:
    """Blurred patches of colour."""
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (5, 8, 3), dtype=np.uint8)).resize(size)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving("embed", tmp_path_factory.mktemp("embed")) as running:
        yield running


def vector(server: Server, body: Any, content_type: str) -> np.ndarray:
    status, answer = server.invoke(body, content_type)
    assert status == 200, answer
    return np.array(answer["embedding"])


def test_makes_a_thumbnail_and_an_embedding(server: Server) -> None:
    status, answer = server.invoke(encoded(picture(1)), "image/png")
    assert status == 200
    thumbnail = Image.open(io.BytesIO(base64.b64decode(answer["thumbnail"])))
    assert (thumbnail.format, thumbnail.size) == ("JPEG", (256, 160)) == ("JPEG", (answer["width"], answer["height"]))
    assert len(answer["embedding"]) == 96
    assert np.linalg.norm(answer["embedding"]) == pytest.approx(1, abs=1e-3)


def test_bytes_and_base64_are_the_same_image(server: Server) -> None:
    data = encoded(picture(1))
    # As the command `base64` wraps it. This is also a plain Lambda event, which can only be JSON.
    status, answer = server.invoke({"image": base64.encodebytes(data).decode()})
    assert (status, answer) == server.invoke(data, "application/octet-stream") == server.invoke(data, "image/png")


def test_alike_images_have_alike_embeddings(server: Server) -> None:
    first = vector(server, encoded(picture(1)), "image/png")
    smaller = vector(server, encoded(picture(1, (320, 200)), "JPEG"), "image/jpeg")
    other = vector(server, encoded(picture(2)), "image/png")
    assert first @ smaller > 0.95 > first @ other


@pytest.mark.parametrize("image, kind, options", [
    (Image.new("RGBA", (50, 20), (255, 0, 0, 0)), "PNG", {}),
    (Image.new("L", (20, 50), 128), "PNG", {}),
    (Image.new("1", (1, 1)), "PNG", {}),
    (Image.new("CMYK", (20, 20)), "JPEG", {}),
    (Image.new("P", (20, 20)), "GIF", {"transparency": 0}),
    (Image.new("RGB", (20, 20)), "WEBP", {}),
])
def test_any_kind_of_image(server: Server, image: Image.Image, kind: str, options: dict[str, Any]) -> None:
    assert np.isfinite(vector(server, encoded(image, kind, **options), "application/octet-stream")).all()


def test_turns_photographs_upright(server: Server) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    answer = server.invoke(encoded(picture(1), "JPEG", exif=exif), "image/jpeg")[1]
    assert (answer["width"], answer["height"]) == (160, 256)


@pytest.mark.parametrize("body, content_type, message", [
    (b"", "image/png", "not a readable image"),
    (b"hello", "application/octet-stream", "not a readable image"),
    (encoded(picture(1))[:500], "image/png", "not a readable image"),
    (encoded(Image.new("1", (10_000, 6_000))), "image/png", "10000 × 6000 pixels"),
    (encoded(Image.new("1", (20_000, 20_000))), "image/png", "not a readable image"),
    ("{", "application/json", "not JSON"),
    ({"instances": []}, "application/json", 'expected {"image": base64}'),
    ({"image": "*"}, "application/json", "not base64"),
])
def test_bad_input_is_400_with_a_message(server: Server, body: Any, content_type: str, message: str) -> None:
    status, answer = server.invoke(body, content_type)
    assert status == 400
    assert message in answer["error"]
