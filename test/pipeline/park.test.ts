import { expect, test } from '@jest/globals';
import { of } from 'rxjs';
import type { AskSettings } from '../../src/pipeline/context.ts';
import { ask, comesBack } from '../../src/pipeline/process-document.ts';
import { newWork, type Step } from '../../src/pipeline/work-item.ts';
import { virtualTime } from '../support/virtual-time.ts';
import { document } from './in-memory.ts';
import { portsInMemory, settingsBy } from './ports-in-memory.ts';

const reason = 'the API does not list its models';

/** What becomes of document `a`, of which nobody can tell at the moment how to ask it. */
function stepsOf(settings: Partial<AskSettings>): readonly Step[] {
  const { clock } = virtualTime();
  const ports = portsInMemory(clock, { dialogue: { next: () => of({ kind: 'later', reason }) } });
  const steps: Step[] = [];
  ask(ports, settingsBy(clock, settings))(newWork(document('a'))).subscribe((step) => steps.push(step));
  expect(ports.outbox.reports.size).toBe(0);
  return steps;
}

test('a document that cannot be asked at the moment is left to the next run', () => {
  const steps = stepsOf({ waitsForParked: false });
  expect(steps).toEqual([{ event: { type: 'document-pending', id: 'a', reason, dueAt: null } }]);
});

test('a document that cannot be asked at the moment comes back to a run that waits, and holds no place until then', () => {
  const steps = stepsOf({ waitsForParked: true });
  expect(steps).toMatchObject([{ event: { type: 'document-pending', id: 'a', reason, dueAt: expect.any(Number) } }]);
  expect(steps.map(comesBack)).toMatchObject([{ item: { document: { id: 'a' } }, after: 90_000 }]);
});
