/** What a construct is made of that must stay: ids with type and name. */
export type Held = { readonly [id: string]: string };

/** What a change does, as the golden file has it. */
export interface Outcome {
  /** The code of a refusal. */
  readonly refused?: string;
  readonly replaced?: string[];
  readonly removed?: string[];
  readonly added?: string[];
  readonly changed?: string[];
}

export interface Golden {
  /** By construct: what holds data or an address before anything changes, and what each change adds to it. */
  readonly held: { readonly [subject: string]: { readonly [change: string]: Held } };
  readonly outcomes: { readonly [subject: string]: { readonly [change: string]: Outcome } };
}
