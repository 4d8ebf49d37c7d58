"""Trains a fraud detector: a small neural network over tabular data (PyTorch).

    torchrun train.py     one or many nodes, one process per GPU
    python train.py       one process

It reads the job environment, which is the same on every cloud:

    DATASET_<NAME>_URI    folder of CSV files: numeric features and a 0/1 column `label`; an empty cell is a missing value
    CHECKPOINT_URI        where an interrupted run left off, and where this one notes how far it came (optional)
    MODEL_OUTPUT_URI      where the model goes: model.safetensors and model.json, the latter last

URIs are s3://, gs://, abfss://, file:// or plain paths. Stopped by SIGTERM (spot capacity taken back) it saves a checkpoint and
exits with 143; started again with the same CHECKPOINT_URI it goes on from there, on the same number of nodes or another.
"""
from __future__ import annotations

import argparse
import csv
import io
import json
import logging
import os
import re
import signal
import sys
import zipfile
from array import array
from datetime import timedelta
from typing import Any, NamedTuple, NoReturn

import fsspec
import numpy as np
import safetensors.numpy
import torch
import torch.distributed as dist
from fsspec.implementations.local import LocalFileSystem
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.nn.parallel import DistributedDataParallel

log = logging.getLogger("train")

FORMAT = "tabular-mlp/1"
VALIDATION_SHARE = 0.2
STOP_CHECK_STEPS = 10  # how often the ranks ask each other whether one was told to stop
INTERRUPTED = 128 + signal.SIGTERM


# ---------------------------------------------------------------------------------------------------------------- storage


