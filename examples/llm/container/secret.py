"""Prints a secret of AWS, Google Cloud or Azure, by what the platform hands on in NAME_SECRET_ID, as the container's identity."""

import base64
import sys

from identity import as_azure, as_google, ask, google_api


def of_aws(arn):
    import boto3

    client = boto3.client("secretsmanager", region_name=arn.split(":")[3])
    return client.get_secret_value(SecretId=arn)["SecretString"]


def of_google(name):
    api = google_api("SECRETMANAGER", "https://secretmanager.googleapis.com/")
    version = ask(f"{api}v1/{name}/versions/latest:access", as_google())
    return base64.b64decode(version["payload"]["data"]).decode()


def of_azure(url):
    return ask(f"{url}?api-version=7.4", as_azure("https://vault.azure.net"))["value"]


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
