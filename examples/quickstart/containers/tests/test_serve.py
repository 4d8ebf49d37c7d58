from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import CONTAINERS, FEATURES, Job, Server, environment, serving, wait_for

FRAUD = {"amount": 900, "distance_km": 200, "hour": 3}
HONEST = {"amount": 8, "distance_km": 2, "hour": 14}


@pytest.fixture(scope="module")
def server(trained: Job, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving("serve", tmp_path_factory.mktemp("serve"), MODEL_DIR=trained.model) as running:
        yield running


def test_scores_instances_by_name_by_position_and_as_csv(server: Server) -> None:
    rows = [[instance[name] for name in FEATURES] for instance in (FRAUD, HONEST)]
    status, answer = server.invoke({"instances": [FRAUD, HONEST]})
    assert status == 200
    fraud, honest = answer["predictions"]
    assert fraud > 0.9 and honest < 0.1
    lines = "\n".join(",".join(map(str, row)) for row in rows)
    assert server.invoke({"instances": rows}) == (200, answer)
    assert server.invoke(lines, "text/csv; charset=utf-8") == (200, answer)
    reordered = "id,hour,distance_km,amount\n" + "\n".join(f"{i},{hour},{distance},{amount}" for i, (amount, distance, hour) in enumerate(rows))
    assert server.invoke(reordered, "text/csv") == (200, answer)


def test_scores_what_the_trained_network_scores(server: Server, trained: Job) -> None:
    torch_answer = subprocess.run(
        [sys.executable, "-c", f"""
import json, sys, torch, safetensors.numpy
sys.path.insert(0, {str(CONTAINERS / "train")!r})
from train import Network
config = json.load(open("model.json"))
network = Network(config["layers"])
tensors = safetensors.numpy.load(open("model.safetensors", "rb").read())
network.load_state_dict({{name: torch.from_numpy(value) for name, value in tensors.items()}})
x = (torch.tensor({[list(FRAUD.values()), list(HONEST.values())]}) - torch.tensor(config["mean"])) / torch.tensor(config["std"])
print(json.dumps(torch.sigmoid(network(x)).tolist()))"""],
        cwd=trained.model, env=environment(trained.folder), check=True, capture_output=True, text=True,
    ).stdout
    assert server.invoke({"instances": [FRAUD, HONEST]})[1]["predictions"] == pytest.approx(json.loads(torch_answer), abs=1e-5)


def test_a_gap_counts_as_the_mean(server: Server, trained: Job) -> None:
    mean = dict(zip(FEATURES, trained.config()["mean"]))["distance_km"]
    expected = server.invoke({"instances": [{**FRAUD, "distance_km": mean}]})[1]["predictions"]
    assert server.invoke({"instances": [{**FRAUD, "distance_km": None}]})[1]["predictions"] == pytest.approx(expected)
    assert server.invoke("900,,3\n", "text/csv")[1]["predictions"] == pytest.approx(expected)


@pytest.mark.parametrize("body, content_type, message", [
    ("{", "application/json", "not JSON"),
    ("[" * 100_000, "application/json", "not JSON"),
    (b"\xff\xfe\xfa", "application/json", "not JSON"),
    ([1, 2, 3], "application/json", "expected"),
    ({"instances": []}, "application/json", "expected"),
    ({"instances": [{"amount": 1}]}, "application/json", "instances[0]: missing distance_km, hour"),
    ({"instances": [[1, 2, 3], [1, 2]]}, "application/json", "instances[1]: expected an object or 3 numbers"),
    ({"instances": [7]}, "application/json", "instances[0]: expected"),
    ({"instances": [{**FRAUD, "hour": "three"}]}, "application/json", 'instances[0]: hour must be a number or null, not "three"'),
    ('{"instances": [[1, 2, 1e999]]}', "application/json", "instances[0]: hour"),
    ('{"instances": [[1, 2, 1%s]]}' % ("0" * 400), "application/json", "instances[0]: hour"),
    ("", "text/csv", "no line of values"),
    ("1,2\n", "text/csv", "row 0: 2 values, expected 3"),
    ("1,2,x\n", "text/csv", 'row 0: hour must be a number or null, not "x"'),
])
def test_bad_input_is_400_with_a_message(server: Server, body: Any, content_type: str, message: str) -> None:
    status, answer = server.invoke(body, content_type)
    assert status == 400
    assert message in answer["error"]


def test_fetches_the_model_of_model_uri_where_none_is_mounted(trained: Job, tmp_path: Path) -> None:
    (tmp_path / "unused").mkdir()
    with serving("serve", tmp_path, MODEL_DIR=tmp_path / "unused", MODEL_URI=f"{trained.model.as_uri()}/") as server:
        assert server.invoke({"instances": [FRAUD]})[1]["predictions"][0] > 0.9


def test_finds_the_model_below_model_dir(trained: Job, tmp_path: Path) -> None:
    (tmp_path / "mount" / "fraud-detector").mkdir(parents=True)
    (tmp_path / "mount" / "fraud-detector" / "7").symlink_to(trained.model)
    for name in ("model.json", "model.safetensors"):
        (tmp_path / "mount" / "fraud-detector" / name).write_bytes((trained.model / name).read_bytes())
    with serving("serve", tmp_path, MODEL_DIR=tmp_path / "mount") as server:
        assert server.invoke({"instances": [FRAUD]})[0] == 200


def test_answers_503_until_the_model_is_loaded(trained: Job, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "model.json")  # a read of it waits for the writer
    (tmp_path / "model.safetensors").symlink_to(trained.model / "model.safetensors")
    with serving("serve", tmp_path, ready=503, MODEL_DIR=tmp_path) as server:
        assert server.invoke({"instances": [FRAUD]}) == (503, {"error": "the model is still loading"})
        (tmp_path / "model.json").write_bytes((trained.model / "model.json").read_bytes())
        wait_for(lambda: server.ping() == 200, server.process, server.log)
        assert server.invoke({"instances": [FRAUD]})[0] == 200


def test_ends_with_the_reason_when_there_is_no_model(tmp_path: Path) -> None:
    env = environment(tmp_path, HOST="127.0.0.1", PORT=0, MODEL_URI=tmp_path)
    ended = subprocess.run([sys.executable, CONTAINERS / "serve" / "app.py", "serve"], env=env, capture_output=True, text=True, timeout=30)
    assert ended.returncode == 1
    assert f"no model.json under MODEL_DIR (not set) or MODEL_URI ({tmp_path})" in ended.stderr


def test_answers_a_plain_lambda_event(server: Server) -> None:
    """The Lambda Web Adapter posts the event as it is to AWS_LWA_PASS_THROUGH_PATH and returns the body."""
    headers = {"x-amzn-request-context": "null", "x-amzn-lambda-context": json.dumps({"request_id": "1", "deadline": 0})}
    status, answer = server.invoke({"instances": [FRAUD]}, **headers)
    assert status == 200 and len(answer["predictions"]) == 1
