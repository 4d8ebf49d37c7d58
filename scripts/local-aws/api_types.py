"""The vocabulary of resource_types: how a CloudFormation resource type is made with a service API."""

from dataclasses import dataclass, field
from typing import Callable, Optional


@dataclass(frozen=True)
class Step:
    """Further calls, made after the resource exists, that set some of its properties."""

    uses: tuple  # the properties it sets; without any of them the step is left out
    do: str  # operation
    requests: Callable  # properties -> request or list of requests; the key is added
    undo: Optional[str] = None  # operation that takes them back, fed with the same requests …
    undo_requests: Optional[Callable] = None  # … or with these
    on_delete: bool = False  # must be undone before the resource can be deleted
    when: str = "always"  # 'update': creation already does it


@dataclass(frozen=True)
class ApiType:
    """How a resource type is made with a service API.

    Names in braces are filled with values of the responses and properties; {Name?} may be absent.
    """

    service: str
    create: Optional[str]  # operation; None if the steps do it all
    ref: str  # what Ref returns
    key: dict = field(default_factory=dict)  # request members that name the resource in all calls but create
    delete: Optional[str] = None
    update: Optional[str] = None  # without it a change deletes and creates again
    read: tuple = ()  # operations that show it, or (operation, properties -> further requests)
    unread: tuple = ()  # request members that the read operations never show, on AWS neither
    name: Optional[str] = None  # property that CloudFormation generates where absent
    lower_case: bool = False  # generated names are in lower case
    rename: dict = field(default_factory=dict)  # property -> request member, at any depth
    prepare: Callable = lambda properties: properties
    defaults: dict = field(default_factory=dict)
    attributes: dict = field(default_factory=dict)  # Fn::GetAtt, where not found in the response by its name
    tag_type: Optional[str] = None  # EC2's name of the type, for TagSpecifications
    steps: tuple = ()
    later: tuple = ()  # properties that only update and delete take
    stub_if: Callable = lambda properties: False  # a variant of the type that the emulator has no API for
