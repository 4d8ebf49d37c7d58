/** What XML cannot hold at all. */
// eslint-disable-next-line no-control-regex
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

const ENTITIES: { readonly [character: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as HTML and SVG take it, also in attributes. */
export const xml = (text: string): string =>
  text.replace(FORBIDDEN, '\ufffd').replace(/[&<>"']/g, (character) => ENTITIES[character]);

/** Text on one line. */
export const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** Text on one line, cut where it is longer. */
export const cut = (text: string, length: number): string => {
  const line = oneLine(text);
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
};
