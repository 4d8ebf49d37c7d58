import type { IConstruct } from 'constructs';
import type { ReportEntry } from '../report';

/** A place in a text that only deployment fills, by what fills it. */
export interface Hole {
  readonly hole: string;
}

/** A text as a report shows it. */
export type Words = readonly (string | Hole)[];

/** What one construct does with another, as the output says. `after` is an order, nothing more. */
export type Meaning =
  | 'invokes'
  | 'starts'
  | 'reads'
  | 'writes'
  | 'pulls images'
  | 'pushes images'
  | 'notifies'
  | 'runs in'
  | 'uses'
  | 'logs to'
  | 'encrypted by'
  | 'decrypts with'
  | 'after';

/** A resource, or a data source, of what a stack was synthesized to. */
export interface Resource {
  /** What no other of the app has. */
  readonly key: string;
  /** Its native type: `AWS::S3::Bucket`, `google_storage_bucket`. */
  readonly type: string;
  /** The path of its construct. */
  readonly path: string;
  /** Whether deployment makes it, or only looks it up. */
  readonly made: boolean;
  /** What it is told with: what a whole stack shares and nothing flows through, such as enabled APIs. */
  readonly group?: string;
}

/** That one resource refers to another, by their keys. */
export interface Use {
  readonly from: string;
  readonly to: string;
  readonly meaning: Meaning;
}

/** A value that a stack prints when it is deployed. */
export interface Output {
  readonly name: string;
  readonly value: Words;
  /** The shell command that prints it afterwards. */
  readonly print: string;
}

/** A finding of a scanner that stands, and why. */
export interface Accepted {
  readonly path: string;
  readonly rule: string;
  /** What of the construct it was found at, where the rule says it. */
  readonly at?: string;
  readonly reason: string;
}

/** A Terraform provider beside the cloud's own. */
export interface Provider {
  readonly name: string;
  readonly source: string;
  readonly version: string;
  /** The native types that it makes, or looks up. */
  readonly types: readonly string[];
}

/** What an engine reads of a stack. */
export interface ReadStack {
  readonly stack: IConstruct;
  /** All that is in it, in the order of the program. */
  readonly constructs: readonly IConstruct[];
  readonly resources: readonly Resource[];
  readonly uses: readonly Use[];
  /** What only the report of this stack needs. */
  readonly facts: () => Facts;
}

/** What an engine knows of a stack that has a report. */
export interface Facts {
  /** `AWS`, `Google Cloud`. */
  readonly cloud: string;
  /** What deploys it: `CloudFormation`, `Terraform`. */
  readonly engine: string;
  /** Where it is deployed to: `Region`, `europe-west4`. */
  readonly place: readonly (readonly [name: string, value: Words])[];
  readonly told: readonly Told[];
  readonly accepted: readonly Accepted[];
  readonly providers: readonly Provider[];
  /** The user's, not those for other stacks. */
  readonly outputs: readonly Output[];
  /** The shell commands that deploy it, and where they run. */
  readonly deploy: { readonly where: string; readonly commands: readonly string[] };
  /** What of a construct deployment knows, in words. */
  readonly words: (value: unknown) => Words;
}

/** A fact that a construct told, in words. */
export interface Told {
  readonly path: string;
  readonly entry: ReportEntry;
  readonly text: Words;
}

/** What is told of a stack. */
export interface StackReport extends Facts {
  /** The stack's path: its name in the report. */
  readonly name: string;
  readonly parts: readonly Part[];
  readonly addresses: readonly Address[];
}

/** Where something answers, or data is. */
export interface Address {
  readonly path: string;
  readonly what: string;
  readonly value: Words;
}

/** What a box of the picture stands for, by colour and sign. */
export type Role = 'data' | 'compute' | 'serving' | 'security' | 'network' | 'other';

/** A construct with all that it was synthesized to. */
export interface Part {
  /** The construct's path. */
  readonly id: string;
  /** The path of its stack. */
  readonly stack: string;
  /** The construct's path in its stack. */
  readonly name: string;
  /** Its class, of the library. */
  readonly kind?: string;
  readonly role: Role;
  /** Its main native type. */
  readonly main: string;
  /** How many there are of each native type, the main one first. */
  readonly counts: readonly (readonly [type: string, count: number])[];
  /** Whether it is a box of the picture. */
  readonly drawn: boolean;
}

/** That a construct has to do with another. */
export interface Link {
  /** The id of a part. */
  readonly from: string;
  readonly to: string;
  readonly meanings: readonly Meaning[];
}

/** How many resources a construct was synthesized to. */
export const sizeOf = ({ counts }: Part): number => counts.reduce((sum, [, count]) => sum + count, 0);

/** A text with its holes between angle quotes. */
export const plain = (words: Words): string =>
  words.map((word) => (typeof word === 'string' ? word : `‹${word.hole}›`)).join('');

/** What has the same key, together. */
export function groupBy<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group) {
      group.push(one);
    } else {
      groups.set(keyOf(one), [one]);
    }
  }
  return groups;
}
