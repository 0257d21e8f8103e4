import { describe, expect, test } from '@jest/globals';
import { NEVER, of, Subject } from 'rxjs';
import { DiskError, PathError } from '../../src/domain/errors.ts';
import type { Recipe } from '../../src/domain/recipe.ts';
import { unlessBarred } from '../../src/pipeline/process-document.ts';
import { newWork, type Step } from '../../src/pipeline/work-item.ts';
import { virtualTime } from '../support/virtual-time.ts';
import { document, recipe } from './in-memory.ts';
import { type PortsInMemory, portsInMemory, settingsBy } from './ports-in-memory.ts';

function asSummary() {
  return { name: 'summary', ending: '.md' };
}

const workOn = () => of({ event: { type: 'document-queued', id: 'worked on' } } as const);

/** What becomes of document `a`, and when; `worked on` where it is let through. */
function told(arrange: (ports: PortsInMemory, at: (ms: number, act: () => void) => void) => void): readonly string[] {
  const { scheduler, clock } = virtualTime();
  const ports = portsInMemory(clock);
  const log: string[] = [];
  const note = (what: string) => void log.push(`${scheduler.now()} ${what}`);
  scheduler.run(() => {
    arrange(ports, (ms, act) => scheduler.schedule(act, ms));
    ports.gate.events.subscribe(({ type }) => note(type));
    unlessBarred(
      ports,
      settingsBy(clock),
      workOn,
    )(newWork(document('a'))).subscribe(({ event }) =>
      note('id' in event && event.id === 'worked on' ? event.id : event.type),
    );
  });
  return log;
}

/** An outbox that throws when it is asked for an obstacle, until then. */
const refusing =
  (error: Error, untilMs = 1_000_000) =>
  ({ outbox }: PortsInMemory, at: (ms: number, act: () => void) => void): void => {
    let refuses = true;
    at(untilMs, () => {
      refuses = false;
    });
    Object.assign(outbox, {
      obstacle: () => {
        if (refuses) throw error;
        return null;
      },
    });
  };

describe('a document', () => {
  test('with a place for its result is worked on', () => {
    expect(told(() => undefined)).toEqual(['0 worked on']);
  });

  test('without one fails at once, with a report, and pauses nothing', () => {
    let ports: PortsInMemory | undefined;
    const log = told((all) => {
      ports = all;
      all.outbox.barred.set('a', 'A folder stands there.');
    });
    expect(log).toEqual(['0 document-failed']);
    expect(ports?.outbox.reports.get('a')).toMatchObject({ code: 'path-barred', reason: 'A folder stands there.' });
    expect(ports?.ledger.recall('a')?.state).toBe('failed');
  });

  test('waits, with every call paused, while the disk does not tell', () => {
    const log = told(refusing(new DiskError('the outbox is gone'), 2500));
    expect(log).toEqual(['0 gate-paused', '3000 gate-resumed', '3000 worked on']);
  });

  test('is pending when the run ends before', () => {
    const log = told((ports, at) => {
      refusing(new DiskError('the outbox is gone'))(ports, at);
      at(1500, () => ports.gate.close('signal'));
    });
    expect(log.filter((line) => line.includes('document'))).toEqual(['1500 document-pending']);
  });

  test.each([new TypeError('a mistake'), new PathError('closed')])('fails alone for anything else: %s', (error) => {
    expect(told(refusing(error))).toEqual(['0 document-failed']);
  });

  test.each<[string, Recipe['place']]>([
    ['summary', asSummary],
    ['a', (asked) => recipe.place(asked)],
  ])('is not worked on where its result would be %s.md, that of another document', (name, place) => {
    let ports: PortsInMemory | undefined;
    const log = told((all) => {
      ports = all;
      Object.assign(all, { recipes: { choose: () => ({ ...recipe, place }) } });
      all.outbox.results.set(name, 'of another');
      all.ledger.paths.set('b', `${name}.md`);
    });
    expect(log).toEqual(['0 document-failed']);
    expect(ports?.outbox.reports.get('a')?.reason).toBe(`Its result would be ${name}.md, which is that of b.`);
  });

  test('keeps its place while it is worked on, and has left it when the next one follows', () => {
    const { clock } = virtualTime();
    const ports = portsInMemory(clock);
    const worked = new Subject<Step>();
    const left: (readonly string[])[] = [];
    unlessBarred(
      ports,
      settingsBy(clock),
      () => worked,
    )(newWork(document('a'))).subscribe({
      next: () => left.push([...ports.outbox.vacated]),
      complete: () => left.push([...ports.outbox.vacated]),
    });
    worked.next({ event: { type: 'document-queued', id: 'a' } });
    worked.complete();
    expect(left).toEqual([[], ['a']]);
    expect(ports.outbox.vacated).toEqual(['a']);
  });

  test('leaves its place where the work on it is broken off', () => {
    const { clock } = virtualTime();
    const ports = portsInMemory(clock);
    unlessBarred(
      ports,
      settingsBy(clock),
      () => NEVER,
    )(newWork(document('a')))
      .subscribe()
      .unsubscribe();
    expect(ports.outbox.vacated).toEqual(['a']);
  });
});
