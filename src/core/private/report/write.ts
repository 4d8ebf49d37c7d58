import { writeFileSync } from 'fs';
import type { IConstruct } from 'constructs';
import { addressesOf } from './addresses';
import { Document, Section } from './document';
import { htmlOf } from './html';
import { markdownOf } from './markdown';
import { Link, Part, ReadStack, sizeOf, StackReport } from './model';
import { linksOf, ownersOf, partsOf } from './parts';
import { sceneOf } from './scene';
import * as sections from './sections';

/** A file without its ending, and its address from the index. */
export interface Target {
  readonly path: string;
  readonly link: string;
}

/** What is written about the stacks of an app. */
export interface ReportPlan {
  /** All stacks that refer to each other. */
  readonly stacks: readonly ReadStack[];
  /** Where the report of each stack goes that has one. */
  readonly targets: ReadonlyMap<IConstruct, Target>;
  /** Where what is told of all of them together goes. */
  readonly index: string;
}

/** Writes reports as planned. Nothing that goes wrong with them keeps a stack from being deployed: it is told, no more. */
export function writeReports(plan: () => ReportPlan): void {
  try {
    writeAll(plan());
  } catch (error) {
    process.emitWarning(
      `No report of the stacks was written, because of a defect: ${(error as Error).stack}`,
    );
  }
}

/** What machines read, what people read, and an index where there are several. */
function writeAll({ stacks, targets, index }: ReportPlan): void {
  const owners = new Map(stacks.flatMap((one) => [...ownersOf(one)]));
  const parts = stacks.flatMap((one) => partsOf(one, owners));
  const ids = new Set(parts.map(({ id }) => id));
  const links = linksOf(stacks, owners).filter(({ from, to }) => ids.has(from) && ids.has(to));
  const reports = stacks.flatMap((one) => {
    const target = targets.get(one.stack);
    return target ? [{ target, report: reportOf(one, parts) }] : [];
  });
  for (const { target, report } of reports) {
    writeFileSync(`${target.path}.json`, JSON.stringify(toldOf(report), undefined, 2));
    write(target.path, documentOf(report, parts, links));
  }
  if (reports.length > 1) {
    write(index, indexOf(reports, parts, links));
  }
}

function write(path: string, document: Document): void {
  writeFileSync(`${path}.html`, htmlOf(document));
  writeFileSync(`${path}.md`, markdownOf(document));
}

function reportOf({ stack, constructs, facts }: ReadStack, all: readonly Part[]): StackReport {
  const known = facts();
  const parts = all.filter((part) => part.stack === stack.node.path);
  return { ...known, name: stack.node.path, parts, addresses: addressesOf(constructs, parts, known.words) };
}

/** What machines read: the facts, as templates write them. */
const toldOf = ({ told }: StackReport) => told.map(({ path, entry }) => ({ path, entry }));

const countOf = (parts: readonly Part[]) => parts.reduce((sum, part) => sum + sizeOf(part), 0);

function documentOf(report: StackReport, all: readonly Part[], links: readonly Link[]): Document {
  const { name, cloud, engine, place, parts } = report;
  return {
    title: name,
    facts: [
      ['Cloud', [cloud]],
      ['Deployed by', [engine]],
      ...place,
      ['Constructs', [`${parts.filter(({ drawn }) => drawn).length}`]],
      ['Resources', [`${countOf(parts)}`]],
    ],
    scene: sceneOf(`Architecture of ${name} on ${cloud}`, [name], all, links),
    sections: [
      ...sections.created(report),
      ...sections.acrossStacks(report, links, new Map(all.map((part) => [part.id, part]))),
      ...sections.chosen(report),
      ...sections.bills([report]),
      ...sections.quotas([report]),
      ...sections.commands(report),
      ...sections.notes(report),
      ...sections.others(report),
      ...sections.accepted(report),
      ...sections.providers(report),
    ],
  };
}

function indexOf(
  all: readonly { readonly target: Target; readonly report: StackReport }[],
  parts: readonly Part[],
  links: readonly Link[],
): Document {
  const reports = all.map(({ report }) => report);
  const clouds = [...new Set(reports.map(({ cloud }) => cloud))].join(', ');
  return {
    title: 'The platform',
    facts: [
      ['Cloud', [clouds]],
      ['Stacks', [`${reports.length}`]],
      ['Resources', [`${countOf(reports.flatMap((report) => report.parts))}`]],
    ],
    scene: sceneOf(
      `Architecture of the platform on ${clouds}`,
      reports.map(({ name }) => name),
      parts,
      links,
    ),
    sections: [stacksOf(all), ...sections.bills(reports), ...sections.quotas(reports)],
  };
}

const stacksOf = (all: readonly { readonly target: Target; readonly report: StackReport }[]): Section => ({
  title: 'Stacks',
  blocks: [
    {
      table: {
        head: ['Stack', 'Constructs', 'Resources', 'Where'],
        rows: all.map(({ target, report: { name, parts, place } }) => [
          [{ link: target.link, text: name }],
          [parts.flatMap((part) => (part.drawn ? part.name : [])).join(', ')],
          [`${countOf(parts)}`],
          place.flatMap(([, value], i) => (i ? [', ', ...value] : value)),
        ]),
      },
    },
  ],
});
