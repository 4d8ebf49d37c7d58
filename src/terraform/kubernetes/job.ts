import { ENTRY_POINT } from './entry';
import { Machine } from '../../core/private/catalog';

/** A Kubernetes object, or a part of one. */
export type Manifest = { readonly [key: string]: unknown };

/** The service account that jobs run as, and the headless service that their nodes find each other by. */
export const SERVICE_ACCOUNT = 'jobs';
export const SERVICE = 'nodes';

/** Says which training cluster a machine or a pod is for: label, and taint of machines. */
export const CLUSTER = 'ml-cluster';
/** Says how a machine was bought: label. */
export const CAPACITY = 'ml-capacity';
/** The name of a run, and the place of a job in the line: annotations. */
export const RUN = 'ml-run';
export const ORDER = 'ml-order';

/** Where the jobs of a cluster are. */
export interface JobPlace {
  readonly namespace: string;
  /** What binds the service account to the identity of the cluster. */
  readonly serviceAccountAnnotations: Record<string, string>;
  readonly podLabels?: Record<string, string>;
  readonly podAnnotations?: Record<string, string>;
  /** Tags of jobs, for bills. */
  readonly costTags?: Readonly<Record<string, string>>;
}

/** A folder of a job's container that comes from elsewhere. */
export interface JobVolume {
  readonly name: string;
  /** Where it is in the container. */
  readonly directory: string;
  /** What it is, by its kind: `{ nfs: … }`. */
  readonly source: Manifest;
  readonly readOnly?: true;
}

const LABEL = /^[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/;

/** Tags as labels, those that Kubernetes takes. Machines have them all. */
const labelsOf = ({ costTags = {} }: JobPlace) =>
  Object.fromEntries(Object.entries(costTags).filter((pair) => pair.every((part) => LABEL.test(part))));

/** Where jobs find a dataset as files. */
export const datasetDirectory = ({ name }: { readonly name: string }): string => `/mnt/datasets/${name}`;

const ofCluster = (namespace: string) => ({ [CLUSTER]: namespace });

/**
 * What a job needs to be there first, by the path that it is posted to. Whoever submits makes it: a Terraform provider
 * for Kubernetes would have to be configured by a cluster that the same run makes.
 */
export const placeManifests = ({
  namespace,
  serviceAccountAnnotations,
}: JobPlace): { path: string; manifest: Manifest }[] => [
  {
    path: '/api/v1/namespaces',
    manifest: {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: namespace,
        labels: { ...ofCluster(namespace), 'pod-security.kubernetes.io/enforce': 'baseline' },
      },
    },
  },
  {
    path: `/api/v1/namespaces/${namespace}/serviceaccounts`,
    manifest: {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: SERVICE_ACCOUNT, namespace, annotations: serviceAccountAnnotations },
    },
  },
  {
    path: `/api/v1/namespaces/${namespace}/services`,
    manifest: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: SERVICE, namespace },
      // Nodes look for each other before they are ready.
      spec: { clusterIP: 'None', publishNotReadyAddresses: true, selector: ofCluster(namespace) },
    },
  },
];

export interface JobProps extends JobPlace {
  readonly image: string;
  /** The catalog's row of the machine; none for types that it does not know. */
  readonly machine?: Machine;
  /** Taints of the machines besides that of the cluster, by their keys. */
  readonly tolerated: string[];
  readonly sharedMemoryMiB?: number;
  /** Whether a job goes on with fewer nodes than it asked for. */
  readonly elastic: boolean;
  readonly volumes?: readonly JobVolume[];
}

/** What is different in each job: values, or expressions of the language of the workflow that submits it. */
export interface JobValues {
  readonly name: string;
  readonly run: string;
  readonly order: string;
  readonly nodes: unknown;
  readonly command: unknown;
  readonly environment: unknown;
  /** Which machines, by `ml-capacity`. */
  readonly capacity: string;
  readonly backoffLimit: unknown;
  readonly podFailureRules: unknown;
  readonly activeDeadlineSeconds: unknown;
}

