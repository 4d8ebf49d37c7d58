/**
 * `npx ts-node --transpile-only --project test/tsconfig.json scripts/cloudformation-replacements.ts FOLDER`: writes down
 * which properties CloudFormation can only give to a new resource, of the resource types that the library makes, for the
 * tests of upgrades. FOLDER has CloudFormation's resource schemas (`cloudformation-schemas.ts`).
 */
import { writeFileSync } from 'fs';
import { join } from 'path';
import { Schema, schemasIn } from './cloudformation-schemas';

const FILE = join(__dirname, '..', 'test', 'aws', 'replacements.json');

const properties = (paths: readonly string[] = []) =>
  paths.map((path) => path.replace('/properties/', '')).sort();

/** The properties that a user may give, and no two resources may have the same. */
function nameIn({ typeName, createOnlyProperties, ...schema }: Schema): string[] {
  const fixed = properties(createOnlyProperties);
  const identifiers = [schema.primaryIdentifier, ...(schema.additionalIdentifiers ?? [])].map(properties);
  return (
    identifiers.find((names) => names.every((name) => fixed.includes(name))) ??
    fixed.filter((property) => /^\w*Name$/.test(property) && typeName.endsWith(property.replace('Name', '')))
  );
}

const types = schemasIn(process.argv[2]).map((schema) => {
  const facts = {
    always: properties(schema.createOnlyProperties),
    sometimes: properties(schema.conditionalCreateOnlyProperties),
    name: nameIn(schema),
  };
  const lines = Object.entries(facts)
    .filter(([, found]) => found.length > 0)
    .map(([fact, found]) => `    "${fact}": ${JSON.stringify(found.join(' '))}`);
  return `  "${schema.typeName}": {${lines.length ? `\n${lines.join(',\n')}\n  ` : ''}}`;
});
writeFileSync(FILE, `{\n${types.join(',\n')}\n}\n`);
