import { cut, oneLine, xml } from './escape';
import { Layout, layOut, Point, Rectangle } from './layout';
import { Part, Role, sizeOf } from './model';
import { Quiet, Scene, SceneArrow, sentencesOf } from './scene';
import { PICTURE_STYLE, SIGNS } from './signs';

const BOX_HEIGHT = 88;
const LONGEST = { name: 26, kind: 42, type: 40 };
/** How wide a character is at most, in pixels. */
const CHARACTER = { name: 8.7, small: 6.9, type: 6.7, label: 6.4 };
const LEGEND = { height: 58, item: 30 };

/** Draws a scene as SVG, for a page of its own or within HTML. */
export function svgOf(scene: Scene): string {
  const legend = legendOf(scene);
  const layout = layOut(
    scene.boxes.map(({ part, band, area }) => ({
      id: part.id,
      width: widthOf(part),
      height: BOX_HEIGHT,
      band,
      area,
    })),
    scene.arrows.map(({ from, to, label, quiet }) => ({
      from: from.id,
      to: to.id,
      ...(!quiet && { label: { width: label.length * CHARACTER.label + 16, height: 18 } }),
    })),
    legend.width,
  );
  const width = Math.ceil(layout.width);
  const height = Math.ceil(layout.height + LEGEND.height);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="cmc-picture" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="cmc-title cmc-about">`,
    `<title id="cmc-title">${xml(oneLine(scene.title))}</title>`,
    `<desc id="cmc-about">${xml(oneLine(`${sentencesOf(scene).join('. ')}.`))}</desc>`,
    `<style>${PICTURE_STYLE}</style>`,
    HEADS,
    ...scene.bands.map(({ name, own }, i) => bandOf(name, own, layout.bands[i])),
    ...[...layout.areas].map(([id, area]) =>
      areaOf(scene.boxes.find(({ part }) => part.id === id)!.part, area),
    ),
    ...scene.arrows.map((arrow, i) => arrowOf(arrow, layout.arrows[i])),
    ...scene.boxes.map(({ part, band }) => boxOf(part, scene.bands[band].own, layout.boxes.get(part.id)!)),
    ...scene.arrows.map((arrow, i) => labelOf(arrow, layout.arrows[i].label)),
    `<g class="cmc-legend" transform="translate(0 ${layout.height + 32})">${legend.svg}</g>`,
    '</svg>',
  ].join('\n');
}

/** A native type without what all of its cloud have. */
export const shortType = (type: string): string =>
  type.replace(/^(AWS::|google_|azurerm_|Microsoft\.)/, '').replace(/^.*?\/(?=[^/]*\/[^/]*$)/, '');

const mainOf = ({ main, counts }: Part) => `${counts[0][1]} × ${shortType(main)}`;

const resources = (count: number) => `${count} resource${count === 1 ? '' : 's'}`;

/** What a box says below its name. */
const subtitleOf = (part: Part) => [part.kind, resources(sizeOf(part))].filter(Boolean).join(' · ');

function widthOf(part: Part): number {
  const needs = [
    44 + cut(part.name, LONGEST.name).length * CHARACTER.name,
    44 + cut(subtitleOf(part), LONGEST.kind).length * CHARACTER.small,
    cut(mainOf(part), LONGEST.type).length * CHARACTER.type,
  ];
  return Math.round(Math.max(168, ...needs.map((need) => need + 32)));
}

const at = ({ x, y, width, height }: Rectangle) =>
  `x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"`;

const round = (value: number) => Math.round(value * 10) / 10;

const bandOf = (name: string, own: boolean, place: Rectangle) =>
  `<g class="cmc-band${own ? '' : ' cmc-elsewhere'}"><rect ${at(place)} rx="14"/><text x="${place.x + 20}" y="${place.y + 27}">${xml(cut(name, 60))}</text></g>`;

const areaOf = (network: Part, place: Rectangle) =>
  `<g class="cmc-area"><rect ${at(place)} rx="12"/><text x="${round(place.x + 14)}" y="${round(place.y + 20)}">in ${xml(cut(network.name, 40))}</text></g>`;

function boxOf(part: Part, own: boolean, place: Rectangle): string {
  const { x, y } = { x: round(place.x), y: round(place.y) };
  return [
    `<g class="cmc-box cmc-${part.role}${own ? '' : ' cmc-foreign'}" data-part="${xml(part.id)}"><title>${xml(oneLine(titleOf(part)))}</title>`,
    `<rect ${at(place)} rx="10"/>`,
    `<g class="cmc-sign" transform="translate(${x + 14} ${y + 15})">${SIGNS[part.role]}</g>`,
    `<text class="cmc-name" x="${x + 46}" y="${y + 26}">${xml(cut(part.name, LONGEST.name))}</text>`,
    `<text class="cmc-kind" x="${x + 46}" y="${y + 43}">${xml(cut(subtitleOf(part), LONGEST.kind))}</text>`,
    `<path class="cmc-rule" d="M${x + 14} ${y + 55.5}H${round(x + place.width - 14)}"/>`,
    `<text class="cmc-type" x="${x + 14}" y="${y + 74}">${xml(cut(mainOf(part), LONGEST.type))}</text>`,
    '</g>',
  ].join('');
}

const titleOf = (part: Part) =>
  `${part.id}: ${part.counts.map(([type, count]) => `${count} × ${type}`).join(', ')}`;

const styleOf = ({ quiet }: SceneArrow) => (quiet ? QUIET[quiet] : 'cmc-loud');

const QUIET: { readonly [quiet in Quiet]: string } = { key: 'cmc-key', logs: 'cmc-logs' };

function arrowOf(arrow: SceneArrow, { points }: Layout['arrows'][number]): string {
  const { from, to, label } = arrow;
  return `<g class="cmc-arrow ${styleOf(arrow)}" data-from="${xml(from.id)}" data-to="${xml(to.id)}"><title>${xml(oneLine(`${from.id} ${label} ${to.id}`))}</title><path d="${curveOf(points)}" marker-end="url(#${styleOf(arrow)})"/></g>`;
}

/** Upright at every point, so that arrows leave and reach boxes at right angles. */
function curveOf([first, ...rest]: readonly Point[]): string {
  let from = first;
  const steps = rest.map((to) => {
    const middle = round((from.y + to.y) / 2);
    const step =
      from.x === to.x
        ? `V${round(to.y)}`
        : `C${round(from.x)} ${middle} ${round(to.x)} ${middle} ${round(to.x)} ${round(to.y)}`;
    from = to;
    return step;
  });
  return `M${round(first.x)} ${round(first.y)}${steps.join('')}`;
}

function labelOf({ label }: SceneArrow, point: Point | undefined): string {
  if (!point) {
    return '';
  }
  const width = label.length * CHARACTER.label + 8;
  const place = { x: point.x - width / 2, y: point.y - 9, width, height: 18 };
  return `<g class="cmc-label"><rect ${at(place)} rx="4"/><text x="${round(point.x)}" y="${round(point.y + 4)}">${xml(label)}</text></g>`;
}

const HEADS = `<defs>${['cmc-loud', ...Object.values(QUIET)]
  .map(
    (name) =>
      `<marker id="${name}" class="${name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 .5 8 4 0 7.5z"/></marker>`,
  )
  .join('')}</defs>`;

const ROLES: { readonly [role in Role]: string } = {
  data: 'keeps data',
  compute: 'computes',
  serving: 'serves',
  security: 'protects',
  network: 'connects',
  other: 'other',
};

const LINES: { readonly [quiet in Quiet]: string } = { key: 'encryption key', logs: 'logs' };

/** What the colours, signs and fine arrows mean that are in the picture. */
function legendOf({ boxes, arrows }: Scene): { svg: string; width: number } {
  let x = 20;
  const place = (text: string, sign: (x: number) => string) => {
    const item = `${sign(x)}<text x="${round(x + LEGEND.item)}" y="4">${text}</text>`;
    x += LEGEND.item + text.length * CHARACTER.small + 18;
    return item;
  };
  const roles = (Object.keys(ROLES) as Role[]).filter((role) => boxes.some(({ part }) => part.role === role));
  const lines = (Object.keys(QUIET) as Quiet[]).filter((quiet) =>
    arrows.some((arrow) => arrow.quiet === quiet),
  );
  const items = [
    ...roles.map((role) =>
      place(
        ROLES[role],
        (left) =>
          `<g class="cmc-${role}"><g class="cmc-sign" transform="translate(${round(left)} -11) scale(.92)">${SIGNS[role]}</g></g>`,
      ),
    ),
    ...lines.map((quiet) =>
      place(
        LINES[quiet],
        (left) =>
          `<g class="cmc-arrow ${QUIET[quiet]}"><path d="M${round(left - 6)} 0h28" marker-end="url(#${QUIET[quiet]})"/></g>`,
      ),
    ),
  ];
  return { svg: items.join(''), width: x };
}
