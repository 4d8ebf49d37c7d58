/**
 * Some of what a type of resources needs. An ARN is written without its first two parts; `R` stands for the region, `A` for
 * the account, and `{Property}` for the name that a property gives: the name of a resource that it refers to, or what
 * CloudFormation would make of it.
 */
export interface Need {
  /** Actions, with spaces between them. */
  readonly may: string;
  /** What they are done to. */
  readonly on: string[];
  /** Properties of which one must be given, or be `Property=value`. @default - needed always */
  readonly when?: string[];
}

/** A role that is handed to a service. */
export interface PassedRole {
  /** The property that has the role's ARN; `*` stands for each of a list. */
  readonly pass: string;
  /** The service, before `.amazonaws.com`. */
  readonly to: string;
}

/** What a type of resources needs. */
export interface Row {
  /** The property that names a resource, where its ARN has a name. */
  readonly name?: string;
  /** Whether CloudFormation may make names of the logical id alone. */
  readonly byLogicalId?: boolean;
  /** Whether names are in lower case in ARNs, however they are given. */
  readonly lower?: boolean;
  readonly needs: (Need | PassedRole)[];
}

/** By the names of CloudFormation's types. */
export interface Rows {
  readonly [type: string]: Row;
}

/** Keys whose ids nobody knows before they are made. */
export const KEYS = ['kms:R:A:key/*'];

/** A service's own role, which it makes at its first use in an account. */
export const serviceLinkedRole = (service: string): Need => ({
  may: 'iam:CreateServiceLinkedRole',
  on: [`iam::A:role/aws-service-role/${service}.amazonaws.com/*`],
});
