import * as fc from 'fast-check';
import { hostileText } from './hostile';
import { Document } from '../../src/core/private/report/document';
import { htmlOf } from '../../src/core/private/report/html';
import { Box, layOut, Rectangle, Arrow } from '../../src/core/private/report/layout';
import { markdownOf } from '../../src/core/private/report/markdown';
import { Link, Meaning, Part, plain } from '../../src/core/private/report/model';
import { sceneOf, sentencesOf } from '../../src/core/private/report/scene';
import { writeReports } from '../../src/core/private/report/write';
import { shownBy } from '../support/report';

const part = (id: string, of: Partial<Part> = {}): Part => ({
  id,
  stack: id.split('/')[0],
  name: id.split('/').slice(1).join('/'),
  role: 'data',
  main: 'Ember::Store',
  counts: [['Ember::Store', 1]],
  drawn: true,
  ...of,
});
const link = (from: string, to: string, ...meanings: Meaning[]): Link => ({ from, to, meanings });

describe('a scene', () => {
  const parts = [
    part('one/Lake'),
    part('one/Key', { role: 'security' }),
    part('one/Training', { kind: 'GpuTrainingCluster', role: 'compute' }),
    part('two/Endpoint', { role: 'serving' }),
    part('two/Alone'),
    part('one/APIs', { drawn: false }),
  ];
  const links = [
    link('one/Training', 'one/Lake', 'reads', 'writes', 'pulls images'),
    link('one/Lake', 'one/Key', 'encrypted by'),
    link('one/Training', 'one/APIs', 'uses'),
    link('one/Key', 'one/Training', 'after'),
    link('two/Endpoint', 'one/Lake', 'reads'),
  ];

  test('shows a stack with what of others it has to do with; who uses others is above', () => {
    const scene = sceneOf('one', ['one'], parts, links);
    expect(scene.bands).toEqual([
      { name: 'two', own: false },
      { name: 'one', own: true },
    ]);
    expect(scene.boxes.map((box) => [box.part.id, box.band])).toEqual([
      ['one/Lake', 1],
      ['one/Key', 1],
      ['one/Training', 1],
      ['two/Endpoint', 0],
    ]);
    expect(sentencesOf(scene)).toEqual([
      'one/Training reads and writes, pulls images one/Lake',
      'one/Lake encrypted by one/Key',
      'two/Endpoint reads one/Lake',
    ]);
    expect(scene.arrows.map(({ quiet }) => quiet)).toEqual([undefined, 'key', undefined]);
  });

  test('shows all stacks alike in the index', () => {
    const scene = sceneOf('both', ['one', 'two'], parts, links);
    expect(scene.bands.map(({ own }) => own)).toEqual([true, true]);
    expect(scene.boxes).toHaveLength(5);
  });

  test('draws a network around what runs in it, in one stack; an arrow where there are two, or another stack', () => {
    const net = part('one/Net', { role: 'network' });
    const within = (...more: Link[]) =>
      sceneOf(
        'one',
        ['one'],
        [...parts, net, part('one/Other', { role: 'network' })],
        [link('one/Training', 'one/Net', 'runs in'), link('one/Net', 'one/Key', 'encrypted by'), ...more],
      );
    expect(sentencesOf(within())).toEqual(['one/Net encrypted by one/Key', 'one/Training runs in one/Net']);
    expect(
      within()
        .boxes.filter(({ area }) => area === 'one/Net')
        .map((box) => box.part.id),
    ).toEqual(['one/Training', 'one/Net']);
    const two = within(
      link('one/Training', 'one/Other', 'runs in'),
      link('two/Endpoint', 'one/Net', 'runs in'),
    );
    expect(two.boxes.filter(({ area }) => area)).toEqual([]);
    expect(two.arrows.map(({ label }) => label)).toEqual(['runs in', 'encrypted by', 'runs in', 'runs in']);
  });
});

