/**
 * `npm run docs`: writes what is generated of the documentation – the page of validation codes and the marked blocks of
 * the pages. With `--check` it only says whether they are current.
 */
import { blocksOf } from './created';
import { errorsPage } from './errors';
import { PROGRAMS } from './programs';
import { Generated } from '../generated';

const docs = new Generated('docs');
Object.keys(PROGRAMS).forEach((page) => docs.blocks(`docs/${page}.md`, blocksOf(page)));
docs.file('docs/errors.md', errorsPage());
docs.finish();
