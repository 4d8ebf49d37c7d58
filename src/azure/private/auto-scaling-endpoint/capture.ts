import { TerraformResource } from 'cdktf';
import { Construct } from 'constructs';
import * as core from '../../../core';
import type { IDataZone } from '../../data-lake';
import { azapiResource, ML_API } from '../azapi';
import { nameOf } from '../names';
import { grantRole } from '../roles';
import { READ_WRITE } from '../storage';

/** What Azure ML calls what comes in and what goes out, whole. */
const COLLECTIONS = ['request', 'response'] as const;

export interface Capture {
  /** As a deployment takes it. */
  readonly dataCollector: object;
  readonly resources: TerraformResource[];
}

/** Keeps requests and answers in a zone, below the endpoint's name: an asset for each, in a datastore of the zone. */
export function capture(
  endpoint: Construct & core.IWorkload,
  { zone, samplePercent = 100 }: core.CaptureProps,
  { workspaceId, endpointName }: { workspaceId: string; endpointName: string },
): Capture {
  const native = zone as IDataZone;
  grantRole(endpoint, native, { role: READ_WRITE, scope: native.containerId, part: native.zoneName });
  const scope = new Construct(endpoint, 'Capture');
  const datastore = nameOf(scope, { maxLength: 60, separator: '_' });
  const store = azapiResource(scope, 'Datastore', {
    type: `Microsoft.MachineLearningServices/workspaces/datastores@${ML_API}`,
    parentId: workspaceId,
    name: datastore,
    body: {
      properties: {
        datastoreType: 'AzureDataLakeGen2',
        accountName: native.storageAccountName,
        filesystem: native.containerName,
        protocol: 'https',
        endpoint: 'core.windows.net',
        credentials: { credentialsType: 'None' },
        serviceDataAccessAuthIdentity: 'WorkspaceUserAssignedIdentity',
      },
    },
  });
  const assets = COLLECTIONS.map((collection) => {
    const holder = new Construct(scope, collection);
    const name = nameOf(holder, { maxLength: 60 });
    const data = azapiResource(holder, 'Data', {
      type: `Microsoft.MachineLearningServices/workspaces/data@${ML_API}`,
      parentId: workspaceId,
      name,
      body: { properties: { dataType: 'uri_folder' } },
      dependsOn: [store],
    });
    const version = azapiResource(holder, 'Version', {
      type: `Microsoft.MachineLearningServices/workspaces/data/versions@${ML_API}`,
      parentId: data.getStringAttribute('id'),
      name: '1',
      body: {
        properties: {
          dataType: 'uri_folder',
          dataUri: `azureml://datastores/${datastore}/paths/${endpointName}/${collection}`,
        },
      },
    });
    // Only the command line understands `azureml:name:1`.
    return { collection, version, dataId: `${workspaceId}/data/${name}/versions/1` };
  });
  return {
    dataCollector: {
      collections: Object.fromEntries(
        assets.map(({ collection, dataId }) => [
          collection,
          { dataCollectionMode: 'Enabled', dataId, samplingRate: samplePercent / 100 },
        ]),
      ),
      rollingRate: 'Hour',
    },
    resources: assets.map(({ version }) => version),
  };
}