/** A lost machine counts as a retry, and ends no job. */
export const COUNT_LOST: Manifest = {
  action: 'Count',
  onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }],
};

/** A program that fails by itself ends the job. Only with one node: with several, the loss of one fails the others. */
export const FAIL_PROGRAM: Manifest = {
  action: 'FailJob',
  onExitCodes: { containerName: 'job', operator: 'NotIn', values: [0] },
};

/** The Indexed Job of a run, which waits until it is its turn. */
export const indexedJob = (props: JobProps, values: JobValues): Manifest => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: {
    name: values.name,
    namespace: props.namespace,
    labels: { ...labelsOf(props), ...ofCluster(props.namespace) },
    annotations: { [RUN]: values.run, [ORDER]: values.order },
  },
  spec: {
    suspend: true,
    completionMode: 'Indexed',
    completions: values.nodes,
    parallelism: values.nodes,
    backoffLimit: values.backoffLimit,
    activeDeadlineSeconds: values.activeDeadlineSeconds,
    ttlSecondsAfterFinished: 3600,
    podFailurePolicy: { rules: values.podFailureRules },
    // Nodes that never got a machine would keep a job that is done.
    ...(props.elastic && { successPolicy: { rules: [{ succeededIndexes: '0' }] } }),
    template: {
      metadata: {
        labels: { ...labelsOf(props), ...ofCluster(props.namespace), ...props.podLabels },
        annotations: {
          'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
          ...props.podAnnotations,
        },
      },
      spec: podSpec(props, values),
    },
  },
});

const podSpec = (props: JobProps, { capacity, command, environment }: JobValues): Manifest => ({
  restartPolicy: 'Never',
  serviceAccountName: SERVICE_ACCOUNT,
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  subdomain: SERVICE,
  nodeSelector: { ...ofCluster(props.namespace), [CAPACITY]: capacity },
  tolerations: [
    { key: CLUSTER, operator: 'Equal', value: props.namespace, effect: 'NoSchedule' },
    ...props.tolerated.map((key) => ({ key, operator: 'Exists', effect: 'NoSchedule' })),
  ],
  // A node of a job has a machine to itself.
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        {
          topologyKey: 'kubernetes.io/hostname',
          labelSelector: { matchLabels: ofCluster(props.namespace) },
        },
      ],
    },
  },
  securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
  containers: [
    {
      name: 'job',
      image: props.image,
      command: ENTRY_POINT.map(literal),
      args: command,
      env: environment,
      resources: resources(props.machine),
      securityContext: { allowPrivilegeEscalation: false },
      volumeMounts: [
        { name: 'shared-memory', mountPath: '/dev/shm' },
        ...volumesOf(props).map(({ name, directory, readOnly }) => ({
          name,
          mountPath: directory,
          ...(readOnly && { readOnly }),
        })),
      ],
    },
  ],
  volumes: [
    {
      name: 'shared-memory',
      emptyDir: {
        medium: 'Memory',
        ...(props.sharedMemoryMiB !== undefined && { sizeLimit: `${props.sharedMemoryMiB}Mi` }),
      },
    },
    ...volumesOf(props).map(({ name, source }) => ({ name, ...source })),
  ],
});

const volumesOf = ({ volumes = [] }: JobProps) => volumes;

/** The parts of a machine that are a job's for sure: the service, and pods on every machine, keep the rest. */
const SHARE = { cpu: 0.75, memory: 0.7 };

/** All accelerators of a machine, and as much of the rest as a machine of that type has free in any case. */
function resources(machine?: Machine): Manifest {
  if (!machine) {
    return {};
  }
  return {
    requests: {
      cpu: String(Math.max(1, Math.floor(machine.vcpu * SHARE.cpu))),
      memory: `${Math.max(1, Math.floor(machine.ramGiB * SHARE.memory))}Gi`,
    },
    // Half an accelerator is one of Kubernetes'.
    limits: { 'nvidia.com/gpu': String(Math.ceil(machine.count)) },
  };
}

/** A text as Kubernetes takes it literally: it replaces `$(NAME)` in commands and values. */
export const literal = (value: string): string => value.replace(/\$/g, '$$$$');
