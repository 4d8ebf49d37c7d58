import { IConstruct } from 'constructs';

const KEY = 'cloud-ml-constructs:report';

/** A fact for the report of a stack: what was chosen and why, what bills while idle, which command comes next. */
export interface ReportEntry {
  readonly kind: 'choice' | 'idle-cost' | 'command' | 'note';
  readonly title: string;
  readonly text: string;
}

/** Puts a fact into the report. */
export function report(construct: IConstruct, kind: ReportEntry['kind'], title: string, text: string): void {
  construct.node.addMetadata(KEY, { kind, title, text } satisfies ReportEntry);
}

/** The facts about a construct and all below it. */
export function reportOf(scope: IConstruct): { readonly path: string; readonly entry: ReportEntry }[] {
  return scope.node
    .findAll()
    .flatMap(({ node }) =>
      node.metadata
        .filter(({ type }) => type === KEY)
        .map(({ data }) => ({ path: node.path, entry: data as ReportEntry })),
    );
}
