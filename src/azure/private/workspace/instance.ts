import { UserAssignedIdentity } from '@cdktf/provider-azurerm/lib/user-assigned-identity';
import { Fn, ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { WorkspacePlan } from './judge';
import { environmentScript, workspaceVariables } from '../../../core/private/workspace';
import { GenericResource } from '../../../terraform/generic';
import { text } from '../../../terraform/text';
import type { INetwork } from '../../private-network';
import type { WorkspaceProps } from '../../workspace';
import { azapiResource } from '../azapi';
import { after } from '../judge';
import { nameOf } from '../names';
import { homeOf } from '../resource-group';
import { Workspace } from '../workspace';

/** The first version of the API that stops what nobody uses. */
export const INSTANCE_API = '2025-12-01';

/** What the notebooks of all users have in common. */
export interface InstanceProps {
  readonly workspace: Workspace;
  readonly identity: UserAssignedIdentity;
  readonly network?: INetwork;
  readonly imageUri?: string;
  /** What must stand before an instance starts. */
  readonly ready: ITerraformDependable[];
}

/**
 * The notebook of a user, open to its person alone. An instance takes no change, so a change makes a new one first; the
 * home is on the file share of the workspace, which both mount.
 */
export function computeInstance(
  user: Construct,
  principalId: string,
  props: WorkspaceProps,
  plan: WorkspacePlan,
  { workspace, identity, network, imageUri, ready }: InstanceProps,
): GenericResource {
  const properties = {
    vmSize: text(plan.choice.type),
    applicationSharingPolicy: 'Personal',
    computeInstanceAuthorizationType: 'personal',
    personalComputeInstanceSettings: {
      assignedUser: { objectId: text(principalId), tenantId: identity.tenantId },
    },
    subnet: network && { id: network.workloadSubnetId },
    // The service takes machines without public address in a network only.
    enableNodePublicIp: !network,
    sshSettings: { sshPublicAccess: 'Disabled' },
    idleTimeBeforeShutdown: `PT${plan.idleShutdownMinutes}M`,
    schedules:
      props.stopHourUtc === undefined ? undefined : { computeStartStop: [stopAt(props.stopHourUtc)] },
    setupScripts: {
      scripts: {
        startupScript: {
          scriptSource: 'inline',
          scriptData: base64(script(variablesOf(props, plan, identity))),
          timeout: '5m',
        },
      },
    },
    customServices:
      imageUri && plan.app.port ? [service(plan.app.title, plan.app.port, imageUri)] : undefined,
  };
  return azapiResource(user, 'Instance', {
    type: `Microsoft.MachineLearningServices/workspaces/computes@${INSTANCE_API}`,
    name: nameOf(user, { maxLength: 24, replacing: { properties } }),
    parentId: workspace.id,
    location: homeOf(user).location,
    identityIds: [identity.id],
    body: {
      properties: {
        computeType: 'ComputeInstance',
        disableLocalAuth: true,
        properties,
      },
    },
    // Releases of the provider that are older than the API check nothing else either.
    more: { schema_validation_enabled: false },
    // A machine without public address talks to the workspace through the network alone.
    dependsOn: [...after(user, ...workspace.ready, ...workspace.reachedFrom(network)), ...ready],
    lifecycle: { createBeforeDestroy: true },
  });
}

const stopAt = (hour: number) => ({
  status: 'Enabled',
  action: 'Stop',
  triggerType: 'Cron',
  cron: { timeZone: 'UTC', expression: `0 ${hour} * * *` },
});

/** A container on the machine, with the homes of the file share, behind the sign-in of the instance. */
const service = (title: string, port: number, reference: string) => ({
  name: title.toLowerCase(),
  image: { type: 'docker', reference },
  docker: { privileged: false },
  endpoints: [{ name: 'connect', protocol: 'http', target: port, published: publishedPort(port) }],
  volumes: [
    {
      type: 'bind',
      readOnly: false,
      source: '/home/azureuser/cloudfiles',
      target: '/home/azureuser/cloudfiles',
      bind: { createHostPath: true },
    },
  ],
});

/** The machine's own Jupyter has its port. */
export const publishedPort = (port: number): number => port + 1;

const variablesOf = (
  props: WorkspaceProps,
  { datasetVariables }: WorkspacePlan,
  identity: UserAssignedIdentity,
): Record<string, string> => ({
  ...workspaceVariables({ ...props, environment: text(props.environment) }, datasetVariables),
  // A machine has no identity but the user-assigned one, which clients must be told.
  AZURE_CLIENT_ID: identity.clientId,
});

/** What the machine runs as root at each start. */
const script = (variables: Record<string, string>): string =>
  [
    '#!/bin/sh',
    'export HOME=/home/azureuser',
    ...environmentScript(JSON.stringify(variables)),
    'chown -R azureuser "$HOME/.ipython" "$HOME/.bashrc" "$HOME"/.workspace-environment.*',
    '',
  ].join('\n');

const TOKEN = /(\$\{TfToken\[[^\]]*\]\})/;

/** A script with references in base64: what is literal passes through no text of Terraform's. */
const base64 = (value: string): string =>
  Fn.base64encode(
    Fn.join(
      '',
      value.split(TOKEN).map((part, i) => (i % 2 === 1 ? part : Fn.base64decode(encoded(unescaped(part))))),
    ),
  );

const encoded = (value: string) => Buffer.from(value).toString('base64');

/** The reverse of `text`. */
const unescaped = (value: string) => value.replace(/([$%])\1\{/g, '$1{');
