"""A local AWS: moto's service APIs, with a CloudFormation that creates every resource it meets or says why not.

    python emulator.py [--port 0] [--exit-with-stdin]

prints the address it listens on (127.0.0.1 only). Besides the AWS APIs it serves
    GET  /_extra/resources   what was deployed, one entry per resource: stack, logicalId, type, mode, state, physicalId,
                             notSentToApi, notReadBack
    POST /_extra/call        {"service": "s3", "operation": "ListBuckets", "params": {}, "region": "us-east-1"}
                             answers the response as JSON
Modes: "api" = made by service API calls (resource_types), "native" = by moto's own CloudFormation code,
"stub" = recorded only.
What it proves: properties fit the CloudFormation schema, references resolve, order, names, updates, replacements and
rollbacks work, the services' own APIs take the requests. What it does not: permissions, quotas, capacity, policies in
force, or that AWS accepts what the emulator accepts.
"""

import argparse
import json
import os
import sys
import threading
import traceback

os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")

from botocore import xform_name  # noqa: E402
from botocore.exceptions import BotoCoreError, ClientError  # noqa: E402
from moto.moto_server.werkzeug_app import (  # noqa: E402
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server  # noqa: E402

import api_calls  # noqa: E402
import cloudformation  # noqa: E402
import moto_fixes  # noqa: E402
from resources import REPORT  # noqa: E402


class QuietHandler(MotoRequestHandler):
    def log_request(self, code="-", size="-"):
        if str(code).startswith("5"):
            super().log_request(code, size)


def call(request):
    """One AWS API call, all pages of it; bodies of objects are decoded."""
    client = api_calls.client(request["service"], request.get("region", "us-east-1"))
    operation, params = xform_name(request["operation"]), request.get("params", {})
    if client.can_paginate(operation):
        result = client.get_paginator(operation).paginate(**params).build_full_result()
    else:
        result = getattr(client, operation)(**params)
    result.pop("ResponseMetadata", None)
    return {
        name: value.read().decode("utf-8", "replace") if hasattr(value, "read") else value
        for name, value in result.items()
    }


def extra(environ):
    """Answers the emulator's own paths: (status, JSON value)."""
    if environ["PATH_INFO"] == "/_extra/resources":
        return "200 OK", REPORT
    if environ["PATH_INFO"] == "/_extra/call" and environ["REQUEST_METHOD"] == "POST":
        try:
            return "200 OK", call(json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))))
        except ClientError as error:
            return "400 Bad Request", {"code": error.response["Error"]["Code"], "message": str(error)}
        except (AttributeError, BotoCoreError, KeyError, ValueError) as error:
            return "400 Bad Request", {"code": type(error).__name__, "message": str(error)}
        except Exception as error:
            traceback.print_exc()
            return "500 Internal Server Error", {"code": type(error).__name__, "message": str(error)}
    return "404 Not Found", {"code": "NotFound", "message": environ["PATH_INFO"]}


def application(aws):
    def wsgi(environ, start_response):
        if not environ["PATH_INFO"].startswith("/_extra/"):
            return aws(environ, start_response)
        status, value = extra(environ)
        start_response(status, [("Content-Type", "application/json")])
        return [json.dumps(value, default=str).encode()]

    return wsgi


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument(
        "--exit-with-stdin", action="store_true", help="end when standard input closes, so that no orphan is left"
    )
    options = parser.parse_args()
    cloudformation.install()
    moto_fixes.install()
    server = make_server(
        "127.0.0.1",
        options.port,
        application(DomainDispatcherApplication(create_backend_app)),
        threaded=True,
        request_handler=QuietHandler,
    )
    api_calls.ENDPOINT["url"] = f"http://127.0.0.1:{server.server_port}"
    print(api_calls.ENDPOINT["url"], flush=True)
    if options.exit_with_stdin:
        threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
    server.serve_forever()


if __name__ == "__main__":
    main()
