import { describe, expect, test } from '@jest/globals';
import { DiskError, StoppedError } from '../../src/domain/errors.ts';
import { Signal } from '../../src/lib/signal.ts';
import { DiskRetry } from '../../src/pipeline/disk-retry.ts';
import { promiseTime } from '../support/virtual-time.ts';

/** A filing that the disk refuses so many times before it takes it. */
function refused(times: number): () => Promise<string> {
  let left = times;
  return async () => {
    left -= 1;
    if (left >= 0) throw new DiskError('no space left');
    return 'filed';
  };
}

function scene() {
  const log: string[] = [];
  const time = promiseTime();
  const note = (what: string) => void log.push(`${time.clock.now()} ${what}`);
  const cutting = new Signal();
  const gate = { pause: () => note('pause'), resume: () => note('resume') };
  const disk = new DiskRetry(gate, time.clock, cutting);
  /** Notes what an action comes to. */
  const watch = (action: () => unknown, end?: Signal): void => {
    disk.untilOk(action, end).then(
      (value) => note(String(value)),
      (error: unknown) => note(error instanceof StoppedError ? 'stopped' : String(error)),
    );
  };
  return { log, time, cutting, disk, watch };
}

describe('DiskRetry', () => {
  test('tries again each second until the disk takes it, and pauses meanwhile', async () => {
    const { log, time, watch } = scene();
    watch(refused(2));
    await time.play();
    expect(log).toEqual(['0 pause', '1000 pause', '2000 resume', '2000 filed']);
  });

  test('pauses nothing where the disk takes it at once', async () => {
    const { log, time, watch } = scene();
    watch(refused(0));
    await time.play();
    expect(log).toEqual(['0 filed']);
  });

  test('lets calls start again only when nothing is refused any more', async () => {
    const { log, time, watch } = scene();
    watch(refused(1));
    watch(refused(3));
    watch(refused(0));
    await time.play();
    expect(log.filter((line) => line.endsWith('filed'))).toEqual(['0 filed', '1000 filed', '3000 filed']);
    expect(log.filter((line) => line.endsWith('resume'))).toEqual(['3000 resume']);
  });

  test('gives up when the run is cut off, and then nothing shows that the disk is well', async () => {
    const { log, time, cutting, watch } = scene();
    watch(refused(1000));
    time.schedule(() => cutting.fire(), 1500);
    await time.play();
    expect(log).toEqual(['0 pause', '1000 pause', '1500 stopped']);
  });

  test('gives up when another end comes that it was given', async () => {
    const { log, time, watch } = scene();
    const end = new Signal();
    watch(refused(1000), end);
    time.schedule(() => end.fire(), 500);
    await time.play();
    expect(log).toEqual(['0 pause', '500 stopped']);
  });

  test('what was given up keeps no other from letting calls start again', async () => {
    const { log, time, watch } = scene();
    const end = new Signal();
    watch(refused(1000), end);
    watch(refused(2));
    time.schedule(() => end.fire(), 500);
    await time.play();
    expect(log.filter((line) => !line.endsWith('pause'))).toEqual(['500 stopped', '2000 resume', '2000 filed']);
  });

  test.each([
    ['at first', 0, ['0 TypeError: bug']],
    ['after the disk refused', 1, ['0 pause', '1000 resume', '1000 TypeError: bug']],
  ])('passes on an error that is not of the disk, %s', async (_, refusals, expected) => {
    const { log, time, watch } = scene();
    const act = refused(refusals);
    watch(() => act().then(() => Promise.reject(new TypeError('bug'))));
    await time.play();
    expect(log).toEqual(expected);
  });

  test('repeats a look that throws as well', async () => {
    const { log, time, watch } = scene();
    let left = 1;
    watch(() => {
      left -= 1;
      if (left >= 0) throw new DiskError('the outbox is gone');
      return 'seen';
    });
    await time.play();
    expect(log).toEqual(['0 pause', '1000 resume', '1000 seen']);
  });

  test('says that it was stopped for what the run can end without, and passes other errors on', async () => {
    const { time, cutting, disk } = scene();
    const stopped = disk.untilOkOrStopped(refused(3));
    const failed = disk.untilOkOrStopped(() => Promise.reject(new RangeError('a bug'))).catch(String);
    time.clock.scheduler.schedule(() => cutting.fire(), 1500);
    await time.play();
    expect(await Promise.all([stopped, failed, disk.untilOkOrStopped(refused(0))])).toEqual([
      'stopped',
      'RangeError: a bug',
      'filed',
    ]);
  });
});
