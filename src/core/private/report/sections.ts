import { amountOf, requestOf, sumQuotas } from '../quotas';
import type { ReportEntry } from '../report';
import { Block, commandOf, Section, Span } from './document';
import { cut } from './escape';
import { groupBy, Link, Part, plain, Provider, StackReport, Told, Words } from './model';
import { inWords } from './scene';

/** A section, unless it has nothing to say. */
const section = (title: string, ...blocks: readonly (Block | undefined)[]): Section[] => {
  const said = blocks.filter((block) => block !== undefined);
  return said.length ? [{ title, blocks: said }] : [];
};

/** A table, unless it has no rows. */
const table = (head: readonly string[], rows: readonly (readonly (readonly Span[])[])[]): Block[] =>
  rows.length ? [{ table: { head, rows } }] : [];

/** A text as code, but for what deployment fills. */
const asCode = (words: Words): Span[] =>
  words.map((word) => (typeof word === 'string' ? { code: word } : word));

const separated = (all: readonly (readonly Span[])[], separator = ', '): Span[] =>
  all.flatMap((one, i) => (i ? [separator, ...one] : one));

/** A construct's path, seen from the stack. */
const inStack = (path: string, { name }: StackReport): string =>
  path === name ? 'the stack' : path.slice(name.length + 1);

export const created = ({ parts }: StackReport): Section[] =>
  section(
    'What was created',
    ...table(
      ['Construct', 'Class', 'Native resources'],
      parts.map(({ name, kind, counts }: Part) => [
        [name],
        kind ? [{ code: kind }] : [],
        separated(counts.map(([type, count]) => [`${count}\u00a0×\u00a0`, { code: type }])),
      ]),
    ),
  );

/** What goes from stack to stack. */
export function acrossStacks(
  { name }: StackReport,
  links: readonly Link[],
  partOf: ReadonlyMap<string, Part>,
): Section[] {
  const stackOf = (id: string) => partOf.get(id)!.stack;
  const across = links.filter(
    ({ from, to }) => stackOf(from) !== stackOf(to) && [stackOf(from), stackOf(to)].includes(name),
  );
  const rows = (mine: 'from' | 'to') =>
    across
      .filter((link) => stackOf(link[mine]) === name)
      .map(({ from, to, meanings }) => [[from], [inWords(meanings)], [to]]);
  return section('Other stacks', ...table(['Construct', 'Does', 'With'], [...rows('from'), ...rows('to')]));
}

const ofKind = ({ told }: StackReport, kind: string) => told.filter(({ entry }) => entry.kind === kind);

const toldTable = (report: StackReport, told: readonly Told[]): Block[] =>
  table(
    ['Construct', 'What', 'Why'],
    told.map(({ path, entry, text }) => [[inStack(path, report)], [entry.title], text]),
  );

export const chosen = (report: StackReport): Section[] =>
  section('Chosen for you', ...toldTable(report, ofKind(report, 'choice')));

export const bills = (reports: readonly StackReport[]): Section[] =>
  section(
    'What bills while idle',
    ...table(
      ['Construct', 'What', 'How'],
      reports.flatMap((report) =>
        ofKind(report, 'idle-cost').map(({ path, entry, text }) => [
          [reports.length > 1 ? path : inStack(path, report)],
          [entry.title],
          text,
        ]),
      ),
    ),
  );

export const quotas = (reports: readonly StackReport[]): Section[] => {
  const needs = sumQuotas(reports.flatMap(({ told }) => told.flatMap(({ entry }) => entry.quota ?? [])));
  return section(
    'Quotas to have',
    ...(needs.length
      ? [
          {
            says: [
              'Many are 0 at first, and take days to be raised. What else counts against them comes on top.',
            ],
          },
        ]
      : []),
    ...needs.map((need) => ({
      commands: {
        title: [`${need.service}: ${need.name}, ${amountOf(need)}`],
        says: need.note,
        commands: [
          commandOf([`# What you have\n${need.check}`]),
          commandOf([`# What to ask for\n${requestOf(need)}`]),
        ],
      },
    })),
  );
};

/** The order in which a platform is used. */
const USE = [
  'DataLake',
  'ModelRegistry',
  'Workspace',
  'GpuTrainingCluster',
  'AutoScalingEndpoint',
  'ServerlessInference',
];

