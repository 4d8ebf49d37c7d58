import { Construct } from 'constructs';
import { Made } from './arbitraries';
import * as core from '../../src/core';

/** What gives the text that was made to a construct, or to what prints commands of it. */
export type Place = (scope: Construct, text: string, made: Made, ml: any, stacks: Stacks) => unknown;

/** How platform stacks are made. */
export interface Stacks {
  readonly beside: (stack: Construct, id: string, props: object) => Construct;
  readonly tags: string;
}

const ALARMS = { p99LatencyMs: 300, errorPercent: 1 };

/** A stack beside, with a lake and what its deployment needs. */
const stackWith =
  (props: (text: string, stacks: Stacks) => object, idOf: (text: string) => string = () => 'beside'): Place =>
  (scope, text, _, ml, stacks) => {
    const stack = stacks.beside(scope, `${idOf(text)}${scope.node.id}`, props(text, stacks));
    return [new ml.DataLake(stack, 'Lake', { discovery: false }), ml.DeployPermissions.of(stack).command];
  };

const cluster =
  (props: (text: string, made: Made) => object): Place =>
  (scope, text, made, ml) =>
    new ml.GpuTrainingCluster(scope, 'Id', {
      image: made.registry.image('train', '1'),
      accelerators: ['T4'],
      ...props(text, made),
    });
const endpoint =
  (variant: (text: string, made: Made) => object, props: (text: string) => object = () => ({})): Place =>
  (scope, text, made, ml) => {
    const container = { image: made.registry.image('serve', '1') };
    const { container: given, ...rest } = variant(text, made) as any;
    return new ml.AutoScalingEndpoint(scope, 'Id', {
      variants: [{ name: 'main', container: { ...container, ...given }, ...rest }],
      ...props(text),
    });
  };
const serverless =
  (props: (text: string, made: Made) => any): Place =>
  (scope, text, made, ml) => {
    const { container, ...rest } = props(text, made);
    return new ml.ServerlessInference(scope, 'Id', {
      container: { image: made.registry.image('serve', '1'), ...container },
      ...rest,
    });
  };

/** Where every text is valid and stands in a printed command. */
export const SHOWN = 'the command of jobs';

let parameters = 0;
const parameterOf = (text: string) => core.DeployParameter.of(`Given${++parameters}`, text);

