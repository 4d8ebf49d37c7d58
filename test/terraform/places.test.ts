import { existsSync, readFileSync } from 'fs';
import { dirname, join } from 'path';
import { gunzipSync } from 'zlib';
import { checker } from './support';
import { PLACES as azure } from '../../src/azure/private/residency';
import { ruleOf } from '../../src/core/private/residency';
import { PLACES as google } from '../../src/google/private/residency';
import { LIKE_A_PLACE } from '../security/places';

/** The schemas of the real providers, beside the checker that uses them. */
const schemas = join(dirname(checker), '..', 'provider-schemas');

/** The arguments of a block that take text or a flag, by their paths. */
function argumentsOf({ attributes = {}, block_types: blocks = {} }: any, path: string[] = []): string[] {
  return [
    ...Object.entries<any>(attributes)
      .filter(
        ([, { optional, required, type }]) => (optional || required) && !/number/.test(JSON.stringify(type)),
      )
      .map(([name]) => [...path, name].join('.')),
    ...Object.entries<any>(blocks).flatMap(([name, { block }]) => argumentsOf(block, [...path, name])),
  ];
}

// Elsewhere shown as skipped.
(existsSync(schemas) ? test : test.skip).each([
  ['google-6.50.0', google, 800],
  ['azurerm-4.55.0', azure, 600],
] as const)('the table knows every argument of %s that may say a place', (provider, places, least) => {
  const schema = JSON.parse(gunzipSync(readFileSync(join(schemas, `${provider}.json.gz`))).toString());
  const found = Object.entries<any>(schema.resource_schemas).flatMap(([type, { block }]) =>
    argumentsOf(block)
      .filter((path) => LIKE_A_PLACE.test(path.slice(path.lastIndexOf('.') + 1)))
      .map((path) => ({ type, path })),
  );
  expect(found.length).toBeGreaterThan(least);
  const unknown = found.filter(({ type, path }) => ruleOf(places, type, path) === undefined);
  expect(unknown).toEqual([]);
});
