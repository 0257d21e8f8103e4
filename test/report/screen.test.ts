import { expect, test } from '@jest/globals';
import { createScreen, writeText } from '../../src/report/screen.ts';
import { terminal } from './support.ts';

// oxlint-disable-next-line no-control-regex -- the sequences of a terminal
const SHOWS = /\u001B\[(\d+)A|\u001B\[J|\u001B\[\?2026[hl]|[^]/g;

/** What a terminal shows of what was written: its rows, the cursor in the last row that it may go up from. */
class Shown {
  #rows = [''];
  #row = 0;
  readonly #height: number;

  constructor(height: number) {
    this.#height = height;
  }

  write(text: string): void {
    for (const [part, up] of text.matchAll(SHOWS)) {
      const top = Math.max(0, this.#rows.length - this.#height);
      if (up !== undefined) this.#row = Math.max(top, this.#row - Number(up));
      else if (part === '\u001B[J') this.#rows = [...this.#rows.slice(0, this.#row), ''];
      else if (part === '\n') {
        this.#row += 1;
        this.#rows[this.#row] ??= '';
      } else if (!part.startsWith('\u001B') && part !== '\r') this.#rows[this.#row] += part;
    }
  }

  /** As terminals do that break what is too wide now. */
  narrow(width: number): void {
    this.#rows = this.#rows.flatMap((row) => row.match(new RegExp(`.{1,${width}}`, 'g')) ?? ['']);
    this.#row = this.#rows.length - 1;
  }

  get rows(): readonly string[] {
    return this.#rows.slice(0, -1);
  }
}

test('lines stay, and the block is drawn over below them', () => {
  const { stream, written } = terminal();
  const screen = createScreen(stream, true);
  const shown = new Shown(6);
  const kept = Array.from({ length: 9 }, (_, index) => `kept ${index}`);
  const frames = [
    ['bar', 'keys'],
    ['bar', 'calls', 'keys'],
    ['bar', 'calls', 'waits', 'keys'],
    ['bar', 'waits', 'keys'],
    ['wide', 'keys'],
    ['bar'],
  ];
  for (const line of kept) {
    screen.draw([line], frames[0] ?? []);
    for (const frame of frames) {
      screen.draw([], frame);
      shown.write(written());
      expect(shown.rows).toEqual([...kept.slice(0, kept.indexOf(line) + 1), ...frame]);
    }
  }
  screen.clear();
  shown.write(written());
  expect(shown.rows).toEqual(kept);
});

test('nothing of the block stays when the terminal becomes narrower', () => {
  const { stream, written } = terminal(40);
  const screen = createScreen(stream, true);
  const shown = new Shown(20);
  screen.draw(['kept'], ['a line of thirty columns to go', 'keys']);
  shown.write(written());
  stream.columns = 12;
  shown.narrow(12);
  screen.draw(['more'], ['bar', 'keys']);
  shown.write(written());
  expect(shown.rows).toEqual(['kept', 'more', 'bar', 'keys']);
});

test('a block that is higher than the terminal is cut at its top; one that did not change is not written again', () => {
  const { stream, written } = terminal();
  stream.rows = 3;
  const screen = createScreen(stream, true);
  screen.draw([], ['one', 'two', 'three']);
  expect(written()).toMatch(/h(two\nthree\n)/);
  screen.draw([], ['one', 'two', 'three']);
  expect(written()).toBe('');
});

test('more lines than the terminal is high are all printed', () => {
  const { stream, written } = terminal();
  const lines = Array.from({ length: 120 }, (_, index) => `line ${index}.`);
  createScreen(stream, true).draw(lines, ['block']);
  const text = written();
  expect(lines.filter((line) => !text.includes(line))).toEqual([]);
});

test('without a live block only the lines are written', () => {
  const { stream, written } = terminal();
  createScreen(stream, false).draw(['kept'], ['block']);
  expect(written()).toBe('kept\n');
});

test('a terminal that went away is no error', () => {
  const { stream } = terminal();
  const screen = createScreen(stream, true);
  expect(() => stream.emit('error', Object.assign(new Error('write EIO'), { code: 'EIO' }))).not.toThrow();
  expect(() => screen.leave()).not.toThrow();
});

test('its width follows the terminal', () => {
  const { stream } = terminal(100);
  const screen = createScreen(stream, true);
  stream.columns = 40;
  expect(screen.width).toBe(40);
});

test('a terminal that claims to have no columns is taken for one of 80', () => {
  expect(createScreen(terminal(0).stream, true).width).toBe(80);
});

test('a text is broken between words on a terminal, as deep as a line begins, and nowhere else', () => {
  const { stream, written } = terminal();
  const text = ['one two three', '  four five six', '', '    sluice --root papers'].join('\n');
  writeText(Object.assign(stream, { isTTY: true, columns: 12 }), text);
  expect(written()).toBe('one two\nthree\n  four five\n  six\n\n    sluice --root papers\n');
  const other = terminal();
  writeText(Object.assign(other.stream, { isTTY: false, columns: 12 }), text);
  expect(other.written()).toBe(`${text}\n`);
});
