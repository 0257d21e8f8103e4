import { ReplaySubject, Subject } from 'rxjs';
import type { GateEvent, Pause, Stop } from '../../src/domain/events.ts';
import type { Slot } from '../../src/domain/ports.ts';
import type { Budget } from '../../src/gate/budget.ts';
import type { Clock } from '../../src/lib/clock.ts';

export interface GateChoice {
  readonly budget?: Budget;
  readonly concurrency?: number;
  readonly longestCooldownSeconds?: number;
}

/** FAKE, until the real one is there. */
export function gateOf(_clock: Clock, { concurrency = 5 }: GateChoice = {}): any {
  const events = new Subject<GateEvent>();
  const closing = new ReplaySubject<Stop>(1);
  const cutting = new ReplaySubject<void>(1);
  const paused = new Map<string, Pause>();
  let closed = false;
  let slots = 0;
  let calls = 0;
  const line: (() => void)[] = [];
  const ready = new Set<{ go: () => void; refuse: () => void }>();
  const keyOf = (pause: Pause) => (pause.scope === 'model' ? `model ${pause.model}` : pause.scope);
  const next = (): void => {
    if (closed || paused.size > 0) return;
    for (const one of ready) {
      if (calls >= concurrency) break;
      ready.delete(one);
      calls += 1;
      one.go();
    }
    while (slots < concurrency + 1) {
      const start = line.shift();
      if (start === undefined) break;
      slots += 1;
      start();
    }
  };
  const refuseReady = () => {
    for (const one of ready) one.refuse();
    ready.clear();
  };
  const slotNow = (): Slot => ({
    reserve: async () => (closed || paused.size > 0 ? { kind: 'requeue' } : { kind: 'reserved' }),
    call: (call) =>
      new Promise((resolve, reject) => {
        if (closed || paused.size > 0) return resolve('requeue');
        ready.add({
          refuse: () => resolve('requeue'),
          go: () => {
            call().then(
              (came) => {
                const { verdict, record } = came.outcome;
                if (verdict.kind === 'pause')
                  gate.pause(
                    verdict.scope === 'model' ? { scope: 'model', model: 'model' } : { scope: 'account' },
                    record.message,
                  );
                calls -= 1;
                next();
                resolve(came);
              },
              (error) => {
                calls -= 1;
                next();
                reject(error);
              },
            );
          },
        });
        next();
      }),
    settling: () => undefined,
    release: () => {
      slots -= 1;
      next();
    },
  });
  const gate = {
    events,
    closing,
    cutting,
    slot: () =>
      new Promise<Slot | 'closed'>((resolve) => {
        if (closed) return resolve('closed');
        line.push(() => resolve(closed ? 'closed' : slotNow()));
        next();
      }),
    pause(pause: Pause, reason: string) {
      if (paused.has(keyOf(pause))) return;
      paused.set(keyOf(pause), pause);
      events.next({ type: 'gate-paused', ...pause, reason });
      refuseReady();
    },
    resume(pause: Pause) {
      if (!paused.delete(keyOf(pause))) return;
      events.next({ type: 'gate-resumed', ...pause });
      next();
    },
    close(reason: Stop) {
      if (closed) return;
      closed = true;
      closing.next(reason);
      refuseReady();
      for (const start of line.splice(0)) start();
    },
    cut: () => cutting.next(),
  };
  return gate;
}