class Folder:
    """A folder of an object store or a disk, by its URI."""

    # adlfs is anonymous unless told otherwise; the others look for the job's own identity first.
    OPTIONS: dict[str, dict[str, Any]] = {"abfs": {"anon": False}, "abfss": {"anon": False}}

    def __init__(self, uri: str) -> None:
        self.uri = uri.rstrip("/")
        self.fs, self.path = fsspec.core.url_to_fs(self.uri, **self.OPTIONS.get(uri.partition("://")[0], {}))

    def files(self) -> list[str]:
        self.fs.invalidate_cache()
        return sorted(self.fs.find(self.path))

    def read(self, path: str) -> bytes:
        return self.fs.cat_file(path)

    def write(self, name: str, data: bytes) -> None:
        """All or nothing: an object store's upload is atomic, a disk's rename is."""
        path = f"{self.path}/{name}"
        if not isinstance(self.fs, LocalFileSystem):
            self.fs.pipe_file(path, data)
            return
        os.makedirs(self.path, exist_ok=True)
        with open(f"{path}.part", "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(f"{path}.part", path)


# ------------------------------------------------------------------------------------------------------------------- data


class Data(NamedTuple):
    features: list[str]
    x: np.ndarray  # rows × features, NaN where a value is missing
    y: np.ndarray  # rows of 0 and 1
    source: str


def dataset_uri(name: str | None) -> str | None:
    """DATASET_<NAME>_URI, or the first one of the environment."""
    found = {key: os.environ[key] for key in sorted(os.environ) if re.fullmatch(r"DATASET_\w+_URI", key)}
    if not name:
        return next(iter(found.values()), None)
    key = f"DATASET_{re.sub(r'[^A-Z0-9]', '_', name.upper())}_URI"
    if key not in found:
        raise SystemExit(f"--dataset {name}: {key} is not set; the job has {', '.join(found) or 'no dataset'}")
    return found[key]


def load(uri: str | None, files: list[str], label: str) -> Data:
    if not files:
        log.warning("no CSV file under %s: training on synthetic data", uri or "any DATASET_<NAME>_URI")
        return synthetic()
    folder = Folder(str(uri))
    columns: list[str] = []
    tables = []
    for path in files:
        header, table = read_csv(folder, path)
        columns = columns or header
        if set(header) != set(columns):
            raise SystemExit(f"{path}: columns {header} differ from those of {files[0]}: {columns}")
        tables.append(table[:, [header.index(column) for column in columns]])
    if label not in columns:
        raise SystemExit(f"{files[0]}: no column {label!r} among {columns}")
    values = np.concatenate(tables)
    at = columns.index(label)
    x, y = np.delete(values, at, axis=1), values[:, at]
    if len(y) < 10 or set(np.unique(y)) != {0.0, 1.0}:
        raise SystemExit(f"{folder.uri}: {label!r} must be 0 or 1, both must occur, and in at least 10 rows")
    if np.isinf(x).any():
        raise SystemExit(f"{folder.uri}: features must be finite numbers")
    return Data([column for column in columns if column != label], x, y, folder.uri)


def read_csv(folder: Folder, path: str) -> tuple[list[str], np.ndarray]:
    values = array("f")
    with folder.fs.open(path, "rt", encoding="utf-8-sig", newline="", compression="infer") as file:
        rows = csv.reader(file)
        header = [name.strip() for name in next(rows, [])]
        if not header or len(set(header)) < len(header):
            raise SystemExit(f"{path}: the first line must name the columns, each once")
        for row in filter(None, rows):
            if len(row) != len(header):
                raise SystemExit(f"{path}:{rows.line_num}: {len(row)} values for {len(header)} columns")
            try:
                values.extend(float(cell) if cell.strip() else np.nan for cell in row)
            except ValueError as error:
                raise SystemExit(f"{path}:{rows.line_num}: {error}") from None
    return header, np.array(values, dtype=np.float32).reshape(-1, len(header))


def synthetic(rows: int = 20_000) -> Data:
    """Card payments, the same ones each time: fraud is large, far from home, at night and on young accounts."""
    random = np.random.default_rng(2024)
    amount = random.lognormal(3.5, 1.0, rows)
    distance_km = random.exponential(40.0, rows)
    hour = random.integers(0, 24, rows)
    account_age_days = random.exponential(600.0, rows)
    attempts = random.poisson(0.6, rows)
    night = (hour < 6).astype(float)
    risk = 0.8 * np.log(amount) + 0.02 * distance_km + 1.5 * night + 0.9 * attempts - account_age_days / 400 - 4.5
    label = random.random(rows) < 1 / (1 + np.exp(-1.5 * risk))
    features = {"amount": amount, "distance_km": distance_km, "hour": hour, "account_age_days": account_age_days, "attempts": attempts}
    return Data(list(features), np.stack(list(features.values()), 1).astype(np.float32), label.astype(np.float32), "synthetic")


# ------------------------------------------------------------------------------------------------------------------ model


class Network(nn.Module):
    def __init__(self, sizes: list[int]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.layers[:-1]:
            x = torch.relu(layer(x))
        return self.layers[-1](x).squeeze(-1)


def evaluate(network: nn.Module, x: torch.Tensor, y: torch.Tensor) -> dict[str, float | None]:
    with torch.no_grad():
        logits = network(x)
        loss = float(binary_cross_entropy_with_logits(logits, y))
    scores, labels = logits.cpu().numpy(), y.cpu().numpy() > 0.5
    return {
        "accuracy": float(np.mean((scores > 0) == labels)),
        "accuracyOfMajority": float(max(labels.mean(), 1 - labels.mean())),
        "auc": area_under_curve(scores, labels),
        "logLoss": loss,
    }


def area_under_curve(scores: np.ndarray, labels: np.ndarray) -> float | None:
    """The chance that a positive scores higher than a negative; ties count half."""
    positives, negatives = int(labels.sum()), int((~labels).sum())
    if not positives or not negatives:
        return None
    _, place, count = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[place]
    return float((ranks[labels].sum() - positives * (positives + 1) / 2) / (positives * negatives))


# ------------------------------------------------------------------------------------------------------------ checkpoints


class Checkpoints:
    """`step-<n>.npz` files in a folder, the last few kept: arrays and a line of JSON, no pickle."""

    KEEP = 3
    NAME = re.compile(r"(?:^|/)step-\d{10}\.npz$")

    def __init__(self, uri: str | None) -> None:
        self.folder = Folder(uri) if uri else None
        if not uri:
            log.warning("CHECKPOINT_URI is not set: an interrupted run starts anew")

    def newest(self) -> bytes | None:
        """The newest one that can be read: a disk may have lost the end of the last."""
        if not self.folder:
            return None
        for path in reversed(self._paths()):
            data = self.folder.read(path)
            try:
                self.decode(data)
                return data
            except (ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
                log.warning("%s cannot be read, trying an older one: %s", path, error)
        return None

    def save(self, about: dict[str, Any], network: nn.Module, optimizer: torch.optim.Optimizer) -> None:
        if not self.folder:
            return
        tensors = {f"network/{name}": tensor for name, tensor in network.state_dict().items()}
        for index, state in optimizer.state_dict()["state"].items():
            tensors.update({f"optimizer/{index}/{name}": tensor for name, tensor in state.items()})
        buffer = io.BytesIO()
        np.savez(buffer, about=np.array(json.dumps(about)), **{name: tensor.cpu().numpy() for name, tensor in tensors.items()})
        name = f"step-{about['step']:010d}.npz"
        self.folder.write(name, buffer.getvalue())
        log.info("checkpoint %s/%s", self.folder.uri, name)
        for path in self._paths()[: -self.KEEP]:
            try:
                self.folder.fs.rm_file(path)
            except OSError as error:  # a job that may not delete keeps them all
                log.warning("%s stays: %s", path, error)

    @staticmethod
    def decode(data: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        arrays = dict(np.load(io.BytesIO(data)))  # reads all of it, checksums included
        return json.loads(str(arrays.pop("about"))), arrays

    @staticmethod
    def restore(arrays: dict[str, np.ndarray], network: nn.Module, optimizer: torch.optim.Optimizer) -> None:
        weights: dict[str, torch.Tensor] = {}
        state: dict[int, dict[str, torch.Tensor]] = {}
        for path, values in arrays.items():
            kind, _, name = path.partition("/")
            if kind == "network":
                weights[name] = torch.from_numpy(values)
            else:
                index, _, name = name.partition("/")
                state.setdefault(int(index), {})[name] = torch.from_numpy(values)
        network.load_state_dict(weights)
        optimizer.load_state_dict({**optimizer.state_dict(), "state": state})

    def _paths(self) -> list[str]:
        return [path for path in self.folder.files() if self.NAME.search(path)] if self.folder else []


# --------------------------------------------------------------------------------------------------------------- processes


class Ranks:
    """The processes of this job: one alone, or those that torchrun started."""

    def __init__(self) -> None:
        # RANK and WORLD_SIZE mean processes only when torchrun set them; some services count nodes by the same names.
        launched = "TORCHELASTIC_RUN_ID" in os.environ
        self.rank, self.world = (int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])) if launched else (0, 1)
        if not launched and int(os.environ.get("NNODES") or 1) > 1:
            raise SystemExit("a job of several nodes must be started by torchrun: torchrun train.py")
        cuda = torch.cuda.is_available()
        self.device = torch.device("cuda", int(os.environ["LOCAL_RANK"]) if launched else 0) if cuda else torch.device("cpu")
        if cuda:
            torch.cuda.set_device(self.device)
        if self.world > 1:
            dist.init_process_group("nccl" if cuda else "gloo", timeout=timedelta(minutes=10))

    def of_first(self, value: Any) -> Any:
        """Rank 0's value, on every rank."""
        box = [value]
        if self.world > 1:
            dist.broadcast_object_list(box, src=0)
        return box[0]

    def total(self, value: float) -> float:
        """The sum over all ranks."""
        if self.world == 1:
            return value
        tensor = torch.tensor(value, dtype=torch.float32, device=self.device)
        dist.all_reduce(tensor)
        return float(tensor)

    def replicate(self, network: nn.Module) -> nn.Module:
        """The network, with its gradients averaged over all ranks."""
        if self.world == 1:
            return network
        self.replicas = DistributedDataParallel(network, device_ids=[self.device.index] if self.device.type == "cuda" else None)
        return self.replicas

    def wait_for_all(self) -> None:
        if self.world > 1:
            dist.barrier()

    def leave(self, code: int) -> NoReturn:
        logging.shutdown()
        if self.world > 1:
            if dist.get_backend() == "nccl" and not code:
                dist.destroy_process_group()
            # No teardown: gloo's may deadlock (it joins its threads while it holds Python's lock), and everything is written.
            os._exit(code)
        sys.exit(code)


class StopRequest:
    """Becomes true at SIGTERM."""

    def __init__(self) -> None:
        self.received = False
        signal.signal(signal.SIGTERM, self._receive)

    def _receive(self, *_: Any) -> None:
        self.received = True


# --------------------------------------------------------------------------------------------------------------- training


def train(args: argparse.Namespace, ranks: Ranks, output: Folder) -> int:
    first = ranks.rank == 0
    uri = dataset_uri(args.dataset)
    # Rank 0 decides what is there: files or checkpoints may appear while the ranks start.
    listing = [path for path in Folder(uri).files() if path.endswith((".csv", ".csv.gz"))] if first and uri else []
    data = load(uri, ranks.of_first(listing), args.label)
    checkpoints = Checkpoints(os.environ.get("CHECKPOINT_URI")) if first else None
    saved = ranks.of_first(checkpoints.newest() if checkpoints else None)
    resumed, arrays = Checkpoints.decode(saved) if saved else (None, {})

    order = np.random.default_rng(args.seed).permutation(len(data.y))
    held_out, used = np.split(order, [int(len(order) * VALIDATION_SHARE)])
    # What the model was normalized with belongs to the model, even if the dataset has grown since.
    mean, std = (np.array(resumed[key], dtype=np.float32) for key in ("mean", "std")) if resumed else normalization(data.x[used])
    x = torch.from_numpy(np.nan_to_num((data.x - mean) / std).astype(np.float32)).to(ranks.device)
    y = torch.from_numpy(data.y).to(ranks.device)

    sizes = [len(data.features), *args.hidden, 1]
    description = {"features": data.features, "layers": sizes, "mean": mean.tolist(), "std": std.tolist()}
    torch.manual_seed(args.seed)
    network = Network(sizes).to(ranks.device)
    optimizer = torch.optim.AdamW(network.parameters(), lr=args.learning_rate)
    step = 0
    if resumed:
        if (resumed["features"], resumed["layers"]) != (data.features, sizes):
            raise SystemExit(f"the checkpoint is of another model ({resumed['features']}, layers {resumed['layers']}): start a new run")
        Checkpoints.restore(arrays, network, optimizer)
        step = resumed["step"]
    replicas = ranks.replicate(network)

    batch_size = min(args.batch_size, len(used))
    steps_per_epoch = -(-len(used) // batch_size)
    last = args.epochs * steps_per_epoch
    log.info("%d rows of %d features from %s, %d process(es) on %s", len(data.y), len(data.features), data.source, ranks.world, ranks.device.type)
    log.info("%s step %d of %d, after %d of %d epochs", "resumed at" if resumed else "starting at", step, last, step // steps_per_epoch, args.epochs)

    def save() -> None:
        if checkpoints:
            checkpoints.save({"step": step, **description}, network, optimizer)

    stop = StopRequest()
    shuffled, shuffled_for, losses = used, -1, []
    while step < last:
        if (ranks.world == 1 or step % STOP_CHECK_STEPS == 0) and ranks.total(stop.received):
            log.warning("SIGTERM at step %d", step)
            save()
            ranks.wait_for_all()
            return INTERRUPTED
        epoch, position = divmod(step, steps_per_epoch)
        if epoch != shuffled_for:
            shuffled, shuffled_for = np.random.default_rng([args.seed, epoch]).permutation(used), epoch
        # The batch is cut by its place in the epoch and then dealt out, so that any number of ranks takes the same steps.
        batch = shuffled[position * batch_size : (position + 1) * batch_size]
        mine = torch.from_numpy(batch[ranks.rank :: ranks.world]).to(ranks.device)
        loss = binary_cross_entropy_with_logits(replicas(x[mine]), y[mine], reduction="sum") * ranks.world / len(batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
        step += 1
        if step % steps_per_epoch == 0:
            mean_loss = ranks.total(float(torch.stack(losses).mean())) / ranks.world
            log.info("epoch %d of %d, step %d, loss %.4f", epoch + 1, args.epochs, step, mean_loss)
            losses = []
        if step == last or step % (args.checkpoint_steps or steps_per_epoch) == 0:
            save()

    if first:
        metrics = evaluate(network, x[held_out], y[held_out])
        log.info("metrics %s", json.dumps(metrics))
        weights = {name: np.ascontiguousarray(tensor.cpu().numpy()) for name, tensor in network.state_dict().items()}
        output.write("model.safetensors", safetensors.numpy.save(weights))
        config = {
            "format": FORMAT, **description, "metrics": metrics,
            "training": {"data": data.source, "rows": len(used), "epochs": args.epochs, "steps": step, "torch": torch.__version__},
        }
        output.write("model.json", json.dumps(config, indent=2).encode())
        log.info("model %s", output.uri)
    ranks.wait_for_all()
    return 0


def normalization(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and deviation of each feature, over the values that are there."""
    present = ~np.isnan(x)
    count = np.maximum(present.sum(0), 1)
    filled = np.where(present, x, 0).astype(np.float64)
    mean = filled.sum(0) / count
    std = np.sqrt((np.where(present, filled - mean, 0) ** 2).sum(0) / count)
    return mean.astype(np.float32), np.where(std > 1e-12, std, 1).astype(np.float32)


def main() -> NoReturn:
    parser = argparse.ArgumentParser(description="Trains a fraud detector.")
    parser.add_argument("--dataset", help="NAME of the DATASET_<NAME>_URI to use (default: the first)")
    parser.add_argument("--label", default="label", help="column to predict")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--batch-size", type=int, default=256, help="rows per step, over all processes together")
    parser.add_argument("--hidden", type=int, nargs="+", default=[64, 32], help="sizes of the hidden layers")
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--checkpoint-steps", type=int, default=0, help="steps between checkpoints (default: each epoch)")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    logging.basicConfig(stream=sys.stdout, format="%(asctime)s %(levelname)s %(message)s")
    if not os.environ.get("MODEL_OUTPUT_URI"):
        raise SystemExit("MODEL_OUTPUT_URI is not set: where should the model go?")
    ranks = Ranks()
    log.setLevel(logging.ERROR if ranks.rank else logging.INFO)
    code = 1
    try:
        code = train(args, ranks, Folder(os.environ["MODEL_OUTPUT_URI"]))
    except SystemExit as error:
        log.error("%s", error)
    except Exception:
        log.exception("failed")
    ranks.leave(code)


if __name__ == "__main__":
    main()
