/**
 * `npm run docs:pictures`: synthesizes examples/quickstart, and takes the picture of each cloud out of its report into
 * docs/images. With `--check` it only says whether the pictures are those of the reports that are there.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'fs';
import { join } from 'path';
import { CLOUDS } from '../quickstart';

const root = join(__dirname, '..', '..');
const images = join(root, 'docs', 'images');

const stale = Object.entries(CLOUDS).filter(([cloud, { out }]) => {
  const page = readFileSync(join(root, 'examples', 'quickstart', out, 'report.html'), 'utf8');
  const [picture] = /<svg [^]*<\/svg>/.exec(page) ?? [];
  const file = join(images, `quickstart-${cloud}.svg`);
  const current = existsSync(file) && readFileSync(file, 'utf8') === `${picture}\n`;
  if (!current && !process.argv.includes('--check')) {
    mkdirSync(images, { recursive: true });
    writeFileSync(file, `${picture}\n`);
  }
  return !current;
});
const names = stale.map(([cloud]) => `docs/images/quickstart-${cloud}.svg`).join(', ');
if (stale.length && process.argv.includes('--check')) {
  throw new Error(`not current: ${names}; run \`npm run docs:pictures\``);
}
console.log(stale.length ? `written: ${names}` : 'the pictures are current');