describe('a layout', () => {
  const graph = fc
    .record({
      boxes: fc.array(
        fc.record({
          width: fc.integer({ min: 100, max: 300 }),
          band: fc.integer({ min: 0, max: 2 }),
          net: fc.integer({ min: 0, max: 2 }),
        }),
        { minLength: 1, maxLength: 14 },
      ),
      arrows: fc.array(fc.tuple(fc.nat(13), fc.nat(13), fc.boolean()), { maxLength: 24 }),
    })
    .map(({ boxes, arrows }) => {
      const made = boxes.map(({ width, band, net }, i): Box => ({
        id: `b${i}`,
        width,
        height: 88,
        band,
        ...(net > 0 && { area: `net${net} of ${band}` }),
      }));
      const ends = arrows.filter(([a, b]) => a !== b && a < made.length && b < made.length);
      return {
        boxes: made,
        arrows: ends.map(([a, b, said]): Arrow => ({
          from: `b${a}`,
          to: `b${b}`,
          ...(said && { label: { width: 90, height: 18 } }),
        })),
      };
    });

  const overlap = (a: Rectangle, b: Rectangle) =>
    a.x < b.x + b.width - 0.01 &&
    b.x < a.x + a.width - 0.01 &&
    a.y < b.y + b.height - 0.01 &&
    b.y < a.y + a.height - 0.01;
  const holds = (outer: Rectangle, inner: Rectangle) =>
    outer.x <= inner.x &&
    outer.y <= inner.y &&
    inner.x + inner.width <= outer.x + outer.width + 0.01 &&
    inner.y + inner.height <= outer.y + outer.height + 0.01;
  const pairs = <T>(all: readonly T[]) => all.flatMap((a, i) => all.slice(i + 1).map((b) => [a, b] as const));

  test('keeps boxes, labels, bands and areas apart, whatever there is', () => {
    fc.assert(
      fc.property(graph, ({ boxes, arrows }) => {
        const layout = layOut(boxes, arrows);
        const placed = boxes.map((box) => ({ box, at: layout.boxes.get(box.id)! }));
        const labels = layout.arrows.flatMap(({ label }) =>
          label ? [{ x: label.x - 45, y: label.y - 9, width: 90, height: 18 }] : [],
        );
        expect(pairs([...placed.map(({ at }) => at), ...labels]).filter(([a, b]) => overlap(a, b))).toEqual(
          [],
        );
        expect(pairs(layout.bands).filter(([a, b]) => overlap(a, b))).toEqual([]);
        const bands = [...new Set(boxes.map(({ band }) => band))].sort();
        for (const { box, at } of placed) {
          expect(holds(layout.bands[bands.indexOf(box.band)], at)).toBe(true);
          layout.areas.forEach((area, name) => {
            expect(box.area === name ? holds(area, at) : !overlap(area, at)).toBe(true);
          });
        }
      }),
      { numRuns: 150 },
    );
  });

  test('leads each arrow from the border of one box to that of the other', () => {
    fc.assert(
      fc.property(graph, ({ boxes, arrows }) => {
        const layout = layOut(boxes, arrows);
        arrows.forEach(({ from, to }, i) => {
          const { points } = layout.arrows[i];
          const ends = [layout.boxes.get(from)!, layout.boxes.get(to)!];
          [points[0], points[points.length - 1]].forEach((point, end) => {
            const { x, y, width, height } = ends[end];
            expect(x <= point.x && point.x <= x + width).toBe(true);
            expect([y, y + height].some((border) => Math.abs(border - point.y) < 0.01)).toBe(true);
          });
        });
      }),
      { numRuns: 150 },
    );
  });

  test('has users above what they use', () => {
    const chain = ['a', 'b', 'c'].map((id): Box => ({ id, width: 100, height: 88, band: 0 }));
    const { boxes } = layOut(chain, [
      { from: 'c', to: 'b' },
      { from: 'b', to: 'a' },
    ]);
    const [a, b, c] = ['a', 'b', 'c'].map((id) => boxes.get(id)!.y);
    expect([c < b, b < a]).toEqual([true, true]);
  });
});

/** A document in which every text is the same one. */
function documentOf(text: string): Document {
  const box = part(`one/${text}`, { kind: text, main: text, counts: [[text, 1]] });
  const other = part(`one/b${text}`);
  return {
    title: text,
    facts: [[text, [text, { hole: text }]]],
    scene: sceneOf(text, ['one'], [box, other], [link(box.id, other.id, 'reads')]),
    sections: [
      {
        title: text,
        blocks: [
          { says: [text, { code: text }, { hole: text }] },
          { table: { head: [text, text], rows: [[[text], [{ code: text }, { link: text, text }]]] } },
          { commands: { title: [text], says: text, commands: [{ words: [text, { hole: text }] }] } },
          { commands: { title: [text], commands: [{ words: [text], summary: text }] } },
        ],
      },
    ],
  };
}

/** Tags without what varies with the text: sizes, places, and values of attributes. */
const tagsOf = (html: string) =>
  [...html.replace(/<style>[^]*?<\/style>/g, '').matchAll(/<\/?[a-z][^>]*>/g)].map(([tag]) =>
    tag.replace(/"[^"]*"/g, '""').replace(/\s+$/, ''),
  );

