/**
 * Post-compile step: puts the Terraform bindings that are used into lib; makes every file load at the first use of what
 * it exports, so that nobody pays for an SDK, or a part of one, that they do not use; and copies the data files that
 * jsii leaves behind.
 */
import { appendFileSync, cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'fs';
import { createRequire } from 'module';
import { join, relative } from 'path';
import { finishDeclarations } from './declarations';
import { vendorBindings } from './vendor-bindings';

const root = join(__dirname, '..');
const lib = join(root, 'lib');

/** What of the quickstart a new project begins with: no output, no tests. */
const SAMPLES =
  /^($|\w+\.ts$|(request|image)\.json$|python($|\/\w+\.py$)|containers($|\/(train|serve|embed)($|\/\w+(\.py|\.txt)?$)))/;

/** A property that loads at its first use and is a plain value from then on. */
const lazily = (name: string, value: string) =>
  `Object.defineProperty(exports, "${name}", { enumerable: true, configurable: true, get: () => { const value = ${value}; ` +
  `Object.defineProperty(exports, "${name}", { enumerable: true, configurable: true, value }); return value; } });`;

/** Rewrites what tsc makes of `export *`; fails where it makes something else of it. */
function lazify(index: string): void {
  const text = readFileSync(index, 'utf8');
  const lazy = text
    .replace(/^exports\.(\w+) = __importStar\(require\("([^"]+)"\)\);$/gm, (_, name, path) =>
      lazily(name, `require("${path}")`),
    )
    .replace(/^__exportStar\(require\("([^"]+)"\), exports\);$/gm, (_, path) =>
      Object.keys(createRequire(index)(path))
        .map((name) => lazily(name, `require("${path}").${name}`))
        .join('\n'),
    );
  if (lazy === text || /^(exports\.\w+ = )?__\w+\(require/m.test(lazy)) {
    throw new Error(`${index}: cannot make its exports lazy`);
  }
  writeFileSync(index, lazy);
}

/** Makes a file load what it imports from this package, bindings too, when it first uses it. */
function defer(file: string): void {
  const text = readFileSync(file, 'utf8');
  const deferred = text.replace(/^const (\w+) = require\("(\.[^"]+)"\);$/gm, (_, module, path) => {
    const [, ...uses] = text.matchAll(new RegExp(`\\b${module}\\b(?:\\.(\\w+))?`, 'g'));
    const names = new Set(uses.map(([, name]) => name));
    if (names.has(undefined as never)) {
      throw new Error(`${file}: cannot defer ${path}, which is used as a whole`);
    }
    const members = [...names].map(
      (name) => `get ${name}() { return (this._ ??= require("${path}")).${name}; }`,
    );
    return `const ${module} = { _: undefined, ${members.join(', ')} };`;
  });
  writeFileSync(file, deferred);
}

vendorBindings(root);
finishDeclarations(lib);

readdirSync(lib, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.js') && !file.startsWith('bindings'))
  .forEach((file) => defer(join(lib, file)));

// Folders without an index are internal.
for (const folder of ['', ...readdirSync(lib)]) {
  const index = join(lib, folder, 'index.js');
  if (existsSync(index)) {
    lazify(index);
  }
}

// The type of projects, for `npx projen new --from`: found by projen alone, whose package no program needs. What it makes is
// the quickstart.
const projects = join(lib, 'projects');
appendFileSync(join(lib, 'index.js'), `${lazily('projects', 'require("./projects")')}\n`);
const samples = join(root, 'examples', 'quickstart');
cpSync(samples, join(projects, 'samples'), {
  recursive: true,
  filter: (path) => SAMPLES.test(relative(samples, path)),
});
createRequire(__filename)(join(projects, 'platform-project.js')).writeInventory(join(projects, '.jsii'));

const data = join('core', 'private', 'accelerators.json');
cpSync(join(root, 'src', data), join(lib, data));

// jsii writes its assembly with indentation, a third of it.
const assembly = join(root, '.jsii');
writeFileSync(assembly, JSON.stringify(JSON.parse(readFileSync(assembly, 'utf8'))));
