import { expect, jest, test } from '@jest/globals';
import { until } from '../support/until.ts';
import { scenes } from './scene.ts';

jest.setTimeout(60_000);

const openScene = scenes();

/** With answers that cost 0.003 USD at most, and about 0.0008. */
const ONE_BY_ONE = ['--concurrency', '1', '--max-tokens', '200'];
const REDO = ['--redo', 'all', ...ONE_BY_ONE];

test('--redo all goes on where the one before was stopped, however it was; nothing is asked twice in one', async () => {
  const scene = await openScene();
  const { workspace, simulator } = scene;
  const words = ['alpha', 'bravo', 'charlie', 'delta', 'echo'];
  for (const word of words) await workspace.drop(`${word}.txt`, word);
  const fails = { kind: 'refusal', document: 'bravo' } as const;
  const redo = (...args: readonly string[]) => scene.once([...REDO, ...args]);
  const requests = () => simulator.billing().reduce((sum, document) => sum + document.requests, 0);
  // Which of them comes first is for the folder to say.
  const hang = ['charlie', 'delta', 'echo'].map((document) => ({ kind: 'hang', document }) as const);
  const hangingAt = async (count: number, signal: NodeJS.Signals) => {
    simulator.setPlan({ faults: [fails, ...hang] });
    const program = scene.startOnce([...REDO, '--grace', '0']);
    await until('the call hangs', async () => requests() === count);
    program.kill(signal);
    await program.exited;
  };

  simulator.setPlan({ faults: [fails] });
  expect((await scene.once(ONE_BY_ONE)).summary).toMatchObject({ succeeded: 4, failed: 1 });

  simulator.setPlan({ faults: [fails, { kind: 'status', status: 401, document: 'charlie' }] });
  const refused = await redo();
  expect(refused.summary).toMatchObject({ stopped: 'account', succeeded: 1, failed: 1, pending: 3 });

  await hangingAt(9, 'SIGINT');
  simulator.setPlan({ faults: [fails] });
  const poor = await redo('--max-cost', '0.0038');
  expect(poor.summary).toMatchObject({ stopped: 'budget', succeeded: 1, skipped: 1, failed: 1, pending: 2 });
  await hangingAt(11, 'SIGKILL');

  simulator.setPlan({ faults: [fails] });
  const last = await redo();
  expect(last.summary).toMatchObject({ succeeded: 2, skipped: 2, failed: 1, reused: 0, attempts: 2 });
  expect(last.stderr).toMatch(
    /Goes on with the --redo all that began .*: what it asked, and would ask the same now, is not asked again/,
  );
  expect(Object.values(scene.calls()).map(({ answered }) => answered)).toEqual([2, 0, 2, 2, 2]);

  // It came to its end: the next one asks all again.
  const next = await redo();
  expect(next.summary).toMatchObject({ succeeded: 4, failed: 1, skipped: 0, reused: 0, attempts: 5 });
  expect(next.stderr).not.toMatch(/Goes on/);
});
