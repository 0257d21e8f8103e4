import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type Observable, Subject, tap } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import { resolveOptions } from '../../src/cli/options/resolve.ts';
import { unheard, type Verdict } from '../../src/domain/attempt.ts';
import type { Pause, PipelineEvent } from '../../src/domain/events.ts';
import { createGate, type GateControl } from '../../src/gate/gate.ts';
import { type Clock, monotonicClock } from '../../src/lib/clock.ts';
import { resolveApi } from '../../src/llm/api.ts';
import { loadRecipes, type Prepared, type Surroundings } from '../../src/run/prepare.ts';
import type { Signal } from '../../src/run/stop.ts';
import { prepareWorkspace } from '../../src/run/workspace.ts';
import { fresh, openPurse } from '../gate/with-gate.ts';
import { virtualTime } from '../support/virtual-time.ts';
import type { Workspace } from '../support/workspace.ts';

type PauseScope = Pause['scope'];

export type Told = readonly [atMs: number, what: string];

export interface Companion {
  readonly gate: GateControl;
  readonly clock: Clock;
  readonly helpers: RunHelpers;
  /** Does something at a moment (ms). */
  readonly at: (ms: number, act: () => void) => void;
  /** A call comes to this. */
  readonly heed: (verdict: Verdict) => void;
  /** An attempt's verdict pauses the gate, or the disk does, or the money is spent. */
  readonly refuse: (scope: PauseScope, resetSeconds?: number) => void;
  /** Puts a line of the test's own into the log. */
  readonly note: (what: string) => void;
}

/** Runs a companion of a run in virtual time, over a real gate; gives what it told and what became of the gate. */
export function accompany(companion: (beside: Companion) => Observable<PipelineEvent>): readonly Told[] {
  const { scheduler, clock } = virtualTime();
  const log: Told[] = [];
  const note = (what: string): void => void log.push([scheduler.now(), what]);
  scheduler.run((helpers) => {
    const gate = createGate({ concurrency: 1, concurrencyMax: 1, pacer: null, budget: null, openPurse, clock });
    gate.closing.subscribe((reason) => note(`closed: ${reason}`));
    gate.cutting.subscribe(() => note('cut off'));
    gate.events.subscribe((event) => note(`${event.type} ${'scope' in event ? event.scope : event.model}`));
    const heed = heeding(gate);
    const refuse = (scope: PauseScope, resetSeconds?: number): void => {
      if (scope === 'disk' || scope === 'budget') gate.pause({ scope }, 'there is none left');
      else heed({ kind: 'pause', scope, ...(resetSeconds !== undefined && { resetSeconds }) });
    };
    const at = (ms: number, act: () => void): void => void scheduler.schedule(act, ms);
    // First in line, so that it is there for what is done at 0.
    scheduler.schedule(() => events.subscribe({ next: (event) => note(told(event)), complete: () => note('ended') }));
    const events = companion({ gate, clock, helpers, at, heed, refuse, note });
  });
  return log;
}

/** A call that is in flight as long as the gate is there; gives what tells the gate what came of it. */
function heeding(gate: GateControl): (verdict: Verdict) => void {
  const ticket = { ...fresh, model: 'openai/gpt-5' };
  const verdicts = new Subject<Verdict>();
  const record = unheard({ number: 1, startedAt: '', seconds: 0, code: 'refused', message: 'it was refused' });
  gate
    .admit(ticket, (seat) => seat.fly(() => verdicts.pipe(tap((verdict) => seat.heed({ record, verdict })))))
    .subscribe();
  return (verdict) => verdicts.next(verdict);
}

function told(event: PipelineEvent): string {
  if (event.type !== 'run-stopping') return event.type;
  return [event.type, event.reason, event.signal, event.graceSeconds].filter((word) => word !== null).join(' ');
}

/** A configuration that holds, of these flags, with nothing made on the disk. */
export function preparedOf(flags: Readonly<Record<string, unknown>> = {}, rest: Partial<Prepared> = {}): Prepared {
  const { options } = resolveOptions({
    flags: { api: 'simulator', ...flags },
    environment: {},
    currentFolder: '/srv',
    readConfig: () => null,
  });
  const api = resolveApi(options.api);
  const recipes = loadRecipes(options, api, () => performance.now());
  const archive = join(options.root, 'archive');
  return { options, archive, api, key: null, recipes, notes: [], ...rest };
}

/** A configuration over a workspace whose folders are there, in haste. */
export async function preparedIn(
  { root }: Workspace,
  flags: Readonly<Record<string, unknown>> = {},
): Promise<Prepared> {
  const prepared = preparedOf({ root, settle: '0', rescan: '0.2', ...flags });
  const { options, archive } = prepared;
  prepareWorkspace({ ...options, archive, rootIsDefault: false, named: new Set() });
  return prepared;
}

/** What a run needs of its process, in the hands of a test. */
export function surroundingsOf(): Surroundings & {
  readonly signals: Subject<Signal>;
  /** What was written to stdout, and to stderr as a terminal without a live block. */
  readonly printed: { stdout: string; stderr: string };
} {
  const printed = { stdout: '', stderr: '' };
  const stdout = new PassThrough().on('data', (part) => {
    printed.stdout += String(part);
  });
  const stderr = new PassThrough().on('data', (part) => {
    printed.stderr += String(part);
  });
  return {
    stdout,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of a terminal's stream a run needs these alone
    stderr: Object.assign(stderr, { isTTY: true, columns: 200, rows: 50, fd: 2 }) as unknown as Surroundings['stderr'],
    environment: { CI: 'true', NO_COLOR: '1' },
    signals: new Subject<Signal>(),
    exit: (code) => {
      throw new Error(`the process was to end with ${code}`);
    },
    secrets: new Set(),
    version: '0.0.0',
    commandLine: ['sluice'],
    clock: monotonicClock,
    printed,
  };
}
