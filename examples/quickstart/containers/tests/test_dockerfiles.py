from __future__ import annotations

import re

import pytest
from conftest import CONTAINERS


@pytest.mark.parametrize("container", ["train", "serve", "embed"])
def test_copies_what_exists(container: str) -> None:
    copied = re.findall(r"^COPY (?:--chmod=\d+ )?([\w.]+) \./$", (CONTAINERS / container / "Dockerfile").read_text(), re.M)
    assert len(copied) == 2
    assert all((CONTAINERS / container / name).is_file() for name in copied)


@pytest.mark.parametrize("container", ["serve", "embed"])
def test_serving_images_run_on_lambda_and_elsewhere(container: str) -> None:
    text = (CONTAINERS / container / "Dockerfile").read_text()
    assert re.search(r"^COPY --from=\S+/aws-lambda-adapter:[\d.]+ /lambda-adapter /opt/extensions/lambda-adapter$", text, re.M)
    variables = dict(re.findall(r"(AWS_LWA_\w+)=(\S+)", text))
    assert variables["AWS_LWA_PORT"] == "8080"
    assert variables["AWS_LWA_READINESS_CHECK_PATH"] == "/ping"
    assert variables["AWS_LWA_PASS_THROUGH_PATH"] == "/invocations"
    assert {"USER 1001", 'ENTRYPOINT ["python", "/app/app.py"]', 'CMD ["serve"]'} <= set(text.splitlines())
