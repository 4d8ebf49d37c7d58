/**
 * `npx ts-node --transpile-only --project test/tsconfig.json scripts/cloudformation-handlers.ts FOLDER`: writes down what
 * the handlers of the resource types of `DeployPermissions` on AWS are allowed to do, for the test that compares. FOLDER has
 * CloudFormation's resource schemas, a file each, as AWS publishes them for a region in CloudformationSchema.zip.
 */
import { readdirSync, readFileSync, writeFileSync } from 'fs';
import { join } from 'path';
import { ROWS } from '../src/aws/private/deploy-permissions/rows';

interface Schema {
  readonly typeName: string;
  readonly handlers?: { readonly [handler: string]: { readonly permissions?: string[] } };
}

const FILE = join(__dirname, '..', 'test', 'aws', 'deploy-permissions.handlers.json');
const HANDLERS = ['create', 'read', 'update', 'delete'];

const [folder] = process.argv.slice(2);
const schemas = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Schema)
  .filter(({ typeName }) => typeName in ROWS)
  .sort((a, b) => (a.typeName < b.typeName ? -1 : 1));

const types = schemas.map(({ typeName, handlers = {} }) => {
  const lines = HANDLERS.filter((handler) => handlers[handler]?.permissions).map((handler) => {
    const permissions = [...new Set(handlers[handler].permissions)].sort();
    return `    "${handler}": ${JSON.stringify(permissions.join(' '))}`;
  });
  return `  "${typeName}": {${lines.length ? `\n${lines.join(',\n')}\n  ` : ''}}`;
});
writeFileSync(FILE, `{\n${types.join(',\n')}\n}\n`);
