import { Block, Written } from './content';
import { Meaning, Words } from '../../core/private/report/model';

/** What the resources of a cloud mean, for the report of its stacks. */
export interface Dialect {
  /** `Google Cloud`. */
  readonly cloud: string;
  /** The providers that are the cloud's own, by their local names. */
  readonly providers: readonly string[];
  /** Where a stack is deployed to. */
  readonly placeOf: (
    written: Written,
    words: (value: unknown) => Words,
  ) => readonly (readonly [string, Words])[];
  /** The native type of a block, where Terraform's says less. */
  readonly typeOf?: (type: string, block: Block) => string | undefined;
  /** What children of the stack, by their ids, are told of together. */
  readonly groupOf: (id: string) => string | undefined;
  /** What a block allows, when that is what it is for. `find` gives the blocks that a value refers to. */
  readonly grantOf: (
    type: string,
    block: Block,
    find: (value: unknown) => readonly Block[],
  ) => Grant | undefined;
  /** What a block uses another for, by the argument that refers to it and the type that it refers to. */
  readonly meaningOf: (argument: string, type: string) => Meaning | undefined;
}

/** That somebody may do something. */
export interface Grant {
  /** The argument that says who. */
  readonly who: string;
  /** The arguments that say what; all others say with what. */
  readonly what: readonly string[];
  readonly meanings: readonly Meaning[];
}
