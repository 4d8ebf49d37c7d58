/**
 * Post-compile step: puts the Terraform bindings that are used into lib; makes every index load a file at the first use
 * of what it exports, so that nobody pays for an SDK, or a part of one, that they do not use; and copies the data files
 * that jsii leaves behind.
 */
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'fs';
import { createRequire } from 'module';
import { join } from 'path';
import { vendorBindings } from './vendor-bindings';

const root = join(__dirname, '..');
const lib = join(root, 'lib');

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

vendorBindings(root);

// Folders without an index are internal.
for (const folder of ['', ...readdirSync(lib)]) {
  const index = join(lib, folder, 'index.js');
  if (existsSync(index)) {
    lazify(index);
  }
}

const data = join('core', 'private', 'accelerators.json');
cpSync(join(root, 'src', data), join(lib, data));
