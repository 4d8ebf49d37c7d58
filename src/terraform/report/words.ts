import { Written } from './content';
import { piecesOf } from './expressions';
import { Words } from '../../core/private/report/model';

/** A text of Terraform, with what it fills in as a construct's path and attribute, or as a variable's name. */
export const wordsOf = (text: string, written: Written): Words =>
  piecesOf(text).map((piece) => ('text' in piece ? piece.text : { hole: holeOf(piece.expression, written) }));

const ATTRIBUTE = /(?<![\w.-])(data\.)?([a-z][\w-]*)\.([A-Za-z_][\w-]*)(?:\.([a-z_]+))?/g;

/** The first thing that an expression names, as a reader of the program knows it. */
function holeOf(expression: string, { stack, content }: Written): string {
  for (const [, data, type, id, attribute = ''] of expression.matchAll(ATTRIBUTE)) {
    const path = content[data ? 'data' : 'resource']?.[type]?.[id]?.['//']?.metadata?.path;
    if (path) {
      return [path.slice(stack.node.path.length + 1), attribute].join(' ').trim();
    }
    if (type === 'var') {
      return id;
    }
    if (type === 'terraform_remote_state') {
      return id.replace('cross-stack-reference-input-', 'from ');
    }
  }
  return 'worked out at deployment';
}
