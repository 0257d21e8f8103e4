import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { PipelineEvent } from '../../src/domain/events.ts';
import { createLog } from '../../src/report/report.ts';
import { eventOf } from './support.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What a log of `level` writes of `events`, line by line. */
function logged(level: string, events: PipelineEvent[], secrets: string[] = []): Record<string, unknown>[] {
  const path = join(folder, 'log');
  const fd = openSync(path, 'w');
  const log = createLog({ fd, level, secrets });
  for (const event of events) log(event);
  closeSync(fd);
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

test('every event is a line with level, time, words and the document', () => {
  const [line] = logged('info', [eventOf.failed('q1/a.md')]);
  expect(line).toEqual({
    level: 'warn',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    event: 'document-failed',
    document: 'q1/a.md',
    code: 'refused',
    reason: 'it was refused',
    report: 'q1/a.md.error.json',
    earlier: false,
    msg: 'failed: it was refused',
  });
});

const story: PipelineEvent[] = [
  { type: 'scan-finished', initial: true, documents: 1, settling: 0, ignored: {}, seconds: 0.1 },
  eventOf.skipped('a'),
  eventOf.queued('b'),
  eventOf.started('b'),
  eventOf.finished('b'),
  eventOf.succeeded('b'),
  eventOf.failed('c'),
  { type: 'gate-paused', scope: 'account', reason: 'key refused' },
];

test.each([
  ['debug', ['info', 'debug', 'debug', 'debug', 'debug', 'info', 'warn', 'error']],
  ['info', ['info', 'info', 'warn', 'error']],
  ['warn', ['warn', 'error']],
  ['error', ['error']],
  ['silent', []],
])('--log-level %s', (level, expected) => {
  expect(logged(level, story).map((line) => line['level'])).toEqual(expected);
});

test('an event that the level holds back is not put into words', () => {
  const unread = {
    type: 'document-pending',
    id: 'a',
    dueAt: null,
    get reason(): string {
      throw new Error('it was put into words');
    },
  } as const;
  expect(() => logged('debug', [unread])).toThrow('it was put into words');
  expect(logged('info', [unread])).toEqual([]);
});

test("a note's own level and words are the line's", () => {
  const lines = logged('info', [{ type: 'run-noted', level: 'warn', message: 'look here' }]);
  expect(lines).toEqual([expect.objectContaining({ level: 'warn', event: 'run-noted', msg: 'look here' })]);
});

test('a key that any local server takes hides no ordinary words', () => {
  const [line] = logged(
    'info',
    [eventOf.failed('disk.md', { reason: 'the disk is full' })],
    ['k', '1', 'test', 'none'],
  );
  expect(line).toMatchObject({ document: 'disk.md', reason: 'the disk is full' });
  expect(JSON.stringify(line)).not.toContain('redacted');
});

test('a key never stands in a line, whatever brought it there', () => {
  const [line] = logged('info', [eventOf.failed('sk-secret.md', { reason: 'bad key sk-secret' })], ['sk-secret']);
  expect(JSON.stringify(line)).not.toContain('sk-secret');
  expect(line).toMatchObject({ document: '[redacted].md', reason: 'bad key [redacted]' });
});

test('a reader that went away does not end the program', async () => {
  const path = join(folder, 'pipe');
  execFileSync('sh', ['-c', 'mkfifo "$0"', path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, 'w');
  const log = createLog({ fd: writer, level: 'info', secrets: [] });
  log({ type: 'run-noted', level: 'info', message: 'heard' });
  const heard = Buffer.alloc(1000);
  readSync(reader, heard);
  expect(String(heard)).toContain('"msg":"heard"');
  closeSync(reader);
  expect(() => {
    log({ type: 'run-noted', level: 'info', message: 'not heard' });
    log({ type: 'run-noted', level: 'info', message: 'nor this' });
  }).not.toThrow();
  closeSync(writer);
});
