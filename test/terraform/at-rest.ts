import { existsSync, readdirSync, readFileSync } from 'fs';
import { dirname, join } from 'path';
import { AtRest, isKeyArgument, namesKey, remembered } from '../support/at-rest';

/** Whether the provider knows an argument for a key, at whatever depth; of what has no binding it is not known. */
const takesKey = remembered((type) => {
  const [, provider, name] = /^([a-z]+)_(.*)$/.exec(type)!;
  const library = dirname(require.resolve(`@cdktf/provider-${provider}/package.json`));
  const folder = join(library, 'lib', name.replace(/_/g, '-'));
  // Large ones have their structures in files of their own.
  const files = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
  return files
    .filter((file) => file.endsWith('.d.ts'))
    .some((file) =>
      [...readFileSync(join(folder, file), 'utf8').matchAll(/readonly (\w+)\??:/g)].some(([, argument]) =>
        isKeyArgument(argument),
      ),
    );
});

const isReference = (value: unknown): boolean =>
  /google_kms_crypto_key|azurerm_key_vault_key|azurerm_disk_encryption_set/.test(JSON.stringify(value));

/** What a stack has services keep. */
export const atRestIn = (json: any): AtRest[] =>
  Object.entries<any>(json.resource ?? {}).flatMap(([type, all]) =>
    Object.values<any>(all).map(({ '//': about, ...body }) => ({
      type: type === 'azapi_resource' ? body.type.split('@')[0] : type,
      at: about.metadata.path,
      takesKey: /^(google|azurerm)_/.test(type) && takesKey(type),
      hasKey: namesKey(body, isReference),
    })),
  );
