/** Charts bring their own background, so that they can be read on a light page and on a dark one. */
const STYLE = `
  text { font: 13px system-ui, sans-serif; }
  .title { font-weight: 600; font-size: 15px; }
  .end { text-anchor: end; }
  .middle { text-anchor: middle; }
  .line { fill: none; stroke-width: 2; }
  .dashed { stroke-dasharray: 6 4; }
  .mark { stroke-dasharray: 2 4; }
  ${paint({ ground: '#ffffff', ink: '#1f2328', faint: '#59636e', grid: '#d1d9e0', series: ['#0969da', '#8c959f', '#cf222e'] })}
  @media (prefers-color-scheme: dark) {
  ${paint({ ground: '#0d1117', ink: '#e6edf3', faint: '#9198a1', grid: '#30363d', series: ['#58a6ff', '#6e7681', '#ff7b72'] })}
  }`;

/** Rules for the classes that have a colour: `fill0` and `stroke0` are those of the first series. */
function paint({ ground, ink, faint, grid, series }) {
  return [
    `.ground { fill: ${ground}; }`,
    `text { fill: ${ink}; }`,
    `.faint { fill: ${faint}; }`,
    `.grid { stroke: ${grid}; }`,
    `.mark { stroke: ${faint}; }`,
    ...series.map((colour, index) => `.fill${index} { fill: ${colour}; } .stroke${index} { stroke: ${colour}; }`),
  ].join('\n  ');
}

export const WIDTH = 760;

/** Text as it may stand in XML. */
export function escaped(text) {
  return String(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

export function label(x, y, text, classes = '') {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" class="${classes}">${escaped(text)}</text>`;
}

/** A whole drawing, `WIDTH` wide, with its title at the top (40 units). */
export function drawing(height, title, parts) {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">`,
    `<style>${STYLE}\n</style>`,
    `<rect class="ground" width="${WIDTH}" height="${height}" rx="8"/>`,
    label(20, 28, title, 'title'),
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}
