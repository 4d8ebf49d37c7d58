import { readdirSync, readFileSync } from 'fs';
import { join } from 'path';
import { ROWS } from '../src/aws/private/deploy-permissions/rows';

/** What is read of a resource schema of CloudFormation. */
export interface Schema {
  readonly typeName: string;
  readonly handlers?: { readonly [handler: string]: { readonly permissions?: string[] } };
  readonly createOnlyProperties?: string[];
  readonly conditionalCreateOnlyProperties?: string[];
  readonly primaryIdentifier?: string[];
  readonly additionalIdentifiers?: string[][];
}

/**
 * The schemas of the resource types that the library makes, by type. The folder has them as AWS publishes them for a
 * region in CloudformationSchema.zip, a file each.
 */
export const schemasIn = (folder: string): Schema[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Schema)
    .filter(({ typeName }) => typeName in ROWS)
    .sort((a, b) => (a.typeName < b.typeName ? -1 : 1));
