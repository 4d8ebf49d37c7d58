import { oneLine } from './escape';
import type { Part } from './model';
import { shortType } from './picture';
import { Scene, SceneBox } from './scene';

/** A scene as Mermaid draws it, where Markdown is shown. */
export function mermaidOf({ bands, boxes, arrows }: Scene): string {
  const idOf = new Map(boxes.map(({ part }, i) => [part.id, `box${i}`]));
  const inBand = (band: number) => boxes.filter((box) => box.band === band);
  return [
    'flowchart TB',
    ...bands.flatMap(({ name }, band) => [
      `  subgraph stack${band}["${quoted(name)}"]`,
      ...inBand(band)
        .filter(({ area }) => area === undefined)
        .map((box) => `    ${nodeOf(box, idOf)}`),
      ...networksOf(inBand(band)).flatMap((network) => [
        `    subgraph in_${idOf.get(network.id)}["in ${quoted(network.name)}"]`,
        ...boxes.filter(({ area }) => area === network.id).map((box) => `      ${nodeOf(box, idOf)}`),
        '    end',
      ]),
      '  end',
    ]),
    ...arrows.map(
      ({ from, to, label, quiet }) =>
        `  ${idOf.get(from.id)} ${quiet ? '-.->' : '-->'}|"${quoted(label)}"| ${idOf.get(to.id)}`,
    ),
  ].join('\n');
}

const networksOf = (boxes: readonly SceneBox[]): Part[] =>
  boxes.filter(({ part, area }) => area === part.id).map(({ part }) => part);

/** Stores are drawn as cylinders. */
function nodeOf({ part }: SceneBox, idOf: ReadonlyMap<string, string>): string {
  const [open, close] = part.role === 'data' ? ['[(', ')]'] : ['[', ']'];
  const lines = [part.name, part.kind, `${part.counts[0][1]} × ${shortType(part.main)}`];
  const text = lines.flatMap((line) => (line ? quoted(line) : [])).join('<br/>');
  return `${idOf.get(part.id)}${open}"${text}"${close}`;
}

/** Text within quotes: whatever Mermaid, or the HTML that it makes, would read, by its number. */
const quoted = (text: string): string =>
  oneLine(text).replace(/[^\p{L}\p{N} .,:;/×–()@_-]/gu, (character) => `#${character.codePointAt(0)};`);
