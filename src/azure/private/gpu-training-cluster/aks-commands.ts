import { evaluated } from './expression';
import { Json } from './job';
import { Manifest } from '../../../terraform/kubernetes/job';

/** A shell that has kubectl reads objects from expressions of the workflow, which no layer in between reads. */
const objects = (output: string) => `echo @{base64(string(outputs('${output}')))}|base64 -d`;

/** Makes what a job needs first, then the job itself. */
export const submitCommand = (places: string, manifest: string): string =>
  `set -e; ${objects(places)}|kubectl apply --server-side --force-conflicts --field-manager=ml -f - >&2; ${objects(manifest)}|kubectl create -f -`;

/** What Kubernetes says of a job, in one line: whether it waits in line, nodes that run and that are done, how it ended and why. */
const FIELDS = [
  '{.spec.suspend}',
  '{.status.ready}',
  '{.status.succeeded}',
  '{.status.conditions[?(@.status=="True")].type}',
  '{.status.conditions[?(@.type=="Failed")].message}',
];

const OTHERS = [
  '{.spec.suspend}',
  '{.metadata.annotations.ml-order}',
  '{.spec.parallelism}',
  '{.status.conditions[?(@.status=="True")].type}',
];

/**
 * Asks for the state of the job `$J`, and lets it start when it is its turn: jobs start in the order of their
 * submission, as many as have machines together. Two jobs that have half of their nodes each would wait for each other.
 */
export const askScript = (namespace: string, maxNodes: number): string =>
  [
    'set -e',
    `k() { kubectl --namespace=${namespace} "$@"; }`,
    `s=$(k get job "$J" -o 'jsonpath=${FIELDS.join(',')}')`,
    'if [ "${s%%,*}" = true ]',
    `then b=$(k get jobs -o 'jsonpath={range .items[*]}${OTHERS.join(',')}{"\\n"}{end}'|(b=0`,
    'while IFS=, read -r w o p c',
    'do case "$c" in *Complete*|*Failed*) continue;; esac',
    'if [ "$w" != true ]||[ "${o:-0}" -lt "$O" ]',
    'then b=$((b+p))',
    'fi',
    'done',
    'echo "$b"))',
    `if [ $((b+N)) -le ${maxNodes} ]`,
    `then k patch job "$J" --type=merge --patch='{"spec":{"suspend":false}}' >&2`,
    'fi',
    'fi',
    'echo "$s"',
  ].join('\n');

/** The job's own variables of the script, then the script. */
export const askCommand = (namespace: string, maxNodes: number): string =>
  `J=@{variables('job')}; O=@{outputs('Order')}; N=@{outputs('Nodes')}\n${askScript(namespace, maxNodes)}`;

export const deleteCommand = (namespace: string): string =>
  `kubectl --namespace=${namespace} delete job @{variables('job')} --ignore-not-found --wait=false`;

/** NVIDIA's device plugin as Microsoft ships it: AKS installs the driver, and leaves to its users what tells Kubernetes of it. */
export const devicePlugin = (namespace: string): Manifest => {
  const labels = { app: `${namespace}-gpu` };
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: `${namespace}-gpu`, namespace: 'kube-system' },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          nodeSelector: { 'ml-cluster': namespace },
          tolerations: [{ operator: 'Exists' }],
          priorityClassName: 'system-node-critical',
          containers: [
            {
              name: 'device-plugin',
              image: 'mcr.microsoft.com/oss/v2/nvidia/k8s-device-plugin:v0.18.2',
              env: [{ name: 'FAIL_ON_INIT_ERROR', value: 'false' }],
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
              volumeMounts: [{ name: 'device-plugins', mountPath: '/var/lib/kubelet/device-plugins' }],
            },
          ],
          volumes: [{ name: 'device-plugins', hostPath: { path: '/var/lib/kubelet/device-plugins' } }],
        },
      },
    },
  };
};

/** Several objects as one. */
export const listOf = (items: Manifest[]): Json => ({ apiVersion: 'v1', kind: 'List', items });

/** Kubernetes takes `$$` for `$`, in commands and in values. */
export const literally = (expression: string): string => evaluated(`replace(${expression}, '$', '$$')`);
