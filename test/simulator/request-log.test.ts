import { expect, test } from '@jest/globals';
import { profileOf } from '../../src/simulator/profiles.ts';
import { type LoggedRequest, SimulatorState } from '../../src/simulator/state.ts';

test('keeps the last thousand calls, oldest first', () => {
  const state = new SimulatorState({}, profileOf('openrouter'));
  state.log(at(1));
  state.log(at(2));
  expect(state.requests.map((entry) => entry.at)).toEqual([1, 2]);
  for (let time = 3; time <= 1_001; time += 1) state.log(at(time));
  const times = state.requests.map((entry) => entry.at);
  expect([times.length, times[0], times.at(-1)]).toEqual([1_000, 2, 1_001]);
});

function at(time: number): LoggedRequest {
  return { at: time, document: '', attempt: 1, outcome: '', model: '', stream: false, hasKey: false };
}
