"""Prints a secret of AWS, Google Cloud or Azure, by what the platform hands on in NAME_SECRET_ID, as the container's identity."""

import base64
import json
import os
import sys
import urllib.parse
import urllib.request


def ask(url, headers):
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30) as answer:
        return json.load(answer)


def of_aws(arn):
    import boto3

    client = boto3.client("secretsmanager", region_name=arn.split(":")[3])
    return client.get_secret_value(SecretId=arn)["SecretString"]


def of_google(name):
    metadata = os.environ.get("GCE_METADATA_HOST", "metadata.google.internal")
    account = f"http://{metadata}/computeMetadata/v1/instance/service-accounts/default"
    token = ask(f"{account}/token", {"Metadata-Flavor": "Google"})["access_token"]
    # The variable by which gcloud, too, is sent to another address.
    api = os.environ.get("CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER", "https://secretmanager.googleapis.com/")
    version = ask(f"{api}v1/{name}/versions/latest:access", {"Authorization": f"Bearer {token}"})
    return base64.b64decode(version["payload"]["data"]).decode()


def of_azure(url):
    resource = {"resource": "https://vault.azure.net"}
    client = os.environ.get("AZURE_CLIENT_ID")
    if "MSI_ENDPOINT" in os.environ:
        # Azure ML answers for the identity itself.
        address = os.environ["MSI_ENDPOINT"]
        query = {**resource, "api-version": "2017-09-01", **({"clientid": client} if client else {})}
        headers = {"secret": os.environ.get("MSI_SECRET", ""), "Metadata": "true"}
    else:
        address = "http://169.254.169.254/metadata/identity/oauth2/token"
        query = {**resource, "api-version": "2018-02-01", **({"client_id": client} if client else {})}
        headers = {"Metadata": "true"}
    token = ask(f"{address}?{urllib.parse.urlencode(query)}", headers)["access_token"]
    return ask(f"{url}?api-version=7.4", {"Authorization": f"Bearer {token}"})["value"]


def read(identifier):
    if identifier.startswith("arn:"):
        return of_aws(identifier)
    if identifier.startswith("projects/"):
        return of_google(identifier)
    if identifier.startswith("http"):
        return of_azure(identifier)
    raise SystemExit(f"secret.py: {identifier} names no secret of AWS, Google Cloud or Azure")


if __name__ == "__main__":
    print(read(sys.argv[1]))
