import { describe, expect, test } from '@jest/globals';
import { lastValueFrom, NEVER, of, tap, toArray } from 'rxjs';
import type { Prepared } from '../../src/run/prepare.ts';
import { Reload } from '../../src/run/reload.ts';
import type { ProcessSignal } from '../../src/run/stop.ts';
import { preparedOf } from './support.ts';

/** What a session does with these signals when the configuration is read again as `readings`, one after another. */
async function reloaded(readings: readonly (Prepared | Error)[], ...signals: readonly ProcessSignal[]) {
  const log: string[] = [];
  const left = [...readings];
  const prepareAgain = async (): Promise<Prepared> => {
    const reading = left.shift();
    if (reading === undefined || reading instanceof Error) throw reading ?? new Error('read too often');
    return reading;
  };
  const reload = new Reload(preparedOf(), prepareAgain, () => log.push('scan'));
  const gate = { close: (reason: string) => void log.push(`closed: ${reason}`) };
  const events = reload.on(of(...signals), gate).pipe(
    tap((event) => log.push(event.type === 'run-noted' ? `${event.level}: ${event.message}` : event.type)),
    toArray(),
  );
  await lastValueFrom(events);
  return { log, next: reload.next };
}

describe('SIGHUP', () => {
  test('scans the inbox if the configuration is the same', async () => {
    const { log, next } = await reloaded([preparedOf()], 'SIGHUP');
    expect(log).toEqual([expect.stringMatching(/^info: SIGHUP: .* not changed/), 'scan']);
    expect(next).toBeNull();
  });

  test('says that the configuration changed before it closes the gate, and keeps the new one for what follows', async () => {
    const changed = preparedOf({ model: 'openai/gpt-5' });
    const { log, next } = await reloaded([changed], 'SIGHUP');
    expect(log).toEqual([expect.stringMatching(/^info: SIGHUP: .* changed/), 'closed: reload']);
    expect(next).toBe(changed);
  });

  test('says what is wrong with a configuration that does not hold, and reads it again with the next one', async () => {
    const changed = preparedOf({ model: 'openai/gpt-5' });
    const { log, next } = await reloaded([new Error('--retries takes a number'), changed], 'SIGHUP', 'SIGHUP');
    expect(log[0]).toBe('warn: SIGHUP: the new configuration is not used: --retries takes a number');
    expect(log.at(-1)).toBe('closed: reload');
    expect(next).toBe(changed);
  });
});

test('the configuration that was read last is gone on with, also if that is the one it had', async () => {
  const [changed, reverted] = [preparedOf({ model: 'openai/gpt-5' }), preparedOf()];
  const { next } = await reloaded([changed, reverted], 'SIGHUP', 'SIGHUP');
  expect(next).toBe(reverted);
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s while a session ends for a new one leaves none to follow',
  async (stop) => {
    const { next } = await reloaded([preparedOf({ model: 'openai/gpt-5' })], 'SIGHUP', stop);
    expect(next).toBeNull();
  },
);

describe('a key that is refused', () => {
  const access = { key: 'new', headers: [], proxy: null };

  test.each<readonly [string, readonly (Prepared | Error)[], boolean]>([
    ['is renewed where there is another', [preparedOf({}, { access })], true],
    ['stays where there is none', [preparedOf()], false],
    ['stays where more changed, which nobody asked to be used', [preparedOf({ model: 'm' }, { access })], false],
    ['stays where it cannot be read', [new Error('no program')], false],
  ])('%s', async (_, readings, renewed) => {
    const log: string[] = [];
    const [reading] = readings;
    const prepareAgain = () =>
      reading instanceof Error ? Promise.reject(reading) : Promise.resolve(reading ?? preparedOf());
    const reload = new Reload(preparedOf(), prepareAgain, () => log.push('scan'));
    const gate = { close: (reason: string) => void log.push(`closed: ${reason}`) };
    const heard = reload.on(NEVER, gate).subscribe((event) => log.push(event.type));
    expect(await reload.renewKey(gate)).toBe(renewed);
    heard.unsubscribe();
    expect(log).toEqual(renewed ? ['run-noted', 'closed: reload'] : []);
    expect(reload.next).toBe(renewed ? reading : null);
  });
});
