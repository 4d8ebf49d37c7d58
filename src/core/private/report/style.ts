const LIGHT =
  ':root{--text:#1c2430;--soft:#566173;--page:#fff;--panel:#f6f8fa;--edge:#dfe4ea;--link:#1f6296;--hole:#8a4b08}';
const DARK =
  ':root{--text:#e8edf3;--soft:#a5b0bf;--page:#0f1318;--panel:#171c23;--edge:#2c343f;--link:#7cb8e6;--hole:#e8a868}';

/** The style of a page: one column of text, light or dark as the reader likes it, and plain on paper. */
export const PAGE_STYLE = `${LIGHT}
@media(prefers-color-scheme:dark){${DARK}}
@media print{${LIGHT}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:76rem;padding:2.5rem 1.5rem 4rem;background:var(--page);color:var(--text);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:break-word}
h1{margin:0;font-size:2rem;line-height:1.2;letter-spacing:-.015em}
h2{margin:3rem 0 .75rem;font-size:1.3rem;letter-spacing:-.01em}
h3{margin:1.5rem 0 .4rem;font-size:1rem}
p{margin:.4rem 0;max-width:72ch}
a{color:var(--link)}
.facts{display:flex;flex-wrap:wrap;gap:.25rem 2.25rem;margin:.9rem 0 0}
.facts dt{font-size:.78rem;color:var(--soft)}
.facts dd{margin:0;font-weight:600}
figure{margin:2rem 0 0}
.wide{overflow-x:auto;border-radius:14px}
.wide svg{display:block;margin:0 auto;max-width:100%;height:auto;min-width:min(100%,46rem)}
figcaption{margin-top:.6rem;font-size:.85rem;color:var(--soft)}
summary{cursor:pointer;color:var(--link);font-size:.88rem;margin:.35rem 0}
ul{margin:.3rem 0;padding-left:1.2rem}
table{width:100%;border-collapse:collapse;font-size:.94rem}
th,td{padding:.55rem .9rem .55rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--edge)}
thead th{font-size:.78rem;font-weight:500;color:var(--soft)}
tbody th{font-weight:600;min-width:9rem}
code,pre{font:.86em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
td code,th code{overflow-wrap:break-word}
pre{margin:.35rem 0;padding:.7rem .9rem;background:var(--panel);border:1px solid var(--edge);border-radius:8px;white-space:pre-wrap;overflow-wrap:anywhere;max-height:22rem;overflow-y:auto}
var{font:.86em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;color:var(--hole)}pre var{font-size:1em}
@media(max-width:44rem){body{padding:1.25rem 1rem 3rem;font-size:15px}h1{font-size:1.6rem}.wide svg{max-width:none;min-width:46rem}thead{position:absolute;clip-path:inset(50%);height:1px;width:1px;overflow:hidden}tr,tbody th,td{display:block}tr{border-bottom:1px solid var(--edge);padding:.6rem 0}tbody th,td{border:0;padding:.1rem 0}td:empty{display:none}td[data-label]::before{content:attr(data-label) ": ";font-size:.78rem;color:var(--soft)}}
@media print{body{max-width:none;padding:0;font-size:10.5pt}pre{max-height:none}section,figure{break-inside:auto}tr,pre,h2,h3{break-inside:avoid}h2,h3{break-after:avoid}.wide svg{max-height:22cm}}`;
