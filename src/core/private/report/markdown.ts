import { Block, Command, Commands, Document, Section, Span, Table } from './document';
import { oneLine } from './escape';
import { mermaidOf } from './mermaid';
import { plain } from './model';
import { sentencesOf } from './scene';

/** A report as GitHub and most others show Markdown, with the picture for Mermaid. */
export function markdownOf({ title, facts, scene, sections }: Document): string {
  const sentences = sentencesOf(scene);
  return `${[
    `# ${literally(title)}`,
    facts.map(([name, value]) => `${literally(name)}: **${spans(value)}**`).join(' · '),
    ...(scene.boxes.length ? [fenced('mermaid', mermaidOf(scene))] : []),
    ...(sentences.length
      ? [folded('The picture in words', sentences.map((sentence) => `- ${literally(sentence)}`).join('\n'))]
      : []),
    ...sections.map(sectionOf),
  ].join('\n\n')}\n`;
}

const sectionOf = ({ title, blocks }: Section) =>
  [`## ${literally(title)}`, ...blocks.map(blockOf)].join('\n\n');

function blockOf(block: Block): string {
  if ('table' in block) {
    return tableOf(block.table);
  }
  return 'commands' in block ? commandsOf(block.commands) : spans(block.says);
}

const tableOf = ({ head, rows }: Table) =>
  [head.map(literally), head.map(() => '---'), ...rows.map((row) => row.map(spans))]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');

const commandsOf = ({ title, says, commands }: Commands) =>
  [`### ${spans(title)}`, ...(says ? [literally(says)] : []), ...commands.map(codeOf)].join('\n\n');

function codeOf({ words, summary }: Command): string {
  const code = fenced('sh', plain(words));
  return summary ? folded(literally(summary), code) : code;
}

/** A fence longer than any in the text. */
function fenced(language: string, text: string): string {
  const fence = '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  return `${fence}${language}\n${text}\n${fence}`;
}

const folded = (summary: string, text: string) =>
  `<details><summary>${summary}</summary>\n\n${text}\n\n</details>`;

const spans = (all: readonly Span[]): string => all.map(spanOf).join('');

function spanOf(span: Span): string {
  if (typeof span === 'string') {
    return literally(span);
  }
  if ('link' in span) {
    return `[${literally(span.text)}](<${encodeURI(span.link)}>)`;
  }
  return 'code' in span ? inlineCode(span.code) : literally(`‹${span.hole}›`);
}

/** Text on one line, of which Markdown and HTML read nothing. */
const literally = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/[\\`*_{}[\]#|~>$]/g, '\\$&');

/** Code within a line and within a table, where only a bar needs an escape. */
function inlineCode(text: string): string {
  const line = oneLine(text).replace(/\|/g, '\\|');
  const ticks = '`'.repeat(Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  const room = /^`|`$/.test(line) ? ' ' : '';
  return line && `${ticks}${room}${line}${room}${ticks}`;
}
