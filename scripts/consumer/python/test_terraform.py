"""Google Cloud and Azure from Python: grants, what exists already, native resources, parameters, secrets, networks."""

import cdktf
from cloud_ml_constructs import azure, core, google
from conftest import PLACES


def only(stack, type):
    (one,) = stack["resource"][type].values()
    return one


def test_on_google_grants_members_and_overrides(terraform_app):
    app, synthesize = terraform_app
    stack = google.PlatformStack(app, "platform", **PLACES["google"], name_prefix="acme")
    network = google.PrivateNetwork(stack, "Network", internet_egress=True)
    lake = google.DataLake(stack, "Lake", zones=[core.DataZoneProps(name="raw")], network=network)
    registry = google.ModelRegistry(
        stack, "Registry", models=[core.RegisteredModelProps(name="fraud-detector")], images=["serve"]
    )
    thumbnails = google.ServerlessInference(
        stack,
        "Thumbnails",
        container=core.ServingContainer(
            image=registry.image("serve", core.DeployParameter.of("Tag", "1")),
            secrets={"TOKEN": google.Secret.from_secret_name(stack, "Token", "hub-token")},
        ),
        memory_mib=2048,
        max_instances=2,
    )
    lake.zone("raw").grant_read(thumbnails)
    (granted,) = lake.grants.read("group:fraud@example.com")
    assert isinstance(granted, cdktf.TerraformResource)
    lake.grant_read(google.Workload.from_service_account(stack, "Someone", "a@your-project.iam.gserviceaccount.com"))
    # What is native is a resource of cdktf, whichever provider it is of.
    assert isinstance(lake.bucket("raw"), cdktf.TerraformResource)
    lake.bucket("raw").add_override("labels.owner", "fraud")
    thumbnails.node.default_child.add_override("annotations.owner", "fraud")
    json = synthesize("platform")
    labels = [bucket.get("labels") for bucket in json["resource"]["google_storage_bucket"].values()]
    assert {"owner": "fraud"} in labels
    service = only(json, "google_cloud_run_v2_service")
    assert service["annotations"] == {"owner": "fraud"} and service["name"].startswith("acme")
    assert json["variable"]["Tag"]["default"] == "1"
    members = {one["member"] for one in json["resource"]["google_storage_bucket_iam_member"].values()}
    assert "group:fraud@example.com" in members


def test_on_google_constructs_are_guests_in_a_stack_of_ones_own(terraform_app):
    app, synthesize = terraform_app
    stack = cdktf.TerraformStack(app, "own")
    cdktf.TerraformProvider(
        stack,
        "google",
        terraform_resource_type="google",
        terraform_provider_source="google",
        terraform_generator_metadata=cdktf.TerraformProviderGeneratorMetadata(provider_name="google"),
    ).add_override("project", "your-project")
    google.PlatformStack.adopt(stack, enable_apis=False)
    past = google.DataLake.from_bucket_names(stack, "Past", bucket_names={"history": "acme-history"})
    assert past.uris == {"history": "gs://acme-history/"}
    key = google.EncryptionKey.from_key_id(
        stack,
        "Key",
        "projects/p/locations/europe-west4/keyRings/r/cryptoKeys/k",
        service_agents_granted=True,
    )
    google.DataLake(stack, "Lake", encryption_key=key, zones=[core.DataZoneProps(name="raw")], discovery=False)
    json = synthesize("own")
    assert "google_project_service" not in json["resource"]


def test_on_azure_grants_members_and_overrides(terraform_app):
    app, synthesize = terraform_app
    stack = azure.PlatformStack(app, "platform", **PLACES["azure"])
    lake = azure.DataLake(stack, "Lake", zones=[core.DataZoneProps(name="raw")])
    registry = azure.ModelRegistry(
        stack, "Registry", models=[core.RegisteredModelProps(name="fraud-detector")], images=["serve"]
    )
    thumbnails = azure.ServerlessInference(
        stack,
        "Thumbnails",
        container=core.ServingContainer(image=registry.image("serve", core.DeployParameter.of("Tag", "1"))),
        memory_mib=2048,
        max_instances=2,
    )
    lake.zone("raw").grant_read_write(thumbnails)
    lake.grant_read(
        azure.Workload.from_principal_id(stack, "Someone", "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee")
    )
    assert isinstance(thumbnails.node.default_child, cdktf.TerraformResource)
    thumbnails.node.default_child.add_override("tags.owner", "fraud")
    json = synthesize("platform")
    assert only(json, "azurerm_container_app")["tags"]["owner"] == "fraud"
    assert json["variable"]["Tag"]["default"] == "1"
    roles = {one["role_definition_name"] for one in json["resource"]["azurerm_role_assignment"].values()}
    assert {"Storage Blob Data Contributor", "Storage Blob Data Reader"} <= roles
