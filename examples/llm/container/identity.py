"""Asks services of Google Cloud and Azure as the container's identity, with nothing but Python's own library."""

import json
import os
import urllib.parse
import urllib.request


def send(url, headers):
    return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30)


def ask(url, headers):
    with send(url, headers) as answer:
        return json.load(answer)


def google_api(service, default):
    """The address of a service, by the variable by which gcloud, too, is sent to another one."""
    return os.environ.get(f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{service}", default)


def as_google():
    """The header that says who asks Google Cloud."""
    metadata = os.environ.get("GCE_METADATA_HOST", "metadata.google.internal")
    account = f"http://{metadata}/computeMetadata/v1/instance/service-accounts/default"
    token = ask(f"{account}/token", {"Metadata-Flavor": "Google"})["access_token"]
    return {"Authorization": f"Bearer {token}"}


def as_azure(resource):
    """The header that says who asks a service of Azure."""
    client = os.environ.get("AZURE_CLIENT_ID")
    if "MSI_ENDPOINT" in os.environ:
        # Azure ML answers for the identity itself.
        address = os.environ["MSI_ENDPOINT"]
        query = {"resource": resource, "api-version": "2017-09-01", **({"clientid": client} if client else {})}
        headers = {"secret": os.environ.get("MSI_SECRET", ""), "Metadata": "true"}
    else:
        address = "http://169.254.169.254/metadata/identity/oauth2/token"
        query = {"resource": resource, "api-version": "2018-02-01", **({"client_id": client} if client else {})}
        headers = {"Metadata": "true"}
    token = ask(f"{address}?{urllib.parse.urlencode(query)}", headers)["access_token"]
    return {"Authorization": f"Bearer {token}"}
