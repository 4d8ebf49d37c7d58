from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import safetensors.numpy
from conftest import FEATURES, Job

# 15 batches of 64 in the 960 training rows.
LONG = ("--epochs", 200, "--batch-size", 64, "--checkpoint-steps", 40)
LAST = 200 * 15


def weights(job: Job) -> np.ndarray:
    tensors = safetensors.numpy.load((job.model / "model.safetensors").read_bytes())
    return np.concatenate([tensors[name].ravel() for name in sorted(tensors)])


def step_after(words: str, text: str) -> int:
    found = re.search(rf"{words} step (\d+)", text)
    assert found, text
    return int(found.group(1))


def test_learns_from_the_csv_files_of_the_lake(trained: Job) -> None:
    config = trained.config()
    assert config["features"] == FEATURES
    assert config["training"]["rows"] == 960
    assert config["training"]["steps"] == 20 * 15
    assert config["metrics"]["accuracy"] > config["metrics"]["accuracyOfMajority"] + 0.1
    assert config["metrics"]["auc"] > 0.85
    assert sorted(path.name for path in trained.model.iterdir()) == ["model.json", "model.safetensors"]


def test_keeps_the_last_checkpoints(trained: Job) -> None:
    assert [path.name for path in sorted(trained.checkpoints.iterdir())] == [f"step-{step:010d}.npz" for step in (270, 285, 300)]


def test_trains_on_synthetic_data_where_the_dataset_is_empty_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    job = Job(tmp_path, str(tmp_path / "empty"))
    assert "synthetic data" in job.run("--epochs", 1)
    assert job.config()["training"]["data"] == "synthetic"
    assert job.config()["metrics"]["auc"] > 0.8


def test_goes_on_after_a_spot_interruption_as_if_there_had_been_none(job: Job, tmp_path: Path) -> None:
    (tmp_path / "undisturbed").mkdir()
    undisturbed = Job(tmp_path / "undisturbed", job.lake)
    other = undisturbed.start(*LONG)
    stopped = step_after("SIGTERM at", job.interrupt(*LONG))
    assert 0 < stopped < LAST
    assert not job.model.exists()
    assert step_after("resumed at", job.run(*LONG)) == stopped
    assert job.config()["training"]["steps"] == LAST
    assert other[0][0].wait(60) == 0
    assert np.allclose(weights(job), weights(undisturbed), atol=1e-6)


def test_two_nodes_train_one_model(job: Job, trained: Job) -> None:
    text = job.run("--epochs", 20, "--batch-size", 64, nodes=2)
    assert "2 process(es) on cpu" in text
    assert text.count("metrics {") == 1
    # Any number of nodes takes the same steps, so the model is that of one.
    assert job.config()["training"]["steps"] == trained.config()["training"]["steps"]
    assert np.allclose(weights(job), weights(trained), atol=1e-3)


def test_an_interrupted_node_stops_the_others_and_fewer_nodes_may_go_on(job: Job) -> None:
    stopped = step_after("SIGTERM at", job.interrupt(*LONG, nodes=2))
    text = job.run(*LONG)
    assert step_after("resumed at", text) == stopped
    assert "1 process(es)" in text
    assert job.config()["training"]["steps"] == LAST


def test_falls_back_to_the_checkpoint_before_a_damaged_one(job: Job) -> None:
    job.run("--epochs", 3, "--batch-size", 64)
    newest = max(job.checkpoints.iterdir())
    newest.write_bytes(newest.read_bytes()[:1000])
    assert step_after("resumed at", job.run("--epochs", 3, "--batch-size", 64)) == 30


def test_names_the_line_that_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("amount,label\n1,0\ntwo,1\n")
    (process, log), = Job(tmp_path, str(tmp_path)).start()
    assert process.wait(60) == 1
    assert "data.csv:3: could not convert string to float: 'two'" in log.read_text()


def test_model_is_readable_without_pickle(trained: Job) -> None:
    config = json.loads((trained.model / "model.json").read_text())
    tensors = safetensors.numpy.load((trained.model / "model.safetensors").read_bytes())
    assert [tensors[f"layers.{i}.weight"].shape[::-1] for i in range(3)] == list(zip(config["layers"], config["layers"][1:]))
