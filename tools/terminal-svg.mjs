// An animated SVG of what a terminal showed: its screen is worked out from what was written to it, each frame once, and the
// frames are shown one after another at the times at which they were there.

const PALETTE = ['#6e7681', '#ff7b72', '#7ee787', '#e3b341', '#79c0ff', '#d2a8ff', '#76e3ea', '#e6edf3'];
const WIDTH_OF_CHARACTER = 8.4;
const HEIGHT_OF_LINE = 18;
const MARGIN = 12;

/** The screen of a terminal. What it does not know is an error: a picture that is wrong must not be made. */
export class Screen {
  #columns;
  #rows;
  #lines;
  #row = 0;
  #column = 0;
  #style = '';
  #hasCursor = true;

  constructor({ columns, rows }) {
    this.#columns = columns;
    this.#rows = rows;
    this.#lines = Array.from({ length: rows }, () => []);
  }

  write(text) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control sequences are what this reads
    for (const [part, marks, numbers, command] of text.matchAll(/\x1b\[([?>=]?)([\d;]*)([A-Za-z])|\x1b\][^\x07]*\x07|[\s\S]/gu))
      if (command) this.#obey(command, marks, numbers);
      else if (!part.startsWith('\x1b]')) this.#put(part);
  }

  /** What stands there now: of each line its pieces of one style, and the cursor. */
  frame() {
    const lines = this.#lines.map((cells) => {
      const pieces = [];
      for (const { character, style } of Array.from(cells, (cell) => cell ?? { character: ' ', style: '' })) {
        if (pieces.at(-1)?.style === style) pieces.at(-1).text += character;
        else pieces.push({ style, text: character });
      }
      return pieces;
    });
    return { lines, cursor: this.#hasCursor ? [this.#column, this.#row] : null };
  }

  #put(character) {
    if (character === '\r') this.#column = 0;
    else if (character === '\n') this.#down();
    else if (character === '\b') this.#column = Math.max(0, this.#column - 1);
    else if (character < ' ' && character !== '\x07') throw new Error(`the terminal was sent ${JSON.stringify(character)}`);
    else if (character !== '\x07') {
      if (this.#column === this.#columns) {
        this.#column = 0;
        this.#down();
      }
      this.#lines[this.#row][this.#column] = { character, style: this.#style };
      this.#column += 1;
    }
  }

  #down() {
    if (this.#row < this.#rows - 1) this.#row += 1;
    else this.#lines = [...this.#lines.slice(1), []];
  }

  #obey(command, mark, numbers) {
    const [first = 0] = numbers.split(';').map(Number);
    const line = this.#lines[this.#row];
    if (mark === '?') {
      if (first === 25) this.#hasCursor = command === 'h';
    } else if (command === 'm') this.#paint(numbers.split(';').map(Number));
    else if (command === 'A') this.#row = Math.max(0, this.#row - (first || 1));
    else if (command === 'B') this.#row = Math.min(this.#rows - 1, this.#row + (first || 1));
    else if (command === 'C') this.#column = Math.min(this.#columns - 1, this.#column + (first || 1));
    else if (command === 'D') this.#column = Math.max(0, this.#column - (first || 1));
    else if (command === 'G') this.#column = (first || 1) - 1;
    else if (command === 'K') this.#lines[this.#row] = first === 2 ? [] : line.slice(0, this.#column);
    else if (command === 'J' && first === 0) {
      this.#lines[this.#row] = line.slice(0, this.#column);
      for (let below = this.#row + 1; below < this.#rows; below += 1) this.#lines[below] = [];
    } else throw new Error(`the terminal was sent ESC[${mark}${numbers}${command}`);
  }

  /** A style is written as the classes of the SVG: `b` bold, `d` dim, `c1` the first colour. */
  #paint(codes) {
    let classes = new Set(this.#style.split(' ').filter(Boolean));
    for (const code of codes) {
      const colour = code >= 90 ? code - 90 : code - 30;
      if (code === 0) classes = new Set();
      else if (code === 1 || code === 2) classes.add(code === 1 ? 'b' : 'd');
      else if (code === 22) classes = new Set([...classes].filter((name) => name.startsWith('c')));
      else if (code === 39 || (colour >= 0 && colour < 8)) {
        classes = new Set([...classes].filter((name) => !name.startsWith('c')));
        if (code !== 39) classes.add(`c${colour}`);
      } else throw new Error(`the terminal was sent ESC[${code}m`);
    }
    this.#style = [...classes].join(' ');
  }
}

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const rounded = (number) => String(Math.round(number * 100) / 100);

function lineSvg(pieces, id) {
  const length = pieces.reduce((sum, { text }) => sum + [...text].length, 0);
  const inside = pieces.map(({ style, text }) => (style ? `<tspan class="${style}">${escaped(text)}</tspan>` : escaped(text)));
  return `<text id="${id}" textLength="${rounded(length * WIDTH_OF_CHARACTER)}">${inside.join('')}</text>`;
}

/** `frames`: what was there, each with the `seconds` since the beginning; the last one stays until `end`. */
export function svgOf(frames, { columns, rows, end, title }) {
  const width = columns * WIDTH_OF_CHARACTER;
  const height = rows * HEIGHT_OF_LINE;
  const lines = new Map();
  const strip = frames.map(({ frame }, index) => {
    const uses = frame.lines.flatMap((pieces, row) => {
      const kept = pieces.map(({ style, text }) => ({ style, text }));
      if (kept.length > 0) kept.at(-1).text = kept.at(-1).text.trimEnd();
      const key = JSON.stringify(kept.filter(({ text }) => text !== ''));
      if (key === '[]') return [];
      if (!lines.has(key)) lines.set(key, `l${lines.size.toString(36)}`);
      return [`<use href="#${lines.get(key)}" y="${row * HEIGHT_OF_LINE}"/>`];
    });
    if (frame.cursor) uses.push(`<use href="#k" x="${rounded(frame.cursor[0] * WIDTH_OF_CHARACTER)}" y="${frame.cursor[1] * HEIGHT_OF_LINE}"/>`);
    return `<g transform="translate(0 ${index * height})">${uses.join('')}</g>`;
  });
  const still = `translateY(-${(frames.length - 1) * height}px)`;
  const steps = frames.map(({ seconds }, index) => `${rounded((seconds / end) * 100)}%{transform:translateY(-${index * height}px)}`);
  const colours = PALETTE.map((colour, index) => `.c${index}{fill:${colour}}`).join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${rounded(width + 2 * MARGIN)} ${height + 2 * MARGIN}" role="img">
<title>${escaped(title)}</title>
<style>text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#e6edf3;white-space:pre}
.b{font-weight:700}.d{fill:#9198a1}${colours}
.s{transform:${still};animation:s ${rounded(end)}s step-end infinite}
@keyframes s{${steps.join('')}to{transform:${still}}}
@media (prefers-reduced-motion:reduce){.s{animation:none}}</style>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<defs>${[...lines].map(([key, id]) => lineSvg(JSON.parse(key), id)).join('\n')}
<rect id="k" width="8" height="16" y="-13" fill="#9198a1"/></defs>
<svg x="${MARGIN}" y="${MARGIN}" width="${rounded(width)}" height="${height}"><g transform="translate(0 14)"><g class="s">${strip.join('\n')}</g></g></svg>
</svg>
`;
}
