"""A platform in two stacks: the same program on every cloud, whose module is given as ``ml``."""

from types import ModuleType
from typing import Any, Dict, NamedTuple

from cloud_ml_constructs import core
from constructs import Construct

# The version of the model and the tags of the images to deploy first; later ones are given at deployment.
FIRST = "1"
# The version of the model that is tried next to the first one.
NEXT = "2"


class Foundation(NamedTuple):
    # The class of the cloud: `upload_command` is not there for every lake.
    lake: Any
    registry: core.IModelRegistry
    training: core.IGpuTrainingCluster


class Serving(NamedTuple):
    endpoint: core.IAutoScalingEndpoint
    thumbnails: core.IServerlessInference


def foundation(ml: ModuleType, stack: Construct) -> Foundation:
    """What comes first: data, a registry, somewhere to train."""
    lake = ml.DataLake(
        stack,
        "Lake",
        zones=[core.DataZoneProps(name="raw", expire_after_days=365), core.DataZoneProps(name="curated")],
    )
    registry = ml.ModelRegistry(
        stack,
        "Registry",
        models=[core.RegisteredModelProps(name="fraud-detector", approval_required=True)],
        images=["train", "serve", "embed"],
    )
    training = ml.GpuTrainingCluster(
        stack,
        "Training",
        datasets=[lake],
        registry=registry,
        image=registry.image("train", FIRST),
        command=["torchrun", "train.py", "--dataset", "raw"],
        # The first one that this cloud offers.
        accelerators=["L4:1", "T4:1"],
        max_nodes=2,
        capacity=core.Capacity.spot(),
    )
    return Foundation(lake, registry, training)


def serving(ml: ModuleType, stack: Construct, made: Foundation) -> Serving:
    """What comes when the images are pushed and a version is published: endpoints."""
    registry = made.registry

    # Versions are given at deployment by the model's own pipeline, without touching code.
    def variant(name: str, parameter: str, weight: int) -> core.EndpointVariant:
        version = core.DeployParameter.of(parameter, FIRST)
        return core.EndpointVariant(
            name=name,
            weight=weight,
            container=core.ServingContainer(image=registry.image("serve", FIRST)),
            model=registry.model("fraud-detector").version(version),
        )

    endpoint = ml.AutoScalingEndpoint(
        stack,
        "Fraud",
        # A new version is deployed as `next`, and gets traffic by `shift_command`.
        variants=[variant("main", "FraudVersion", 100), variant("next", "FraudNext", 0)],
        accelerators=["L4:1", "T4:1"],
        scaling=core.ScalingProps(min_instances=1, max_instances=4, requests_per_minute_per_instance=600),
        alarms=core.EndpointAlarmProps(
            notify=["ml-oncall@example.com"], p99_latency_ms=300, error_percent=1
        ),
    )
    thumbnails = ml.ServerlessInference(
        stack,
        "Thumbnails",
        container=core.ServingContainer(image=registry.image("embed", FIRST)),
        memory_mib=4096,
        max_instances=5,
    )
    endpoint.grant_invoke(thumbnails)
    return Serving(endpoint, thumbnails)


def commands_of_foundation(made: Foundation) -> Dict[str, str]:
    """The shell commands that go with what was deployed, by the names of the outputs that print them."""
    lake, registry, training = made
    image = registry.image("serve", FIRST)
    return {
        "Upload": lake.upload_command,
        "PushTrain": registry.push_command("train", FIRST),
        "PushServe": registry.push_command("serve", FIRST),
        "PushEmbed": registry.push_command("embed", FIRST),
        "Submit": training.submit_command,
        "Output": training.output_uri,
        "Publish": registry.publish_command("fraud-detector", FIRST, image),
        "Approve": registry.approve_command("fraud-detector", FIRST),
        "PublishNext": registry.publish_command("fraud-detector", NEXT, image),
        "ApproveNext": registry.approve_command("fraud-detector", NEXT),
    }


def commands_of_serving(served: Serving) -> Dict[str, str]:
    """Those that go with the endpoints."""
    endpoint, thumbnails = served
    return {
        "InvokeEndpoint": endpoint.invoke_command,
        "Shift": endpoint.shift_command,
        "InvokeThumbnails": thumbnails.invoke_command,
    }
