import { IConstruct } from 'constructs';
import type { QuotaNeed } from './quotas';

const KEY = 'cloud-ml-constructs:report';

/** A fact for the report of a stack: what was chosen and why, what bills while idle, which quota it needs, which command comes next. */
export interface ReportEntry {
  readonly kind: 'choice' | 'idle-cost' | 'quota' | 'command' | 'note';
  readonly title: string;
  readonly text: string;
  /** Of kind quota. */
  readonly quota?: QuotaNeed;
}

/** Puts a fact into the report. */
export function report(
  construct: IConstruct,
  kind: ReportEntry['kind'],
  title: string,
  text: string,
  quota?: QuotaNeed,
): void {
  construct.node.addMetadata(KEY, { kind, title, text, ...(quota && { quota }) } satisfies ReportEntry);
}

/** The facts about a construct and all below it. */
export const reportOf = (scope: IConstruct): Reported[] => factsOf(scope.node.findAll());

/** A fact, and the path of the construct that it is about. */
export interface Reported {
  readonly path: string;
  readonly entry: ReportEntry;
}

/** The facts about some constructs. */
export const factsOf = (constructs: readonly IConstruct[]): Reported[] =>
  constructs.flatMap(({ node }) =>
    node.metadata
      .filter(({ type }) => type === KEY)
      .map(({ data }) => ({ path: node.path, entry: data as ReportEntry })),
  );
