import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { from, lastValueFrom } from 'rxjs';
import type { PipelineEvent } from '../../src/domain/events.ts';
import { createLog } from '../../src/report/log.ts';
import { tell } from '../../src/report/reduce-tally.ts';
import { tellOf, virtualClock } from './support.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What a log of `level` writes of `events`, line by line. */
async function logged(
  level: string,
  events: PipelineEvent[],
  secrets: string[] = [],
): Promise<Record<string, unknown>[]> {
  const path = join(folder, 'log');
  const fd = openSync(path, 'w');
  const log = createLog({ fd, level, secrets });
  await lastValueFrom(from(events).pipe(tell(virtualClock()), log.follow), { defaultValue: null });
  closeSync(fd);
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

test('every event is a line with level, time, words and the document', async () => {
  const [line] = await logged('info', [tellOf.failed('q1/a.md')]);
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
  tellOf.skipped('a'),
  tellOf.queued('b'),
  tellOf.started('b'),
  tellOf.finished('b'),
  tellOf.succeeded('b'),
  tellOf.failed('c'),
  { type: 'gate-paused', scope: 'account', reason: 'key refused' },
];

test.each([
  ['debug', ['info', 'debug', 'debug', 'debug', 'debug', 'info', 'warn', 'error']],
  ['info', ['info', 'info', 'warn', 'error']],
  ['warn', ['warn', 'error']],
  ['error', ['error']],
  ['silent', []],
])('--log-level %s', async (level, expected) => {
  expect((await logged(level, story)).map((line) => line['level'])).toEqual(expected);
});

test("a note's own level and words are the line's", async () => {
  const lines = await logged('info', [{ type: 'run-noted', level: 'warn', message: 'look here' }]);
  expect(lines).toEqual([expect.objectContaining({ level: 'warn', event: 'run-noted', msg: 'look here' })]);
});

test('a key never stands in a line, whatever brought it there', async () => {
  const [line] = await logged('info', [tellOf.failed('sk-secret.md', { reason: 'bad key sk-secret' })], ['sk-secret']);
  expect(JSON.stringify(line)).not.toContain('sk-secret');
  expect(line).toMatchObject({ document: '[redacted].md', reason: 'bad key [redacted]' });
});

test('a reader that went away does not end the program', async () => {
  const path = join(folder, 'pipe');
  execFileSync('sh', ['-c', 'mkfifo "$0"', path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, 'w');
  const log = createLog({ fd: writer, level: 'info', secrets: [] });
  log.note('heard');
  const heard = Buffer.alloc(1000);
  readSync(reader, heard);
  expect(String(heard)).toContain('"msg":"heard"');
  closeSync(reader);
  expect(() => {
    log.note('not heard');
    log.note('nor this');
  }).not.toThrow();
  closeSync(writer);
});
