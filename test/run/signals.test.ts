import { EventEmitter } from 'node:events';
import { expect, test } from '@jest/globals';
import { of, toArray } from 'rxjs';
import { type ProcessSignal, type RunSignal, signalsOf, stopSignals } from '../../src/run/stop.ts';

const NAMES = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

test('the signals of a process arrive while there is a subscriber, and are its own again afterwards', () => {
  const emitter = new EventEmitter();
  const heard: ProcessSignal[] = [];
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what it needs of a process is that it emits
  const listening = signalsOf(emitter as NodeJS.Process).subscribe((signal) => heard.push(signal));
  for (const name of [...NAMES, 'SIGUSR2']) emitter.emit(name);
  listening.unsubscribe();

  expect(heard).toEqual(NAMES);
  expect(emitter.eventNames()).toEqual([]);
});

test('SIGHUP ends no run', () => {
  let stops: readonly RunSignal[] = [];
  stopSignals(of(...NAMES))
    .pipe(toArray())
    .subscribe((signals) => {
      stops = signals;
    });
  expect(stops).toEqual(['SIGINT', 'SIGTERM']);
});
