import type { IConstruct } from 'constructs';
import { groupBy, Link, Meaning, Part, ReadStack, Resource, Role } from './model';
import { brandOf } from '../brand';

const ROLES: { readonly [kind: string]: Role } = {
  DataLake: 'data',
  ModelRegistry: 'data',
  GpuTrainingCluster: 'compute',
  Workspace: 'compute',
  AutoScalingEndpoint: 'serving',
  ServerlessInference: 'serving',
  EncryptionKey: 'security',
  Secret: 'security',
  PrivateNetwork: 'network',
};

/** Native types by what they are for, in any cloud's words; the first that matches. */
const ROLES_OF_TYPES: readonly (readonly [RegExp, Role])[] = [
  [/kms|secret|vault|certificate/i, 'security'],
  [/network|vpc|subnet|dns|firewall|router|nat_?gateway|loadbalanc|load_balanc/i, 'network'],
  [
    /s3|bucket|storage|table|database|bigquery|glue|athena|ecr|artifact|registry|filestore|fsx|efs|log_analytics/i,
    'data',
  ],
  [/endpoint|lambda|function|cloud_run|container_app|api_?gateway/i, 'serving'],
  [/machinelearning|machine_learning|vertex|sagemaker|instance|cluster|batch|workflow|states/i, 'compute'],
];

/** What a construct is not named after: it serves the rest. */
const PLUMBING =
  /iam|polic|role|permission|member|alarm|alert|log_?group|logs|diagnostic|sink|security_?group|sleep|subscription|identity|service_account|scal(ing|able)|rule/i;

const byPath = ({ constructs }: ReadStack): ReadonlyMap<string, IConstruct> =>
  new Map(constructs.map((one) => [one.node.path, one]));

/** The ids of the parts that the resources of a stack belong to, by the keys of the resources. */
export function ownersOf(read: ReadStack): ReadonlyMap<string, string> {
  const constructs = byPath(read);
  return new Map(read.resources.map((resource) => [resource.key, ownerOf(resource, read.stack, constructs)]));
}

/** The outermost construct of the library that a resource is of, else the stack's child that it is below. */
function ownerOf(
  { path, group }: Resource,
  stack: IConstruct,
  constructs: ReadonlyMap<string, IConstruct>,
): string {
  if (group) {
    return `${stack.node.path}/${group}`;
  }
  const { scopes } = constructs.get(path)!.node;
  const below = scopes.slice(scopes.indexOf(stack) + 1);
  return (below.find((scope) => brandOf(scope)) ?? below[0]).node.path;
}

/** The constructs of a stack that make resources, in the order of the program. */
export function partsOf(read: ReadStack, owners: ReadonlyMap<string, string>): Part[] {
  const { stack, resources, uses } = read;
  const constructs = byPath(read);
  const popular = countBy(uses, ({ to }) => to);
  const owned = groupBy(
    resources.filter(({ made }) => made),
    ({ key }) => owners.get(key)!,
  );
  const order = new Map([...constructs.keys()].map((path, i) => [path, i]));
  const place = (id: string) => order.get(id) ?? order.size;
  return [...owned]
    .sort(([a], [b]) => place(a) - place(b))
    .map(([id, made]) => partOf(id, stack, constructs.get(id), made, popular));
}

function partOf(
  id: string,
  stack: IConstruct,
  construct: IConstruct | undefined,
  made: readonly Resource[],
  popular: ReadonlyMap<string, number>,
): Part {
  const main = mainOf(made, construct, popular);
  const kind = brandOf(construct)?.kind;
  const counts = [...countBy(made, ({ type }) => type)];
  return {
    id,
    stack: stack.node.path,
    name: id.slice(stack.node.path.length + 1),
    kind,
    role: (kind && ROLES[kind]) || ROLES_OF_TYPES.find(([types]) => types.test(main))?.[1] || 'other',
    main,
    counts: [...counts.filter(([type]) => type === main), ...counts.filter(([type]) => type !== main)],
    drawn: construct !== undefined,
  };
}

/** The type of the default child, else the one that most refer to; of those that do not serve the rest. */
function mainOf(
  made: readonly Resource[],
  construct: IConstruct | undefined,
  popular: ReadonlyMap<string, number>,
): string {
  const child = construct?.node.defaultChild?.node.path;
  const own = made.find(({ path, type }) => path === child && !PLUMBING.test(type));
  const worth = ({ key, type }: Resource) => (PLUMBING.test(type) ? -1 : (popular.get(key) ?? 0));
  return (own ?? made.reduce((best, next) => (worth(next) > worth(best) ? next : best))).type;
}

const countBy = <T>(all: readonly T[], of: (one: T) => string): Map<string, number> =>
  new Map([...groupBy(all, of)].map(([key, some]) => [key, some.length]));

/** What constructs have to do with each other: each pair once, whatever the number of references. */
export function linksOf(stacks: readonly ReadStack[], owners: ReadonlyMap<string, string>): Link[] {
  const links = new Map<
    string,
    { readonly from: string; readonly to: string; readonly uses: Set<Meaning> }
  >();
  for (const { from, to, meaning } of stacks.flatMap(({ uses }) => uses)) {
    const ends = { from: owners.get(from), to: owners.get(to) };
    if (ends.from && ends.to && ends.from !== ends.to) {
      const key = `${ends.from}\n${ends.to}`;
      const link = links.get(key) ?? { from: ends.from, to: ends.to, uses: new Set<Meaning>() };
      link.uses.add(meaning);
      links.set(key, link);
    }
  }
  return [...links.values()].map(({ from, to, uses }) => ({ from, to, meanings: telling(uses) }));
}

/** In the order in which they are said. */
const MEANINGS: readonly Meaning[] = [
  'invokes',
  'starts',
  'reads',
  'writes',
  'pulls images',
  'pushes images',
  'notifies',
  'runs in',
  'uses',
  'logs to',
  'encrypted by',
  'decrypts with',
  'after',
];

/** What says nothing beside the others. */
const IMPLIED: { readonly [meaning in Meaning]?: readonly Meaning[] } = {
  'decrypts with': ['encrypted by'],
  uses: MEANINGS.filter((meaning) => meaning !== 'uses' && meaning !== 'after'),
  after: MEANINGS.filter((meaning) => meaning !== 'after'),
};

const telling = (uses: ReadonlySet<Meaning>): Meaning[] =>
  MEANINGS.filter(
    (meaning) => uses.has(meaning) && !(IMPLIED[meaning] ?? []).some((other) => uses.has(other)),
  );
