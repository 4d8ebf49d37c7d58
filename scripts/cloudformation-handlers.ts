/**
 * `npx ts-node --transpile-only --project test/tsconfig.json scripts/cloudformation-handlers.ts FOLDER`: writes down what
 * the handlers of the resource types of `DeployPermissions` on AWS are allowed to do, for the test that compares. FOLDER has
 * CloudFormation's resource schemas, a file each, as AWS publishes them for a region in CloudformationSchema.zip.
 */
import { writeFileSync } from 'fs';
import { join } from 'path';
import { schemasIn } from './cloudformation-schemas';

const FILE = join(__dirname, '..', 'test', 'aws', 'deploy-permissions.handlers.json');
const HANDLERS = ['create', 'read', 'update', 'delete'];

const types = schemasIn(process.argv[2]).map(({ typeName, handlers = {} }) => {
  const lines = HANDLERS.filter((handler) => handlers[handler]?.permissions).map((handler) => {
    const permissions = [...new Set(handlers[handler].permissions)].sort();
    return `    "${handler}": ${JSON.stringify(permissions.join(' '))}`;
  });
  return `  "${typeName}": {${lines.length ? `\n${lines.join(',\n')}\n  ` : ''}}`;
});
writeFileSync(FILE, `{\n${types.join(',\n')}\n}\n`);
