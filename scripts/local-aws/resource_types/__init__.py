"""Which service API calls make which CloudFormation resource type.

To teach the emulator a type, add a row to TYPES in a module of this folder (ApiType in api_types.py explains it).
Types without a row are created by moto's own CloudFormation code ("native"); types that neither knows become stubs.
"""

from . import catalog, events, functions, identity, jobs, models, network, storage

RESOURCE_TYPES = {
    resource_type: row
    for area in (storage, catalog, network, identity, jobs, models, functions, events)
    for resource_type, row in area.TYPES.items()
}
