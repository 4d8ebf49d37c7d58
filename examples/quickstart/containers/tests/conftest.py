"""Runs the containers' programs as the clouds do: as processes, with nothing but the environment that the constructs inject."""
from __future__ import annotations

import contextlib
import gzip
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

CONTAINERS = Path(__file__).resolve().parent.parent
FEATURES = ["amount", "distance_km", "hour"]


def environment(home: Path, **variables: Any) -> dict[str, str]:
    base = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    return {**base, **{key: str(value) for key, value in variables.items()}}


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(condition: Callable[[], bool], process: subprocess.Popen, log: Path, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, f"ended early with {process.returncode}:\n{log.read_text()}"
        assert time.monotonic() < end, f"nothing after {seconds} s:\n{log.read_text()}"
        time.sleep(0.02)


class Job:
    """A training job of one run, on one or more nodes of this machine."""

    def __init__(self, folder: Path, lake: str) -> None:
        self.folder, self.lake = folder, lake
        self.processes: list[subprocess.Popen] = []
        self.model = folder / "output"
        self.checkpoints = folder / "checkpoints"

    def start(self, *args: Any, nodes: int = 0) -> list[tuple[subprocess.Popen, Path]]:
        """`python train.py` for no nodes, else `torchrun train.py` on each."""
        port, started = free_port(), []
        for rank in range(max(nodes, 1)):
            job = {"NNODES": max(nodes, 1), "NODE_RANK": rank, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
            env = environment(
                self.folder, DATASET_LAKE_URI=self.lake, CHECKPOINT_URI=f"{self.checkpoints.as_uri()}/", MODEL_OUTPUT_URI=self.model,
                **job, **{f"PET_{key}": value for key, value in job.items()}, PET_NPROC_PER_NODE=1, OMP_NUM_THREADS=1,
                RANK=7, WORLD_SIZE=9,  # some services set these and mean something else
                # Ours alone, for torch 1.13: it looks every 5 s, and stumbles over its own default of the two others on Python 3.11.
                PET_MONITOR_INTERVAL=0.2, PET_REDIRECTS="9:1", PET_TEE="9:1",
            )
            # The module is what the command `torchrun` starts; the command itself may belong to another Python.
            launcher = ["-m", "torch.distributed.run"] if nodes else []
            log = self.folder / f"node-{rank}-{time.monotonic_ns()}.log"
            command = [sys.executable, *launcher, "train.py", *map(str, args)]
            with log.open("w") as file:
                started.append((subprocess.Popen(command, cwd=CONTAINERS / "train", env=env, stdout=file, stderr=subprocess.STDOUT), log))
        self.processes += [process for process, _ in started]
        return started

    def run(self, *args: Any, nodes: int = 0) -> str:
        started = self.start(*args, nodes=nodes)
        codes = [process.wait(60) for process, _ in started]
        text = "\n".join(log.read_text() for _, log in started)
        assert codes == [0] * len(codes), text
        return text

    def interrupt(self, *args: Any, nodes: int = 0) -> str:
        """SIGTERM to the last node once there is a checkpoint; the others must notice, and are then taken away too."""
        started = self.start(*args, nodes=nodes)
        first, log = started[0]
        wait_for(lambda: "checkpoint" in log.read_text(), first, log)
        started[-1][0].send_signal(signal.SIGTERM)
        assert started[-1][0].wait(60)
        self.stop()
        text = "\n".join(log.read_text() for _, log in started)
        assert first.returncode if nodes else first.returncode == 143, text  # torchrun has codes of its own
        return text

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()  # torchrun hears no signal while it waits, for minutes, for a node that has gone
                process.wait()

    def config(self) -> dict[str, Any]:
        return json.loads((self.model / "model.json").read_text())


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1,200 labelled payments in two files, one of them compressed, with a few gaps."""
    folder = tmp_path_factory.mktemp("lake")
    random = np.random.default_rng(1)
    lines = []
    for _ in range(1200):
        amount, distance, hour = random.lognormal(3, 1), random.exponential(30), random.integers(0, 24)
        risk = np.log(amount) - 3 + (distance - 30) / 20 + (1.5 if hour < 6 else -0.5)
        label = int(random.random() < 1 / (1 + np.exp(-3 * risk)))
        lines.append(f"{amount:.2f},{'' if random.random() < 0.02 else f'{distance:.1f}'},{hour},{label}")
    header = ",".join([*FEATURES, "label"])
    (folder / "2024").mkdir()
    (folder / "2024" / "payments.csv").write_text("\n".join([header, *lines[:800], ""]))
    (folder / "payments-new.csv.gz").write_bytes(gzip.compress("\n".join([header, *lines[800:], ""]).encode()))
    (folder / "README.txt").write_text("not data")
    return folder


@pytest.fixture
def job(tmp_path: Path, lake: Path) -> Iterator[Job]:
    job = Job(tmp_path, lake.as_uri())
    yield job
    job.stop()


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, lake: Path) -> Job:
    """A job that has run to its end."""
    job = Job(tmp_path_factory.mktemp("job"), lake.as_uri())
    try:
        job.run("--epochs", 20, "--batch-size", 64, nodes=1)
    finally:
        job.stop()
    return job


class Server:
    def __init__(self, port: int, process: subprocess.Popen, log: Path) -> None:
        self.url, self.process, self.log = f"http://127.0.0.1:{port}", process, log

    def request(self, path: str, body: bytes | None = None, content_type: str = "application/json", **headers: str) -> tuple[int, Any]:
        request = urllib.request.Request(self.url + path, body, {"Content-Type": content_type, **headers})
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                text = response.read()
                return response.status, json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            text = error.read()
            return error.code, json.loads(text) if text else None

    def invoke(self, body: Any, content_type: str = "application/json", **headers: str) -> tuple[int, Any]:
        data = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
        return self.request("/invocations", data, content_type, **headers)

    def ping(self) -> int:
        try:
            return self.request("/ping")[0]
        except OSError:
            return 0  # not listening yet


@contextlib.contextmanager
def serving(container: str, folder: Path, ready: int = 200, **variables: Any) -> Iterator[Server]:
    """`docker run image serve`: the program with the argument that SageMaker adds."""
    port = free_port()
    log = folder / f"{container}-{port}.log"
    env = environment(folder, HOST="127.0.0.1", PORT=port, **variables)
    with log.open("w") as file:
        command = [sys.executable, str(CONTAINERS / container / "app.py"), "serve"]
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=file, stderr=subprocess.STDOUT)
    server = Server(port, process, log)
    try:
        wait_for(lambda: server.ping() == ready, process, log)
        yield server
    finally:
        process.terminate()
        process.wait(10)
