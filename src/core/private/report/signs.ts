import type { Role } from './model';

/** What tells roles apart where colours do not: drawn in 24 × 24. */
export const SIGNS: { readonly [role in Role]: string } = {
  data: '<ellipse cx="12" cy="5.5" rx="8" ry="3.2"/><path d="M4 5.5v13c0 1.8 3.6 3.2 8 3.2s8-1.4 8-3.2v-13M4 12c0 1.8 3.6 3.2 8 3.2s8-1.4 8-3.2"/>',
  compute:
    '<rect x="5" y="5" width="14" height="14" rx="2.5"/><rect x="9.5" y="9.5" width="5" height="5" rx="1"/><path d="M9 5V2M15 5V2M9 22v-3M15 22v-3M5 9H2M5 15H2M22 9h-3M22 15h-3"/>',
  serving:
    '<circle cx="6" cy="12" r="3"/><path d="M9 12h12M17 8l4 4-4 4M6 4.5A7.5 7.5 0 0 1 12 8M6 19.5a7.5 7.5 0 0 0 6-3.5"/>',
  security:
    '<rect x="4.5" y="10.5" width="15" height="10.5" rx="2.5"/><path d="M8 10.5V7a4 4 0 0 1 8 0v3.5M12 14.5v2.5"/>',
  network:
    '<circle cx="12" cy="4.5" r="2.5"/><circle cx="4.8" cy="18.5" r="2.5"/><circle cx="19.2" cy="18.5" r="2.5"/><path d="M10.8 6.8 6 16.2M13.2 6.8 18 16.2M7.4 18.5h9.2"/>',
  other:
    '<rect x="4" y="4" width="7" height="7" rx="1.5"/><rect x="13" y="13" width="7" height="7" rx="1.5"/><path d="M15 4.5h5v5M9 19.5H4v-5"/>',
};

const HUES: {
  readonly [role in Role]: readonly [light: string, fill: string, dark: string, darkFill: string];
} = {
  data: ['#1f6296', '#eef5fb', '#7cb8e6', '#16283a'],
  compute: ['#a4560f', '#fdf4ea', '#e8a868', '#33251a'],
  serving: ['#1d6f4c', '#ecf7f1', '#6fc79d', '#152d24'],
  security: ['#6d45a0', '#f4effa', '#bb9ce6', '#291f3a'],
  network: ['#0f6c74', '#eaf6f7', '#6cc3cb', '#132d30'],
  other: ['#5a6472', '#f3f5f7', '#a9b3c1', '#232930'],
};

const hues = (ink: 0 | 2, fill: 1 | 3) =>
  Object.entries(HUES)
    .map(([role, hue]) => `.cmc-picture .cmc-${role}{--ink:${hue[ink]};--fill:${hue[fill]}}`)
    .join('');

const LIGHT = `.cmc-picture{--text:#1c2430;--soft:#566173;--line:#66748a;--key:#8461b8;--logs:#8a94a3;--band:#fafbfc;--edge:#d5dbe3;--page:#fff}${hues(0, 1)}`;
const DARK = `.cmc-picture{--text:#e8edf3;--soft:#a5b0bf;--line:#93a1b5;--key:#a88bd9;--logs:#7f8a99;--band:#171c23;--edge:#343d49;--page:#0f1318}${hues(2, 3)}`;

const SANS = 'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif';
const MONO = 'ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace';

/** The picture's own style: it is the same within a page and alone, and follows the reader's choice of light or dark. */
export const PICTURE_STYLE = [
  LIGHT,
  `@media(prefers-color-scheme:dark){${DARK}}`,
  `@media print{${LIGHT}}`,
  `.cmc-picture{font:12px ${SANS};background:var(--page)}`,
  '.cmc-picture text{fill:var(--text)}',
  '.cmc-band rect{fill:var(--band);stroke:var(--edge)}',
  '.cmc-band text{font-size:14px;font-weight:600;letter-spacing:.01em}',
  '.cmc-elsewhere rect{stroke-dasharray:5 4}.cmc-elsewhere text{fill:var(--soft);font-weight:500}',
  '.cmc-area rect{fill:none;stroke:var(--edge);stroke-width:1.5}.cmc-area text{fill:var(--soft)}',
  '.cmc-box>rect{fill:var(--fill);stroke:var(--ink);stroke-width:1.2}.cmc-foreign>rect{fill:var(--page);stroke-dasharray:4 3}',
  '.cmc-sign{fill:none;stroke:var(--ink);stroke-width:1.6;stroke-linecap:round;stroke-linejoin:round}',
  '.cmc-picture .cmc-name{font-size:15px;font-weight:650}.cmc-picture .cmc-kind{fill:var(--soft)}',
  `.cmc-picture .cmc-type{font:11px ${MONO};fill:var(--soft)}`,
  '.cmc-rule{stroke:var(--ink);opacity:.25}',
  '.cmc-arrow path{fill:none;stroke-width:1.4}.cmc-loud path{stroke:var(--line)}',
  '.cmc-arrow.cmc-key path{stroke:var(--key);stroke-dasharray:5 3.5;stroke-width:1.1}',
  '.cmc-arrow.cmc-logs path{stroke:var(--logs);stroke-dasharray:1.5 3;stroke-width:1.2}',
  'marker.cmc-loud path{fill:var(--line);stroke:none}marker.cmc-key path{fill:var(--key)}marker.cmc-logs path{fill:var(--logs)}',
  '.cmc-label rect{fill:var(--band)}.cmc-label text{font-size:11.5px;text-anchor:middle}',
  '.cmc-picture .cmc-legend text{fill:var(--soft)}',
].join('\n');
