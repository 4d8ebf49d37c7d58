/** A piece of a text of Terraform: as it stands there, or an expression. */
export type Piece = { readonly text: string } | { readonly expression: string };

/** Takes a text of Terraform apart. `$${` and `%%{` are text. */
export function piecesOf(text: string): Piece[] {
  if (!text.includes('${') && !text.includes('%%{')) {
    return text ? [{ text }] : [];
  }
  const pieces: Piece[] = [];
  let rest = text;
  for (let start = openingOf(rest); start >= 0; start = openingOf(rest)) {
    const end = closingOf(rest, start + 2);
    pieces.push({ text: unescaped(rest.slice(0, start)) }, { expression: rest.slice(start + 2, end) });
    rest = rest.slice(end + 1);
  }
  pieces.push({ text: unescaped(rest) });
  return pieces.filter((piece) => !('text' in piece) || piece.text !== '');
}

const unescaped = (text: string) => text.replace(/([$%])\1\{/g, '$1{');

const openingOf = (text: string) => text.search(/(?<!\$)\$\{/);

/** Where an expression ends that begins at `from`: past braces and texts in it. */
function closingOf(text: string, from: number): number {
  let depth = 0;
  let quoted = false;
  for (let i = from; i < text.length; i++) {
    const character = text[i];
    if (character === '\\') {
      i++;
    } else if (character === '"') {
      quoted = !quoted;
    } else if (!quoted && character === '{') {
      depth++;
    } else if (!quoted && character === '}' && depth-- === 0) {
      return i;
    }
  }
  return text.length;
}
