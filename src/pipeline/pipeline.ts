import { concatMap, connect, exhaustMap, filter, map, merge, mergeMap, type Observable, takeUntil } from 'rxjs';
import type { PipelineEvent } from '../domain/events.ts';
import type { Inbox } from '../domain/ports.ts';
import { accompaniedBy, isPresent, quietly } from '../lib/operators.ts';
import type { AskPorts, AskSettings } from './context.ts';
import { type DecideSettings, decide } from './decide.ts';
import { sameStat } from './document-status.ts';
import { depart } from './file-answer.ts';
import { ask, comesBack, unlessBarred } from './process-document.ts';
import { inLine, type Step, type Work } from './work-item.ts';
import { workOff } from './work-queue.ts';

export interface PipelinePorts extends AskPorts {
  readonly inbox: Inbox;
}

export interface PipelineSettings extends AskSettings, DecideSettings {
  /** Documents that are open at once; far more than calls in flight, so that those that wait starve nobody. */
  readonly openDocuments: number;
}

/** Inputs that leave at the same time, beside those that leave with their result. */
const DEPARTING_AT_ONCE = 8;

/** The program: what the inbox shows becomes work, and each document that is work is asked and filed. */
export function pipeline(ports: PipelinePorts, settings: PipelineSettings): Observable<PipelineEvent> {
  const { inbox, gate, ledger, disk } = ports;
  return inbox.events.pipe(
    takeUntil(gate.closing),
    map(decide(ports, settings)),
    connect((decisions) =>
      merge(
        decisions.pipe(
          map(({ events }) => events),
          filter(isPresent),
          concatMap((events) => events),
        ),
        decisions.pipe(
          map(({ works }) => works),
          filter(isPresent),
          concatMap((works) => works),
          workOff<Work, Step>({
            key: ({ document }) => document.id,
            same: (earlier, later) => sameStat(earlier.document, later.document),
            project: unlessBarred(ports, settings, ask(ports, settings)),
            concurrent: settings.openDocuments,
            queued: inLine,
            comesBack,
            closing: gate.closing,
            clock: settings.clock,
          }),
          map(({ event }) => event),
        ),
        decisions.pipe(
          map(({ found }) => found),
          filter(isPresent),
          mergeMap((found) => quietly(ledger.settle(found).pipe(disk.untilWell()))),
        ),
        decisions.pipe(
          map(({ departs }) => departs),
          filter(isPresent),
          mergeMap((document) => depart(ports, settings, document), DEPARTING_AT_ONCE),
          map(({ event }) => event),
        ),
        decisions.pipe(
          map(({ untold }) => untold),
          filter(isPresent),
          exhaustMap((look) => disk.untilTold(look)),
          takeUntil(gate.closing),
        ),
      ),
    ),
    accompaniedBy<PipelineEvent>(gate.events),
  );
}
