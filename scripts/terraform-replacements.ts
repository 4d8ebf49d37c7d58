/**
 * `npx ts-node --transpile-only --project test/tsconfig.json scripts/terraform-replacements.ts GOOGLE AZURERM`: writes down
 * which arguments Terraform's providers can only give to a new resource, of the types that the library makes, for the
 * tests of upgrades. GOOGLE and AZURERM are the providers' sources, of the versions that are named below: the schemas of
 * Google's say it themselves, of Azure's the reference does.
 */
import { readdirSync, readFileSync, writeFileSync } from 'fs';
import { basename, join } from 'path';
import { ROWS as AZURE } from '../src/azure/private/deploy-permissions/rows';
import { ROWS as GOOGLE } from '../src/google/private/deploy-permissions/rows';

const VERSIONS = { google: '6.50.0', azurerm: '4.55.0' };
const FILE = join(__dirname, '..', 'test', 'terraform', 'replacements.json');
const [google, azurerm] = process.argv.slice(2);

const typesIn = (rows: object, prefix: string) =>
  Object.keys(rows)
    .filter((type) => type.startsWith(prefix))
    .sort();

const goFiles = readdirSync(join(google, 'google', 'services'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.go') && !file.endsWith('_test.go'))
  .map((file) => join(google, 'google', 'services', file));

/** The body of a function that gives a schema, by its name. */
function bodyOf(name: string, folder: string): string[] {
  const files = goFiles.filter((file) => join(file, '..') === folder);
  const texts = files.map((file) => readFileSync(file, 'utf8'));
  const found = texts.map((text) => text.split(`func ${name}()`)[1]).find((text) => text !== undefined);
  return found?.split('\n}\n')[0].split('\n') ?? [];
}

/** Paths with `ForceNew: true` in a schema, which gofmt has indented. */
function forcedIn(lines: string[], folder: string, outer: string[] = []): string[] {
  const open: { indent: number; name: string }[] = [];
  return lines.flatMap((line) => {
    const indent = /^\t*/.exec(line)![0].length;
    while (open.length && /^\t*\}/.test(line) && open[open.length - 1].indent >= indent) {
      open.pop();
    }
    const path = [...outer, ...open.map(({ name }) => name)];
    const [, name, helper] = /^\t*"(\w+)":\s*(?:\{|(\w+)\(\),|&?schema\.Schema\{)/.exec(line) ?? [];
    if (helper) {
      return forcedIn(bodyOf(helper, folder), folder, [...path, name]);
    }
    if (name) {
      open.push({ indent, name });
    }
    return /^\t*ForceNew:\s*true,/.test(line) ? [path.join('.')] : [];
  });
}

const sourceOf = (type: string) =>
  goFiles.find((one) =>
    [type.replace('google_', ''), type].map((name) => `resource_${name}.go`).includes(basename(one)),
  );

function ofGoogle(type: string): string[] {
  const file = sourceOf(type)!;
  const text = readFileSync(file, 'utf8');
  // Other functions of the file are schemas of parts: those are read where they are called.
  const [, resource = text] = /\nfunc Resource\w+\(\) \*schema\.Resource \{([^]*?)\n\}\n/.exec(text) ?? [];
  return forcedIn(resource.split('\n'), join(file, '..')).filter(Boolean);
}

/** What an argument of a block is called: `block.argument`. */
function ofAzure(type: string): string[] {
  const page = join(azurerm, 'website', 'docs', 'r', `${type.replace('azurerm_', '')}.html.markdown`);
  let block = '';
  return readFileSync(page, 'utf8')
    .split('## Attributes Reference')[0]
    .split('\n')
    .flatMap((line) => {
      block =
        /^(?:An?|The|Each|---)\s.*?`(\w+)`.*block.*(?:supports|contains|exports)/i.exec(line)?.[1] ?? block;
      const [, argument] = /^\s*[*-] `(\w+)`/.exec(line) ?? [];
      return argument && /\bforces?\b[^.]*\b(new|recreat)/i.test(line)
        ? [[block, argument].filter(Boolean).join('.')]
        : [];
    });
}

const lines = [
  ...typesIn(GOOGLE, 'google_')
    // Those of IAM share one source: the test knows them.
    .filter((type) => sourceOf(type))
    .map((type) => [type, ofGoogle(type)] as const),
  ...typesIn(AZURE, 'azurerm_').map((type) => [type, ofAzure(type)] as const),
].map(
  ([type, paths]) => `    ${JSON.stringify(type)}: ${JSON.stringify([...new Set(paths)].sort().join(' '))}`,
);
writeFileSync(
  FILE,
  `{\n  "versions": ${JSON.stringify(VERSIONS)},\n  "types": {\n${lines.join(',\n')}\n  }\n}\n`,
);