describe('hostile text', () => {
  const hostile = fc.oneof(
    hostileText,
    fc.constantFrom(
      '<script>alert(1)</script>',
      '</title></svg><img src=x onerror=alert(1)>',
      '" onload="alert(1)',
      "' | `code` | **bold** [link](x) \\",
      '```\nsh\n```',
      '| a | b |\n|---|---|\n# heading',
      ']]><!--',
      '"]; click box0 "javascript:alert(1)"',
      '&lt;b&gt; &amp;',
      '-->|x| end subgraph',
      ']]\n  end\n  evil["x"]',
    ),
  );

  test('is text in HTML and in SVG', () => {
    const [benign] = [tagsOf(htmlOf(documentOf('text')))];
    fc.assert(fc.property(hostile, (text) => expect(tagsOf(htmlOf(documentOf(text)))).toEqual(benign)));
  });

  test('is what a reader sees in HTML', () => {
    const text = `<b>"x"</b> & 'y' \`z\` | w`;
    const { title, boxes, sections } = shownBy(htmlOf(documentOf(text)));
    expect([title, ...boxes, ...sections]).toEqual([text, `one/${text}`, `one/b${text}`, text]);
  });

  /** Markdown by what its lines are. */
  const shapeOf = (markdown: string) => {
    let fence = '';
    return markdown.split('\n').flatMap((line) => {
      const [ticks] = /^`{3,}/.exec(line) ?? [''];
      if (fence) {
        const closes = ticks.length >= fence.length && line === ticks;
        fence = closes ? '' : fence;
        return closes ? ['fence'] : [];
      }
      fence = ticks;
      const cells = line.startsWith('|') ? line.match(/(?<!\\)\|/g)!.length : 0;
      return [
        fence
          ? 'fence'
          : cells
            ? `row ${cells}`
            : (/^(#+|-) |^<\/?details>/.exec(line)?.[0] ?? (line && 'text')),
      ];
    });
  };

  test('is text in Markdown', () => {
    const benign = shapeOf(markdownOf(documentOf('text')));
    fc.assert(
      fc.property(hostile, (text) => {
        expect(shapeOf(markdownOf(documentOf(text)))).toEqual(benign);
      }),
    );
  });

  test('leaves Markdown the marks of the report alone', () => {
    const marksOf = (text: string) =>
      markdownOf(documentOf(text))
        .replace(/^(`{3,})[^]*?\n\1$/gm, '')
        // From left to right, as it is read: what is escaped, code, entities, addresses of links.
        .replace(/\\[^A-Za-z0-9\s]|(`+)(?!`)[^]*?(?<!`)\1(?!`)|&(?:amp|lt);|\]\(<[^>\n]*>\)/g, '')
        .replace(/[^*_|[\]<>#&`]/g, '');
    const benign = marksOf('text');
    expect(benign).toContain('<>');
    fc.assert(fc.property(hostile, (text) => expect(marksOf(text)).toBe(benign)));
  });

  test('is text in Mermaid', () => {
    const mermaidOf = (text: string) => /```mermaid\n([^]*?)\n`{3,}/.exec(markdownOf(documentOf(text)))![1];
    const shape = (mermaid: string) => mermaid.replace(/"[^"\n]*"/g, '""');
    const benign = shape(mermaidOf('text'));
    fc.assert(fc.property(hostile, (text) => expect(shape(mermaidOf(text))).toEqual(benign)));
  });
});

test('a page needs nothing from elsewhere, and no script', () => {
  const html = htmlOf(documentOf('text'));
  expect(html).not.toMatch(/<script|<link|<img|@import|url\((?!#)|https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
  expect(html).toMatch(/prefers-color-scheme:dark[^]*@media print/);
  expect(html).toMatch(
    /<svg[^>]* role="img" aria-labelledby="cmc-title cmc-about">\n<title id="cmc-title">.*\n<desc id="cmc-about">/,
  );
  expect(html).toContain('<th scope="col">');
});

test('holes stand between angle quotes', () => {
  expect(plain(['s3://', { hole: 'Lake/Bucket' }, '/'])).toBe('s3://‹Lake/Bucket›/');
});

test('a report that cannot be written is told of, and stops nothing', () => {
  const warned = jest.spyOn(process, 'emitWarning').mockImplementation();
  writeReports(() => {
    throw new Error('no template');
  });
  expect(warned).toHaveBeenCalledWith(expect.stringContaining('no template'));
  warned.mockRestore();
});