export function commands(report: StackReport): Section[] {
  const kinds = new Map(report.parts.map(({ id, kind }) => [id, USE.indexOf(kind ?? '')]));
  const turn = (path: string) => {
    const [, kind] = [...kinds].find(([id]) => path === id || path.startsWith(`${id}/`)) ?? [];
    return kind === undefined || kind < 0 ? USE.length : kind;
  };
  const told = ofKind(report, 'command').sort((a, b) => turn(a.path) - turn(b.path));
  const printed = told.map(({ text }) => plain(text));
  const rest = report.outputs.filter(({ value }) => !printed.includes(plain(value)));
  return section(
    'Addresses and next commands',
    {
      says: [
        'Variables in capitals are yours to set. What stands in ',
        { hole: 'angle quotes' },
        ' is known when the stack is deployed.',
      ],
    },
    {
      commands: {
        title: ['Deploy'],
        says: report.deploy.where,
        commands: [commandOf([report.deploy.commands.join('\n')])],
      },
    },
    ...table(
      ['Construct', 'What', 'Address'],
      report.addresses.map(({ path, what, value }) => [[inStack(path, report)], [what], asCode(value)]),
    ),
    ...told.map((one) => commandBlock(one, report)),
    ...outputs(rest),
  );
}

/** A command as a shell takes it: as it is, or from the output that prints it. */
function commandBlock({ path, entry, text }: Told, report: StackReport): Block {
  const output = report.outputs.find(({ value }) => plain(value) === plain(text));
  const title = [`${entry.title}: `, { code: inStack(path, report) }];
  return {
    commands: {
      title,
      commands: output
        ? [commandOf([`eval "$(${output.print})"`]), commandOf(text, 'What that runs')]
        : [commandOf(text)],
    },
  };
}

function outputs(all: StackReport['outputs']): Block[] {
  return all.length === 0
    ? []
    : [
        {
          commands: {
            title: ['More that the stack prints'],
            commands: [commandOf([all[0].print.replace(all[0].name, '"$NAME"')])],
          },
        },
        ...table(
          ['Name', 'Value'],
          all.map(({ name, value }) => [[{ code: name }], [{ code: cut(plain(value), 240) }]]),
        ),
      ];
}

/** Kinds that have sections of their own. */
const SHOWN: readonly ReportEntry['kind'][] = ['choice', 'idle-cost', 'quota', 'command', 'note'];

const isOfProviders = ({ entry }: Told) =>
  entry.kind === 'note' && entry.title.startsWith('Third-party provider');

export const notes = (report: StackReport): Section[] =>
  section(
    'Good to know',
    ...table(
      ['Construct', 'About', 'What'],
      ofKind(report, 'note')
        .filter((one) => !isOfProviders(one))
        .map(({ path, entry, text }) => [[inStack(path, report)], [entry.title], text]),
    ),
  );

/** What constructs tell of other kinds: each has a section that is named after it. */
export const others = (report: StackReport): Section[] => {
  const kinds = [...new Set(report.told.map(({ entry }) => entry.kind))].filter(
    (kind) => !SHOWN.includes(kind),
  );
  return kinds.flatMap((kind) => section(titleOf(kind), ...toldTable(report, ofKind(report, kind))));
};

const titleOf = (kind: string) => {
  const words = kind.replace(/[-_]+/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

export const accepted = (report: StackReport): Section[] => {
  const groups = groupBy(report.accepted, ({ path, rule, reason }) => [path, rule, reason].join('\n'));
  return section(
    'Accepted findings',
    ...table(
      ['Construct', 'Finding', 'Why it is right here'],
      [...groups.values()].map((group) => [
        [inStack(group[0].path, report)],
        [
          { code: group[0].rule },
          ...separated(group.flatMap(({ at }) => (at ? [[{ code: at }]] : []))).flatMap((span, i) =>
            i ? [span] : [' at ', span],
          ),
        ],
        [group[0].reason],
      ]),
    ),
  );
};

export const providers = (report: StackReport): Section[] =>
  section(
    'Third-party providers',
    ...table(
      ['Provider', 'Source', 'Version', 'Makes'],
      report.providers.map(({ name, source, version, types }: Provider) => [
        [name],
        [{ code: source }],
        [{ code: version }],
        separated(types.map((type) => [{ code: type }])),
      ]),
    ),
    ...report.told.filter(isOfProviders).map(({ path, text }) => ({
      says: path === report.name ? text : [`${inStack(path, report)}: `, ...text],
    })),
  );
