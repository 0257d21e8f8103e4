import { expect, test } from '@jest/globals';
import { type LoggedRequest, RequestLog } from '../../src/simulator/state.ts';

test('keeps the last calls, oldest first', () => {
  const log = new RequestLog(3);
  log.add(at(1));
  log.add(at(2));
  expect(log.list().map((entry) => entry.at)).toEqual([1, 2]);
  log.add(at(3));
  log.add(at(4));
  expect(log.list().map((entry) => entry.at)).toEqual([2, 3, 4]);
});

function at(time: number): LoggedRequest {
  return { at: time, document: '', attempt: 1, outcome: '', model: '', stream: false, hasKey: false };
}
