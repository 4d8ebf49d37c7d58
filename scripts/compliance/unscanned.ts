/** A type of resources that no check of a scanner looks at. */
export interface Unscanned {
  readonly cloud: string;
  readonly type: string;
  readonly constructs: string[];
}
