import { spawnSync } from 'child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { checker, Synthesized } from '../terraform/support';

/**
 * What ARM's types say against the bodies of azapi's resources. A body with a reference in it is not checked by anyone
 * before Azure does, so each reference becomes a literal here.
 */
export function armErrors(json: Synthesized): string[] {
  if (!existsSync(checker)) {
    return [];
  }
  const literally = (value: unknown) =>
    JSON.parse(JSON.stringify(value).replace(/\$\{[^}]*\}/g, '/subscriptions/s'));
  const resource = Object.fromEntries(
    ['azapi_resource', 'azapi_update_resource']
      .filter((type) => json.resource?.[type])
      .map((type) => [
        type,
        Object.fromEntries(
          Object.entries(literally(json.resource![type])).map(([id, { depends_on: _, ...body }]: any) => [
            id,
            body,
          ]),
        ),
      ]),
  );
  const { azapi } = json.terraform.required_providers;
  const dir = mkdtempSync(join(tmpdir(), 'literal-'));
  try {
    writeFileSync(
      join(dir, 'cdk.tf.json'),
      JSON.stringify({
        terraform: { required_providers: { azapi } },
        provider: { azapi: json.provider.azapi },
        resource,
      }),
    );
    const { stdout } = spawnSync(process.execPath, [checker, dir], { encoding: 'utf8' });
    return stdout.split('\n').filter((line) => line.startsWith('error '));
  } finally {
    rmSync(dir, { recursive: true });
  }
}
