import { Block, Command, Commands, Document, Section, Span, Table } from './document';
import { oneLine, xml } from './escape';
import { svgOf } from './picture';
import { sentencesOf } from './scene';
import { PAGE_STYLE } from './style';

/** A report as one file that needs nothing else: no script, no font, no request. */
export function htmlOf(document: Document): string {
  const title = xml(oneLine(document.title));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>
${PAGE_STYLE}
</style>
</head>
<body>
<header>
<h1>${title}</h1>
<dl class="facts">
${document.facts.map(([name, value]) => `<div><dt>${xml(name)}</dt><dd>${spans(value)}</dd></div>`).join('\n')}
</dl>
</header>
<main>
${pictureOf(document)}
${document.sections.map(sectionOf).join('\n')}
</main>
</body>
</html>
`;
}

function pictureOf({ scene }: Document): string {
  const sentences = sentencesOf(scene);
  return scene.boxes.length === 0
    ? ''
    : `<figure>
<div class="wide" tabindex="0" role="region" aria-label="Picture">
${svgOf(scene)}
</div>
<figcaption>Drawn from the synthesized output: a box for each construct with its main native resource, an arrow for each reference.${
        sentences.length
          ? `
<details><summary>In words</summary><ul>${sentences.map((sentence) => `<li>${xml(sentence)}</li>`).join('')}</ul></details>`
          : ''
      }</figcaption>
</figure>`;
}

const sectionOf = ({ title, blocks }: Section) => `<section>
<h2>${xml(title)}</h2>
${blocks.map(blockOf).join('\n')}
</section>`;

function blockOf(block: Block): string {
  if ('table' in block) {
    return tableOf(block.table);
  }
  return 'commands' in block ? commandsOf(block.commands) : `<p>${spans(block.says)}</p>`;
}

/** On narrow screens a row is a card, and each cell says what column it is of. */
const tableOf = ({ head, rows }: Table) => `<table>
<thead><tr>${head.map((name) => `<th scope="col">${xml(name)}</th>`).join('')}</tr></thead>
<tbody>
${rows
  .map(
    ([first, ...rest]) =>
      `<tr><th scope="row">${spans(first)}</th>${rest
        .map((cell, i) => `<td data-label="${xml(head[i + 1])}">${spans(cell)}</td>`)
        .join('')}</tr>`,
  )
  .join('\n')}
</tbody>
</table>`;

const commandsOf = ({ title, says, commands }: Commands) => `<div class="commands">
<h3>${spans(title)}</h3>
${says ? `<p>${xml(says)}</p>` : ''}
${commands.map(codeOf).join('\n')}
</div>`;

function codeOf({ words, summary }: Command): string {
  const code = `<pre tabindex="0"><code>${spans(words)}</code></pre>`;
  return summary ? `<details><summary>${xml(summary)}</summary>${code}</details>` : code;
}

const spans = (all: readonly Span[]): string => all.map(spanOf).join('');

function spanOf(span: Span): string {
  if (typeof span === 'string') {
    return xml(span);
  }
  if ('link' in span) {
    return `<a href="${xml(encodeURI(span.link))}">${xml(span.text)}</a>`;
  }
  return 'code' in span ? `<code>${xml(span.code)}</code>` : `<var>‹${xml(span.hole)}›</var>`;
}
