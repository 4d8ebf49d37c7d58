"""Creates, updates and deletes a CloudFormation resource through the emulator's own service API.

What a type needs is declared in resource_types/. Property names are matched to request members by botocore's model
of the API; what has no counterpart is reported, never dropped silently.
"""

import re

from api_calls import ApiError, call, client, find, input_shape, leaves, to_request

MISSING = re.compile(r"NotFound|NoSuch|does not exist|404|Could not find|already been deleted", re.IGNORECASE)


class ApiResource:
    """A resource made by API; physical_resource_id, is_created and get_cfn_attribute are what moto asks of one."""

    mode = "api"

    def __init__(self, spec, properties, name, account, region):
        self.spec, self.account, self.region = spec, account, region
        self.name = name.lower() if spec.lower_case else name
        self.properties = self._prepare(properties)
        self.responses = []  # newest first
        self.ref = None
        self.not_sent, self.not_read_back = [], []

    @property
    def physical_resource_id(self):
        return self.ref

    def is_created(self):
        return True

    # -- life cycle ---------------------------------------------------------------------------------------------------

    def create(self):
        spec, sent, self.not_sent = self.spec, [], []
        if spec.create:
            in_steps = {name for step in spec.steps if step.when == "always" for name in step.uses}
            main = {
                name: value
                for name, value in self.properties.items()
                if name not in in_steps and name not in spec.later
            }
            if spec.tag_type and main.get("Tags"):
                main["TagSpecifications"] = [{"ResourceType": spec.tag_type, "Tags": main.pop("Tags")}]
            self.responses = [self._send(spec.create, {**self._fill(spec.defaults), **main}, self.not_sent, sent)]
        self.ref = self._fill(spec.ref)
        for step in spec.steps:
            if step.when == "always":
                self._run(step, self.properties, sent)
        self._compare(sent)
        return self

    def update(self, properties):
        """Updates in place; without an update operation the resource is deleted and created again under its name."""
        spec, sent, old, new = self.spec, [], self.properties, self._prepare(properties)
        changed = {name for name in {**old, **new} if old.get(name) != new.get(name)}
        in_steps = {name for step in spec.steps for name in step.uses}
        if changed - in_steps - {"Tags"} and not spec.update:
            self.delete()
            self.properties = new
            return self.create()
        before, self.properties = (self.not_sent, self.not_read_back), new
        unsent = ["Tags"] if "Tags" in changed - in_steps and not spec.update else []
        if changed - in_steps and spec.update:
            main = {name: value for name, value in new.items() if name not in in_steps}
            self.responses.insert(0, self._send(spec.update, {**main, **self._fill(spec.key)}, unsent, sent))
        self.not_sent = [path for path in unsent if path.split(".")[0] in changed]
        for step in spec.steps:
            if changed & set(step.uses):
                if step.undo:
                    self._undo(step, old)
                self._run(step, new, sent)
        self.ref = self._fill(spec.ref)
        self.responses = [*self._read(), *self.responses]
        self._compare(sent)
        self.not_sent, self.not_read_back = (
            sorted({*b, *a}) for b, a in zip(before, (self.not_sent, self.not_read_back))
        )
        return self

    def delete(self, *_):
        for step in reversed(self.spec.steps):
            if step.on_delete:
                self._undo(step, self.properties)
        if self.spec.delete:
            late = {name: self.properties[name] for name in self.spec.later if name in self.properties}
            self._send_tolerant(
                self.spec.delete, {**(late if self.spec.key else self.properties), **self._identity(self.spec.delete)}
            )

    def get_cfn_attribute(self, attribute):
        template = self.spec.attributes.get(attribute)
        if template is not None:
            return self._fill(template)
        leaf = attribute.split(".")[-1]
        for source in (*self.responses, self.properties, *self._read()):
            value = find(source, leaf)
            if value is not None:
                return value
        raise KeyError(f"the emulator knows no attribute {attribute}; add it to resource_types")

    # -- calls --------------------------------------------------------------------------------------------------------

    def _send(self, operation, request, unsent, sent):
        shape = input_shape(self.spec.service, self.region, operation)
        request = to_request(shape, request, self.spec.rename, unsent)
        sent.append(request)
        response = call(self.spec.service, self.region, operation, request)
        failed = response.get("Unsuccessful") or response.get("FailedEntries")
        if failed:
            raise ApiError(f"{operation}: {failed}")
        return response

    def _send_tolerant(self, operation, request):
        """For calls that take something away: only what the operation knows is sent, and absence is no error."""
        try:
            self._send(operation, request, [], [])
        except client(self.spec.service, self.region).exceptions.ClientError as error:
            if not MISSING.search(str(error)):
                raise

    def _prepare(self, properties):
        name = self.spec.name
        return self.spec.prepare({**({name: self.name} if name else {}), **properties})

    def _requests(self, step, properties, build):
        if not any(name in properties for name in step.uses):
            return []
        built = build(properties)
        return [{**self._fill(self.spec.key), **request} for request in (built if isinstance(built, list) else [built])]

    def _run(self, step, properties, sent):
        for request in self._requests(step, properties, step.requests):
            if step.do.startswith("revoke"):
                self._send_tolerant(step.do, request)
                continue
            known = {name.lower() for name in input_shape(self.spec.service, self.region, step.do).members}
            request = {
                name: value for name, value in request.items() if name not in self.spec.key or name.lower() in known
            }
            unsent = []
            self._send(step.do, request, unsent, sent)
            self.not_sent += [f"{step.uses[0]}: {path}" for path in unsent]

    def _undo(self, step, properties):
        for request in self._requests(step, properties, step.undo_requests or step.requests):
            self._send_tolerant(step.undo, request)

    def _identity(self, operation):
        """The members of an operation's request that name this resource."""
        shape = input_shape(self.spec.service, self.region, operation)
        request = {name: value for name, value in self._fill(self.spec.key).items() if name in shape.members}
        for name in shape.required_members:
            if name not in request and find(self.properties, name) is not None:
                request[name] = find(self.properties, name)
        return request

    def _read(self):
        for item in self.spec.read:
            operation, build = item if isinstance(item, tuple) else (item, lambda _: [{}])
            for request in self._fill(build(self.properties)):
                try:
                    yield call(self.spec.service, self.region, operation, {**self._identity(operation), **request})
                except client(self.spec.service, self.region).exceptions.ClientError as error:
                    if not MISSING.search(str(error)):
                        raise

    def _compare(self, sent):
        """Notes the request members whose values the emulator took but does not show again."""
        if not self.spec.read:
            return
        pairs = {pair for response in self._read() for pair in leaves(response)}
        values = {value for _, value in pairs}

        def shown(pair):
            name, value = pair
            return (
                pair in pairs or not value or value in values and not value.isdigit() and value not in ("true", "false")
            )

        skipped = {
            "tags",
            "tagspecifications",
            *(name.lower() for name in (*self.spec.key, *self.spec.defaults, *self.spec.unread)),
        }
        self.not_read_back = sorted(
            {
                member
                for request in sent
                for member, value in request.items()
                if member.lower() not in skipped and not all(map(shown, leaves(value, member)))
            }
        )

    def _fill(self, template):
        """Replaces names in braces by their values; dictionary items that come out empty are left out."""
        if isinstance(template, dict):
            filled = {key: self._fill(value) for key, value in template.items()}
            return {key: value for key, value in filled.items() if value not in ("", {})}
        if isinstance(template, list):
            return [self._fill(value) for value in template]
        return re.sub(r"\{(\w+)(\??)\}", lambda match: str(self._value(*match.groups())), template)

    def _value(self, name, optional):
        if name == "location":  # S3's name of a region; the first region must not be named
            return "" if self.region == "us-east-1" else self.region
        if name in ("ref", "name", "account", "region"):
            return getattr(self, name)
        for source in (*self.responses, self.properties):
            value = find(source, name)
            if value is not None:
                return value[0] if isinstance(value, list) and value else value
        if optional:
            return ""
        raise KeyError(f"no value for {{{name}}} in response or properties")


class Stub:
    """A resource that the emulator has no API for: Ref and Fn::GetAtt work, but it can be read nowhere."""

    mode = "stub"

    def __init__(self, resource_type, identifiers, properties, name, account, region):
        self.resource_type, self.properties, self.account, self.region = resource_type, properties, account, region
        given = [properties[key] for key in identifiers if key in properties]
        self.name = "|".join(map(str, given)) if given else name
        self.ref = self._arn() if len(identifiers) == 1 and identifiers[0].endswith("Arn") else self.name
        self.not_sent, self.not_read_back = [], []

    @property
    def physical_resource_id(self):
        return self.ref

    def is_created(self):
        return True

    def update(self, new):
        self.properties = new
        return self

    def delete(self, *_):
        pass

    def get_cfn_attribute(self, attribute):
        leaf = attribute.split(".")[-1]
        found = find(self.properties, leaf)
        return found if found is not None else self._arn() if leaf.endswith("Arn") else self.name

    def _arn(self):
        _, service, kind = self.resource_type.lower().split("::")
        return f"arn:aws:{service}:{self.region}:{self.account}:{kind}/{self.name}"