/** Everywhere that a portable program may put text that its author did not write. */
export const PLACES: { readonly [place: string]: Place } = {
  'ids of constructs': (scope, text, made, ml) => {
    const at = new Construct(scope, text.replace(/\$\{Token/g, ''));
    const lake = new ml.DataLake(at, text, { discovery: false });
    const registry = new ml.ModelRegistry(at, `${text}r`, { models: [{ name: 'fraud' }], images: ['serve'] });
    const image = made.registry.image('serve', '1');
    return [
      lake,
      registry,
      new ml.AuditTrail(at, `${text}a`, { datasets: [lake] }),
      new ml.GpuTrainingCluster(at, `${text}t`, { image, accelerators: ['T4'], datasets: [lake] }),
      new ml.AutoScalingEndpoint(at, `${text}e`, { variants: [{ name: 'main', container: { image } }] }),
      new ml.ServerlessInference(at, `${text}s`, { container: { image } }),
    ];
  },
  'ids of stacks': stackWith(
    () => ({}),
    (text) => text,
  ),
  'prefixes of names': stackWith((namePrefix) => ({ namePrefix })),
  'tags of stacks': stackWith((text, { tags }) => ({ [tags]: { team: text } })),
  'keys of tags of stacks': stackWith((text, { tags }) => ({ [tags]: { [text]: 'x' } })),
  'names of zones': (scope, text, _, ml) =>
    new ml.DataLake(scope, 'Id', { zones: [{ name: text }], discovery: false }),
  'names of models': (scope, text, _, ml) => new ml.ModelRegistry(scope, 'Id', { models: [{ name: text }] }),
  'names of images': (scope, text, _, ml) =>
    new ml.ModelRegistry(scope, 'Id', { models: [{ name: 'fraud' }], images: [text] }),
  'who is told of versions': (scope, text, _, ml) =>
    new ml.ModelRegistry(scope, 'Id', {
      models: [{ name: 'fraud', approvalRequired: true }],
      notify: [`${text}@example.com`],
    }),
  'who reads a registry': (scope, text, _, ml) =>
    new ml.ModelRegistry(scope, 'Id', { models: [{ name: 'fraud' }], readers: [text] }),
  'versions that are published': (_, text, { registry }) =>
    registry.publishCommand('fraud', text, registry.image('serve', '1')),
  'versions that are approved': (_, text, { registry }) => registry.approveCommand('fraud', text),
  'the image of a version': (_, text, { registry }) =>
    registry.publishCommand('fraud', '1', registry.image('serve', parameterOf(text))),
  'tags that are pushed': (_, text, { registry }) => registry.pushCommand('train', text),
  'tags of images': cluster((text, { registry }) => ({ image: registry.image('train', text) })),
  'the tag that is given at deployment': cluster((text, { registry }) => ({
    image: registry.image('train', parameterOf(text)),
  })),
  'CIDR of a network': (scope, text, _, ml) => new ml.PrivateNetwork(scope, 'Id', { cidr: text }),
  'the image of jobs': cluster((image) => ({ image })),
  'names of datasets': cluster((name, { lake }) => ({ datasets: [{ data: lake.zone('raw'), name }] })),
  'folders of zones': cluster((path, { lake }) => ({ datasets: [lake.zone('raw').folder(path)] })),
  [SHOWN]: cluster((text) => ({ command: ['python', text, `--name=${text}`] })),
  'queues of jobs': cluster((name) => ({ queues: [{ name }] })),
  'tags of jobs and queues': cluster((team) => ({
    costTags: { team },
    queues: [{ name: 'urgent', costTags: { [team]: 'x' } }],
  })),
  'the environment of jobs': cluster((text) => ({ environment: { NAME: text } })),
  'names in the environment of jobs': cluster((text) => ({ environment: { [text]: 'value' } })),
  'names of secrets of jobs': cluster((text, { secret }) => ({ secrets: { [text]: secret } })),
  'the machine of jobs': cluster((machineType) => ({ accelerators: undefined, machineType })),
  'the accelerators of jobs': cluster((text) => ({ accelerators: [text] })),
  'the reservation of jobs': cluster((text) => ({ capacity: core.Capacity.reserved(text) })),
  'names of variants': endpoint((name) => ({ name })),
  'the image of an endpoint': endpoint((image) => ({ container: { image } })),
  'the command of an endpoint': endpoint((text) => ({ container: { command: [text], args: [text] } })),
  'the environment of an endpoint': endpoint((text) => ({ container: { environment: { NAME: text } } })),
  'names in the environment of an endpoint': endpoint((text) => ({
    container: { environment: { [text]: 'value' } },
  })),
  'paths of an endpoint': endpoint((text) => ({
    container: { healthPath: `/${text}`, predictPath: `/${text}` },
  })),
  'the version that an endpoint serves': endpoint((text, { registry }) => ({
    model: registry.model('fraud').version(text),
  })),
  'the version that is given at deployment': endpoint((text, { registry }) => ({
    model: registry.model('fraud').version(parameterOf(text)),
  })),
  'the machine of an endpoint': endpoint((machineType) => ({ machineType })),
  'the reservation of an endpoint': endpoint(
    () => ({}),
    (text) => ({ capacity: core.Capacity.reserved(text) }),
  ),
  'who is told of alarms': endpoint(
    () => ({}),
    (text) => ({ alarms: { ...ALARMS, notify: [`${text}@example.com`] } }),
  ),
  'the image of serverless inference': serverless((image) => ({ container: { image } })),
  'the command of serverless inference': serverless((text) => ({
    container: { command: [text], args: [text] },
  })),
  'the environment of serverless inference': serverless((text) => ({
    container: { environment: { NAME: text } },
  })),
  'names in the environment of serverless inference': serverless((text) => ({
    container: { environment: { [text]: 'value' } },
  })),
  'the path of serverless inference': serverless((text) => ({ container: { predictPath: `/${text}` } })),
  'the version that serverless inference serves': serverless((text, { registry }) => ({
    model: registry.model('fraud').version(text),
  })),
};

const notebooks =
  (props: (text: string) => object): Place =>
  (scope, text, _, ml) =>
    new ml.Workspace(scope, 'Id', { users: [{ name: 'ada' }], ...props(text) });

export const NOTEBOOKS: { readonly [place: string]: Place } = {
  'who uses notebooks': notebooks((name) => ({ users: [{ name }] })),
  'the person of a notebook': notebooks((text) => ({
    users: [{ name: 'ada', principalId: `${text}@example.com` }],
  })),
  'the image of notebooks': notebooks((image) => ({ image })),
  'the machine of notebooks': notebooks((machineType) => ({ machineType })),
  'the environment of notebooks': notebooks((text) => ({ environment: { NAME: text } })),
  'names in the environment of notebooks': notebooks((text) => ({ environment: { [text]: 'value' } })),
};
