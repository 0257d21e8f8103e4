import { expect, jest, test } from '@jest/globals';
import { onceOver, requestsOf, setTheStage } from './stage.ts';

jest.setTimeout(60_000);

const stage = setTheStage();

/** Two calls a second. What calls may differ by on their way is left out. */
const RPM = ['--rpm', '120', '--concurrency', '10'];
const SHORTEST_GAP_MS = 400;

test('--rpm spreads calls evenly from the first one on, and a restart goes on where the run before it stopped', async () => {
  const workspace = await stage.workspace();
  const simulator = await stage.simulator();
  for (const name of ['a', 'b', 'c', 'd']) await workspace.drop(name);
  const first = await stage.run(onceOver(workspace, simulator, ...RPM));
  for (const name of ['e', 'f']) await workspace.drop(name);
  const second = await stage.run(onceOver(workspace, simulator, ...RPM));

  expect([first.code, second.code]).toEqual([0, 0]);
  const moments = (await requestsOf(simulator)).map(({ at }) => at);
  const gaps = moments.slice(1).map((moment, index) => moment - (moments[index] ?? 0));
  expect(gaps).toHaveLength(5);
  expect(Math.min(...gaps)).toBeGreaterThan(SHORTEST_GAP_MS);
  expect(first.stderr).toContain('at most 120 calls a minute');
});
