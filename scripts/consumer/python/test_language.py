"""What Python makes of the vocabulary: structs and dicts, errors, values like enums, subclasses."""

import json

import pytest
from cloud_ml_constructs import core, google
from conftest import PLACES

IMAGE = "europe-docker.pkg.dev/your-project/a/b:1"


@pytest.fixture
def stack(terraform_app):
    return google.PlatformStack(terraform_app[0], "fraud", **PLACES["google"])


def endpoint(stack, **props):
    return google.AutoScalingEndpoint(stack, "Endpoint", machine_type="n1-standard-4", **props)


def test_dicts_are_as_good_as_structs_in_lists_too(stack, terraform_app):
    google.DataLake(stack, "Lake", zones=[{"name": "raw", "expire_after_days": 4321}])
    endpoint(
        stack,
        variants=[{"name": "main", "container": {"image": IMAGE, "health_path": "/healthy"}}],
        scaling={"min_instances": 1, "max_instances": 2, "cpu_percent": 50},
    )
    written = json.dumps(terraform_app[1]("fraud"))
    assert '"age": 4321' in written
    assert "/healthy" in written


@pytest.mark.parametrize("key", ["expire_after", "expireAfterDays"])
def test_keys_of_dicts_that_mean_nothing_are_refused_by_name(stack, key):
    with pytest.raises(TypeError, match=f"DataZoneProps.*unexpected keyword argument '{key}'"):
        google.DataLake(stack, "Lake", zones=[{"name": "raw", key: 4}])


def test_props_are_keywords_and_judged_by_type_and_name(stack):
    with pytest.raises(TypeError, match="takes 3 positional arguments"):
        google.DataLake(stack, "Lake", [])
    with pytest.raises(TypeError, match="unexpected keyword argument 'zone'"):
        google.DataLake(stack, "Lake", zone=[])
    with pytest.raises(TypeError, match="missing 1 required keyword-only argument: 'models'"):
        google.ModelRegistry(stack, "Registry")
    with pytest.raises(TypeError, match="type of argument zones must be"):
        google.DataLake(stack, "Lake", zones="raw")


def test_all_faults_arrive_at_once_with_their_codes(stack):
    with pytest.raises(RuntimeError) as raised:
        google.DataLake(
            stack,
            "Lake",
            zones=[core.DataZoneProps(name="RAW", expire_after_days=-3), core.DataZoneProps(name="x")],
        )
    assert str(raised.value) == "\n".join(
        [
            "fraud/Lake: 3 faults",
            "  zones[0].name ('RAW') must be lower-case letters, digits and '-', 2 to 24 characters, first a letter,"
            " last no '-' [CMC-006]",
            "  zones[0].expireAfterDays (-3) must be a whole number from 1 to 36500 [CMC-004]",
            "  zones[1].name ('x') must be lower-case letters, digits and '-', 2 to 24 characters, first a letter,"
            " last no '-' [CMC-006]",
        ]
    )
    assert core.Errors.is_validation_error(str(raised.value))
    assert not core.Errors.is_validation_error("no such file")
    # Nothing half-built is left: the id can be used.
    google.DataLake(stack, "Lake")


def test_calls_refuse_as_constructors_do(stack):
    lake = google.DataLake(stack, "Lake")
    with pytest.raises(RuntimeError, match=r"fraud/Lake: zone 'nope' was not declared.*\[CMC-012\]") as raised:
        lake.zone("nope")
    assert core.Errors.is_validation_error(str(raised.value))


def test_what_a_cloud_lacks_names_the_alternative(stack):
    with pytest.raises(RuntimeError, match=r"take EndpointEngine.cloudRun\(\) \[CMC-040\]"):
        endpoint(
            stack,
            variants=[core.EndpointVariant(name="main", container=core.ServingContainer(image=IMAGE))],
            scaling=core.ScalingProps(
                min_instances=1, max_instances=2, concurrent_requests_per_instance=5
            ),
        )


def test_values_like_enums():
    assert core.DataRetention.RETAIN.value == "RETAIN"
    assert core.SecurityProfile.REGULATED.name == core.SecurityProfile.REGULATED.name
    assert core.Capacity.spot(fallback=True).kind == core.CapacityKind.SPOT
    assert core.Capacity.reserved("r-1").kind == core.CapacityKind.RESERVED
    assert core.Rollout.canary(percent=10, bake_minutes=5).kind == core.RolloutKind.CANARY
    parameter = core.DeployParameter.of_number("Instances", 3)
    assert core.DeployParameter.is_deploy_parameter(parameter)
    assert (parameter.name, parameter.default_value, parameter.is_number) == ("Instances", "3", True)


def test_constructs_are_instances_of_their_classes_and_interfaces(stack):
    lake = google.DataLake(stack, "Lake")
    assert isinstance(lake, google.DataLake)
    # Interfaces are protocols: jsii keeps them on the class.
    assert core.IDataLake in google.DataLake.__jsii_ifaces__ or google.IDataLake in google.DataLake.__jsii_ifaces__
    imported = google.DataLake.from_bucket_names(stack, "Past", bucket_names={"raw": "acme-raw"})
    assert imported.zone("raw").uri == "gs://acme-raw/"


def test_a_class_of_ones_own_gives_defaults(stack, terraform_app):
    class TeamLake(google.DataLake):
        """Every lake of the team."""

        def __init__(self, scope, id, *, expire_after_days):
            zones = [core.DataZoneProps(name=name, expire_after_days=expire_after_days) for name in ("raw", "clean")]
            super().__init__(scope, id, zones=zones, retention=core.DataRetention.DESTROY)

    lake = TeamLake(stack, "Lake", expire_after_days=1234)
    training = google.GpuTrainingCluster(
        stack, "Training", image=IMAGE, datasets=[lake], accelerators=["L4:1"]
    )
    lake.grant_read_write(training)
    assert lake.zone_names == ["raw", "clean"]
    assert '"age": 1234' in json.dumps(terraform_app[1]("fraud"))


def test_a_construct_of_another_engine_is_refused_by_name():
    from aws_cdk import App, Stack

    with pytest.raises(RuntimeError, match=r"Lake: .*\[CMC-011\]"):
        google.DataLake(Stack(App(), "cdk"), "Lake")
