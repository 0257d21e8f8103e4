import { expect, test } from '@jest/globals';
import { createScreen, writeText } from '../../src/report/screen.ts';
import { terminal } from './support.ts';

test('lines stay, and the block is drawn over below them', () => {
  const { stream, written } = terminal();
  const screen = createScreen(stream, true);
  screen.draw([], ['one']);
  expect(written()).toContain('one\n');
  screen.draw(['kept'], ['two']);
  const text = written();
  const [erased, kept, two] = ['\u001B[2K', 'kept\n', 'two\n'].map((part) => text.indexOf(part));
  expect([erased, kept, two]).toEqual([erased, kept, two].toSorted((one = 0, other = 0) => one - other));
  expect(erased).toBeGreaterThanOrEqual(0);
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
