import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { type Observable, Subject, VirtualTimeScheduler } from 'rxjs';
import type { ProcessContext } from '../../src/cli/command.ts';
import { follow } from '../../src/cli/follow.ts';
import { unheard, type Verdict } from '../../src/domain/attempt.ts';
import type { Pause, PipelineEvent } from '../../src/domain/events.ts';
import type { CallResult, Ticket } from '../../src/domain/ports.ts';
import { Budget } from '../../src/gate/budget.ts';
import { createGate, type GateControl } from '../../src/gate/gate.ts';
import { type Clock, monotonicClock } from '../../src/lib/clock.ts';
import { run, watch } from '../../src/library/run.ts';
import { resolveApi } from '../../src/llm/api.ts';
import { loadRecipes, type Prepared } from '../../src/run/prepare.ts';
import type { ProcessSignal } from '../../src/run/stop.ts';
import { prepareWorkspace } from '../../src/run/workspace.ts';
import { resolveOptions } from '../cli/options/support.ts';
import type { Workspace } from '../support/workspace.ts';

/** Virtual time that lets promises run between two moments. */
class PatientTime extends VirtualTimeScheduler {
  async run(): Promise<void> {
    for (;;) {
      await setImmediate();
      const action = this.actions.shift();
      if (action === undefined) return;
      this.frame = action.delay;
      const error: unknown = action.execute(action.state, action.delay);
      if (error !== undefined) throw error;
    }
  }
}

type PauseScope = Pause['scope'];

export type LogEntry = readonly [atMs: number, what: string];

export interface Companion {
  readonly gate: GateControl;
  readonly clock: Clock;
  /** Does something at a moment (ms). */
  readonly at: (ms: number, act: () => void) => void;
  /** One of the calls in flight ends with this verdict. */
  readonly report: (verdict: Verdict) => void;
  /** An attempt's verdict pauses the gate, or the disk does, or the money is spent. */
  readonly refuse: (scope: PauseScope, resetSeconds?: number) => void;
  /** Puts a line of the test's own into the log. */
  readonly note: (what: string) => void;
}

/** Runs a companion of a run in virtual time, over a real gate; gives what it emitted and what became of the gate. */
export async function accompany(
  companion: (beside: Companion) => Observable<PipelineEvent>,
): Promise<readonly LogEntry[]> {
  const scheduler = new PatientTime();
  const clock: Clock = { scheduler, now: () => scheduler.now(), wall: () => scheduler.now() };
  const log: LogEntry[] = [];
  const note = (what: string): void => void log.push([scheduler.now(), what]);
  const gate = createGate({
    concurrency: CALLS,
    concurrencyMax: CALLS,
    configuredRate: null,
    budget: null,
    budgetFor,
    clock,
  });
  gate.closing.subscribe((reason) => note(`closed: ${reason}`));
  gate.cutting.subscribe(() => note('cut off'));
  gate.events.subscribe((event) => note(`${event.type} ${'scope' in event ? event.scope : event.model}`));
  const report = await callsInFlight(gate);
  const refuse = (scope: PauseScope, resetSeconds?: number): void => {
    if (scope === 'disk' || scope === 'budget' || scope === 'person') gate.pause({ scope }, 'there is none left');
    else report({ kind: 'pause', scope, ...(resetSeconds !== undefined && { resetSeconds }) });
  };
  const at = (ms: number, act: () => void): void => void scheduler.schedule(act, ms);
  // First in line, so that it is there for what is done at 0.
  scheduler.schedule(() => events.subscribe({ next: (event) => note(inWords(event)), complete: () => note('ended') }));
  const events = companion({ gate, clock, at, report, refuse, note });
  await scheduler.run();
  return log;
}

const CALLS = 4;

const ticket: Ticket = {
  api: 'api',
  model: 'openai/gpt-5',
  recipe: '',
  repeated: false,
  recipeCalls: null,
  recipeCostUsd: null,
  sharesBeginning: false,
};

/** Of a run that spent nothing yet. */
function budgetFor(): Budget {
  return new Budget({ limitUsd: Number.POSITIVE_INFINITY, spentUsd: 0, perDay: false, wall: () => 0 });
}

/** Calls that are in flight until a verdict is reported, each for one of them. */
async function callsInFlight(gate: GateControl): Promise<(verdict: Verdict) => void> {
  const record = unheard({ number: 1, startedAt: '', seconds: 0, code: 'refused', message: 'it was refused' });
  const ends: ((result: { readonly outcome: CallResult }) => void)[] = [];
  const call = async (): Promise<void> => {
    const slot = await gate.slot(ticket);
    if (slot === 'closed') return;
    await slot.reserve({ promptTokens: 1, maxTokens: 1, worstUsd: 0 });
    await slot.call(() => new Promise<{ readonly outcome: CallResult }>((resolve) => ends.push(resolve)));
    slot.release();
  };
  for (let number = 0; number < CALLS; number += 1) void call();
  await setImmediate();
  return (verdict) => ends.shift()?.({ outcome: { record, verdict } });
}

function inWords(event: PipelineEvent): string {
  if (event.type !== 'run-stopping') return event.type;
  return [event.type, event.reason, event.signal, event.graceSeconds].filter((word) => word !== null).join(' ');
}

/** As the program is called where it is installed, in the workspace's folder. */
export const hint = (command: string): string => `sluice ${command}`;

/** A checked configuration with these flags; nothing is made on the disk. */
export function preparedOf(flags: Readonly<Record<string, unknown>> = {}, rest: Partial<Prepared> = {}): Prepared {
  const { options } = resolveOptions({
    flags: { api: 'simulator', ...flags },
    environment: {},
    currentFolder: '/srv',
    readConfig: () => null,
  });
  const api = resolveApi(options.api);
  const recipes = loadRecipes({ options, hint }, () => performance.now());
  const archive = join(options.root, 'archive');
  const ledgerFolder = options.test ? null : join(options.root, '.sluice');
  return {
    options,
    ledgerFolder,
    archive,
    api,
    access: { key: null, headers: [], proxy: null },
    recipes,
    hint,
    notes: [],
    ...rest,
  };
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

/** Runs as `sluice --once` does. Resolves to the exit code. */
export function runOnce(prepared: Prepared, context: ProcessContext): Promise<number> {
  return follow(() => run({ prepared, context }), prepared, context);
}

/** Runs as `sluice` does. Resolves to the exit code. */
export function runDaemon(
  prepared: Prepared,
  prepareAgain: () => Promise<Prepared>,
  context: ProcessContext,
): Promise<number> {
  return follow(() => watch({ prepared, context, prepareAgain }), prepared, context);
}

/** What a run needs of its process, in the hands of a test. */
export function processContext(): ProcessContext & {
  readonly signals: Subject<ProcessSignal>;
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
    stdin: { isTTY: false, read: () => Readable.from([]) },
    stdout,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of a terminal's stream a run needs these alone
    stderr: Object.assign(stderr, {
      isTTY: true,
      columns: 200,
      rows: 50,
      fd: 2,
    }) as unknown as ProcessContext['stderr'],
    environment: { CI: 'true', NO_COLOR: '1' },
    signals: new Subject<ProcessSignal>(),
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
