import { Hole, plain, Words } from './model';
import type { Scene } from './scene';

/** A piece of a sentence: plain, code, what deployment fills, or another report. */
export type Span =
  string | Hole | { readonly code: string } | { readonly link: string; readonly text: string };

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly (readonly Span[])[])[];
}

/** Shell commands to copy. */
export interface Commands {
  readonly title: readonly Span[];
  readonly says?: string;
  readonly commands: readonly Command[];
}

export interface Command {
  readonly words: Words;
  /** What is shown until the command is asked for. */
  readonly summary?: string;
}

export type Block =
  { readonly says: readonly Span[] } | { readonly table: Table } | { readonly commands: Commands };

export interface Section {
  readonly title: string;
  readonly blocks: readonly Block[];
}

/** A report, whatever it is written as. */
export interface Document {
  readonly title: string;
  /** What it is of, in a few words each: `AWS`, `Region: eu-west-1`. */
  readonly facts: readonly (readonly [name: string, value: Words])[];
  readonly scene: Scene;
  readonly sections: readonly Section[];
}

/** Commands that are longer are shown when they are asked for. */
const LONG = 640;

export const isLong = (words: Words): boolean => plain(words).length > LONG;

/** A command, as it is shown. */
export const commandOf = (words: Words, summary?: string): Command => ({
  words,
  summary: summary ?? (isLong(words) ? 'Show the command' : undefined),
});
