"""Fetches the files below an address of S3, Cloud Storage or Azure's Blob Storage into a folder, as the container's identity."""

import os
import re
import shutil
import sys
import urllib.parse
import xml.etree.ElementTree as xml
from concurrent.futures import ThreadPoolExecutor

from identity import as_azure, as_google, ask, google_api, send

AT_ONCE = 8


def quoted(text):
    return urllib.parse.quote(text, safe="")


def fetch(url, headers, path):
    with send(url, headers) as answer, open(path, "wb") as file:
        shutil.copyfileobj(answer, file, 1 << 20)
        size = answer.headers.get("Content-Length")
    if size is not None and os.path.getsize(path) != int(size):
        raise OSError(f"{path} was cut off after {os.path.getsize(path)} of {size} bytes")


class S3:
    def __init__(self, uri):
        import boto3

        self.client = boto3.client("s3")
        self.bucket, self.prefix = re.fullmatch(r"s3://([^/]+)/(.*)", uri).groups()

    def names(self):
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix)
        return [one["Key"] for page in pages for one in page.get("Contents", [])]

    def get(self, name, path):
        self.client.download_file(self.bucket, name, path)


class CloudStorage:
    def __init__(self, uri):
        bucket, self.prefix = re.fullmatch(r"gs://([^/]+)/(.*)", uri).groups()
        self.objects = f"{google_api('STORAGE', 'https://storage.googleapis.com/storage/v1/')}b/{bucket}/o"

    def names(self):
        found, page = [], ""
        while page is not None:
            query = urllib.parse.urlencode({"prefix": self.prefix, "pageToken": page})
            answer = ask(f"{self.objects}?{query}", as_google())
            found += [one["name"] for one in answer.get("items", [])]
            page = answer.get("nextPageToken")
        return found

    def get(self, name, path):
        fetch(f"{self.objects}/{quoted(name)}?alt=media", as_google(), path)


class BlobStorage:
    def __init__(self, uri):
        lake = re.fullmatch(r"abfss://([^@]+)@([^.]+)\.dfs\.([^/]+)/(.*)", uri)
        if lake:
            container, account, domain, path = lake.groups()
            uri = f"https://{account}.blob.{domain}/{container}/{path}"
        self.container, self.prefix = re.fullmatch(r"(https?://[^/]+/[^/]+)/(.*)", uri).groups()

    @staticmethod
    def headers():
        return {**as_azure("https://storage.azure.com/"), "x-ms-version": "2021-08-06"}

    def names(self):
        found, marker = [], ""
        while marker is not None:
            query = urllib.parse.urlencode(
                {"restype": "container", "comp": "list", "prefix": self.prefix, "marker": marker}
            )
            with send(f"{self.container}?{query}", self.headers()) as answer:
                page = xml.parse(answer)
            found += [one.text for one in page.iterfind("Blobs/Blob/Name")]
            marker = page.findtext("NextMarker") or None
        return found

    def get(self, name, path):
        fetch(f"{self.container}/{urllib.parse.quote(name)}", self.headers(), path)


STORES = {"s3": S3, "gs": CloudStorage, "abfss": BlobStorage, "https": BlobStorage, "http": BlobStorage}


def fetch_all(uri, folder):
    scheme = uri.split(":")[0]
    if scheme not in STORES:
        raise SystemExit(f"weights.py: {uri} is no address of S3, Cloud Storage or Blob Storage")
    store = STORES[scheme](uri if uri.endswith("/") else f"{uri}/")
    # A name that ends in / is a folder.
    names = [name for name in store.names() if not name.endswith("/")]
    if not names:
        raise SystemExit(f"weights.py: there are no files below {uri}")

    def get(name):
        path = os.path.join(folder, name[len(store.prefix) :])
        os.makedirs(os.path.dirname(path), exist_ok=True)
        store.get(name, path)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(get, names))


if __name__ == "__main__":
    fetch_all(sys.argv[1], sys.argv[2])
