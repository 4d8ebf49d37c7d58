"""Serves the fraud detector that train.py made. Needs neither PyTorch nor a GPU.

    GET  /ping           200 once the model is loaded, 503 before
    POST /invocations    {"instances": [{feature: value, …} or [value, …], …]} or text/csv, with or without a header line
                         → {"predictions": [probability, …]}; null or an empty cell is a missing value

The model (model.json, model.safetensors) is in the folder MODEL_DIR, or anywhere below it, else under MODEL_URI (s3://, gs://,
abfss://, file:// or a plain path). Listens on HOST (0.0.0.0) and PORT (8080); arguments, such as `serve`, are ignored.
"""
from __future__ import annotations

import csv
import io
import json
import logging
import os
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

log = logging.getLogger("uvicorn.error")

CONFIG, WEIGHTS, FORMAT = "model.json", "model.safetensors", "tabular-mlp/1"


class BadRequest(ValueError):
    """What the caller sent cannot be scored."""


class Model:
    """The network of train.py in numpy."""

    def __init__(self, config: dict[str, Any], weights: dict[str, np.ndarray]) -> None:
        if config.get("format") != FORMAT:
            raise ValueError(f"{CONFIG} is of format {config.get('format')!r}; this server reads {FORMAT!r}")
        self.features: list[str] = config["features"]
        self.mean, self.std = np.array(config["mean"]), np.array(config["std"])
        sizes = config["layers"]
        self.layers = [(weights[f"layers.{i}.weight"].T, weights[f"layers.{i}.bias"]) for i in range(len(sizes) - 1)]
        shapes = [weight.shape for weight, _ in self.layers]
        if shapes != list(zip(sizes, sizes[1:])) or sizes[0] != len(self.features):
            raise ValueError(f"{WEIGHTS} holds layers {shapes}, {CONFIG} says {sizes} for {len(self.features)} features")

    def predict(self, rows: list[list[float]]) -> list[float]:
        x = np.nan_to_num((np.array(rows) - self.mean) / self.std)
        for weight, bias in self.layers[:-1]:
            x = np.maximum(x @ weight + bias, 0)
        weight, bias = self.layers[-1]
        return (0.5 * (1 + np.tanh((x @ weight + bias)[:, 0] / 2))).tolist()  # the logistic function, without overflow


# ------------------------------------------------------------------------------------------------------------------ model


def load_model() -> Model:
    directory, uri = os.environ.get("MODEL_DIR"), os.environ.get("MODEL_URI")
    if directory and (path := find(map(str, Path(directory).rglob(CONFIG)))):
        log.info("loading the model of %s", path)
        return Model(json.loads(Path(path).read_bytes()), safetensors.numpy.load(Path(path).with_name(WEIGHTS).read_bytes()))
    if uri:
        import fsspec  # only where it is needed: a cold start counts

        # adlfs is anonymous unless told otherwise; the others look for the container's own identity first.
        fs, root = fsspec.core.url_to_fs(uri.rstrip("/"), **({"anon": False} if uri.startswith(("abfs://", "abfss://")) else {}))
        if path := find(fs.find(root)):
            log.info("loading the model of %s", path)
            weights = fs.cat_file(f"{path[: -len(CONFIG)]}{WEIGHTS}")
            return Model(json.loads(fs.cat_file(path)), safetensors.numpy.load(weights))
    raise FileNotFoundError(f"no {CONFIG} under MODEL_DIR ({directory or 'not set'}) or MODEL_URI ({uri or 'not set'})")


def find(paths: Iterable[str]) -> str | None:
    """The model nearest to the top; two equally near are a mistake."""
    found = sorted((path for path in paths if Path(path).name == CONFIG), key=lambda path: path.count("/"))
    if len(found) > 1 and found[0].count("/") == found[1].count("/"):
        raise ValueError(f"more than one model: {', '.join(found[:5])}")
    return found[0] if found else None


# --------------------------------------------------------------------------------------------------------------- requests


def parse(body: bytes, content_type: str, features: list[str]) -> list[list[float]]:
    if content_type.partition(";")[0].strip().lower() == "text/csv":
        return parse_csv(body, features)
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"the body is not JSON: {error}") from None
    instances = document.get("instances") if isinstance(document, dict) else None
    if not isinstance(instances, list) or not instances:
        raise BadRequest('expected {"instances": [{feature: value, …} or [value, …], …]}')
    return [instance_row(f"instances[{i}]", instance, features) for i, instance in enumerate(instances)]


def instance_row(where: str, instance: Any, features: list[str]) -> list[float]:
    if isinstance(instance, dict):
        missing = [name for name in features if name not in instance]
        if missing:
            raise BadRequest(f"{where}: missing {', '.join(missing)}; the model's features are {', '.join(features)}")
        instance = [instance[name] for name in features]
    if not isinstance(instance, list) or len(instance) != len(features):
        raise BadRequest(f"{where}: expected an object or {len(features)} numbers: {', '.join(features)}")
    return [number(f"{where}: {name}", value) for name, value in zip(features, instance)]


def number(where: str, value: Any) -> float:
    if value is None:
        return np.nan
    try:
        if isinstance(value, (int, float)) and not np.isinf(float(value)):
            return float(value)
    except OverflowError:
        pass
    raise BadRequest(f"{where} must be a number or null, not {json.dumps(value)[:40]}")


def parse_csv(body: bytes, features: list[str]) -> list[list[float]]:
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")) if row]
    except (ValueError, csv.Error) as error:
        raise BadRequest(f"the body is not CSV: {error}") from None
    names = features
    if rows and set(features) <= set(rows[0]):
        names = rows.pop(0)
    if not rows:
        raise BadRequest(f"no line of values for {', '.join(features)}")
    for i, row in enumerate(rows):
        if len(row) != len(names):
            raise BadRequest(f"row {i}: {len(row)} values, expected {len(names)}: {', '.join(names)}")
    columns = [(name, names.index(name)) for name in features]
    return [[number(f"row {i}: {name}", cell_value(row[at])) for name, at in columns] for i, row in enumerate(rows)]


def cell_value(cell: str) -> Any:
    try:
        return float(cell) if cell else None
    except ValueError:
        return cell


# ----------------------------------------------------------------------------------------------------------------- server


async def ping(request: Request) -> Response:
    return Response(status_code=200 if request.app.state.model else 503)


async def invocations(request: Request) -> Response:
    model: Model | None = request.app.state.model
    if not model:
        return JSONResponse({"error": "the model is still loading"}, 503)
    body = await request.body()

    def answer() -> list[float]:
        return model.predict(parse(body, request.headers.get("content-type", ""), model.features))

    try:
        return JSONResponse({"predictions": await run_in_threadpool(answer)})
    except BadRequest as error:
        return JSONResponse({"error": str(error)}, 400)


app = Starlette(routes=[Route("/ping", ping), Route("/invocations", invocations, methods=["POST"])])
app.state.model = None


def main() -> int:
    # Load balancers reuse connections for up to a minute: keep them longer than that.
    server = uvicorn.Server(uvicorn.Config(
        app, host=os.environ.get("HOST", "0.0.0.0"), port=int(os.environ.get("PORT") or 8080),
        access_log=False, timeout_keep_alive=75, timeout_graceful_shutdown=20,
    ))

    def load() -> None:
        try:
            app.state.model = load_model()
            log.info("ready")
        except Exception:
            log.exception("the model cannot be loaded")
            server.should_exit = True

    threading.Thread(target=load, daemon=True).start()
    server.run()
    return 0 if app.state.model else 1


if __name__ == "__main__":
    raise SystemExit(main())
