import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { concat, from, ignoreElements, lastValueFrom, Observable, tap, timer } from 'rxjs';
import type { PipelineEvent } from '../../src/domain/events.ts';
import { monotonicClock } from '../../src/lib/clock.ts';
import { createReport, type ReportSettings } from '../../src/report/report.ts';
import { RunningTally } from '../../src/report/running-tally.ts';
import { eventOf, reportSettings, terminal } from './support.ts';

const { queued, started, finished, succeeded, failed } = eventOf;
const noted: PipelineEvent = { type: 'run-noted', level: 'info', message: './watch was made, key sk-secret' };
const story = [noted, queued('a'), started('a'), finished('a'), succeeded('a'), queued('b'), failed('b')];
const settings = { ...reportSettings, clock: monotonicClock };

/** What a report says while the story goes on. */
function tell(report: ReturnType<typeof createReport>, events: Observable<PipelineEvent> = from(story)): Promise<null> {
  const tally = new RunningTally(monotonicClock);
  const counted = events.pipe(tap((event) => tally.count(event)));
  return lastValueFrom(report.present(counted, tally), { defaultValue: null });
}

describe('on a terminal', () => {
  test('tells people what happens', async () => {
    const { stream, written } = terminal();
    const report = createReport({ ...settings, stderr: stream, environment: {} });
    await tell(report, concat(from(story), timer(200).pipe(ignoreElements())));
    const text = written();
    expect(text).toContain('./watch was made, key [redacted]\n');
    expect(text).toContain('\u001B[31mb: failed: it was refused\u001B[39m\n');
    expect(text).toContain('answered a.md, 3.0 s, $0.5000');
    expect(stripVTControlCharacters(text)).toContain('1 answered  1 failed\n');
  });

  test.each([
    ['NO_COLOR', { NO_COLOR: '1' }, 'b: failed: it was refused\n', true],
    ['CI', { CI: 'true' }, '\u001B[31mb: failed: it was refused\u001B[39m\n', false],
    ['a dumb terminal', { TERM: 'dumb' }, 'b: failed: it was refused\n', false],
  ])('respects %s', async (_, environment, line, live) => {
    const { stream, written } = terminal();
    const events = concat(from(story), timer(200).pipe(ignoreElements()));
    await tell(createReport({ ...settings, stderr: stream, environment }), events);
    const text = written();
    expect(text).toContain(line);
    expect(text.includes('1 answered')).toBe(live);
  });

  test.each([
    ['--quiet', { quiet: true }, 'b: failed: it was refused\n'],
    ['--log-level silent', { logLevel: 'silent' }, ''],
  ])('with %s there is no progress, no note and no answer', async (_, changes, shown) => {
    const { stream, written } = terminal();
    const report = createReport({ ...settings, ...changes, stderr: stream, environment: { NO_COLOR: '1' } });
    await tell(report);
    expect(written()).toBe(shown);
  });
});

describe('without a terminal', () => {
  let folder: string;
  let fd: number;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-report-'));
    fd = openSync(join(folder, 'stderr'), 'w');
  });
  afterEach(() => {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  });

  const create = (changes: Partial<ReportSettings> = {}) =>
    createReport({ ...settings, stderr: Object.assign(new PassThrough(), { fd }), environment: {}, ...changes });

  test('writes a line of JSON for each event', async () => {
    const report = create();
    await tell(report);
    const lines = readFileSync(join(folder, 'stderr'), 'utf8').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual([
      './watch was made, key [redacted]',
      'answered in 3.0 s: a.md',
      'failed: it was refused',
    ]);
  });

  test('writes lines for people where that is asked for, and JSON into a file beside it', async () => {
    const stream = Object.assign(new PassThrough(), { fd: -1 });
    const report = create({ stderr: stream, logFormat: 'text', logFile: fd, environment: { FORCE_COLOR: '1' } });
    await tell(report);
    expect(
      String(stream.read())
        .replaceAll(/^\d\d:\d\d:\d\d/gm, 'TIME')
        .split('\n'),
    ).toEqual([
      'TIME  ./watch was made, key [redacted]',
      'TIME  \u001B[32manswered a.md, 3.0 s, $0.5000\u001B[39m',
      'TIME  \u001B[31mb: failed: it was refused\u001B[39m',
      '',
    ]);
    const logged = readFileSync(join(folder, 'stderr'), 'utf8').trim().split('\n');
    expect(logged.map((line) => JSON.parse(line).msg)).toEqual([
      './watch was made, key [redacted]',
      'answered in 3.0 s: a.md',
      'failed: it was refused',
    ]);
  });

  test('shows what answers say where lines for people are asked for', async () => {
    const stream = Object.assign(new PassThrough(), { fd: -1 });
    await tell(create({ stderr: stream, logFormat: 'text', textOf: (result) => [`${result} says`, 'sk-secret'] }));
    expect(String(stream.read())).toContain('answered a.md, 3.0 s, $0.5000\n  a.md says\n  [redacted]\n');
  });

  test('the events are subscribed to once, and let go', () => {
    let subscribed = 0;
    let left = 0;
    const events = new Observable<PipelineEvent>(() => {
      subscribed += 1;
      return () => {
        left += 1;
      };
    });
    const subscription = create().present(events, new RunningTally(monotonicClock)).subscribe();
    expect([subscribed, left]).toEqual([1, 0]);
    subscription.unsubscribe();
    expect([subscribed, left]).toEqual([1, 1]);
  });
});
