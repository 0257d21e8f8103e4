import { join } from 'node:path';
import { catchError, concat, EMPTY, filter, from, ignoreElements, map, type Observable, of } from 'rxjs';
import { UsageError } from '../domain/errors.ts';
import type { PipelineEvent, RunEvent } from '../domain/events.ts';
import type { GateControl } from '../gate/gate.ts';
import { CONVERT_WORKER, createConverter } from '../inbox/convert/converter.ts';
import { createInbox, type FolderInbox } from '../inbox/inbox.ts';
import { type FileLedger, openLedger, openMemoryLedger } from '../ledger/open.ts';
import type { Clock } from '../lib/clock.ts';
import { realDisk } from '../lib/durable-files.ts';
import { errorMessage } from '../lib/errors.ts';
import { accompaniedBy } from '../lib/operators.ts';
import type { Api } from '../llm/api.ts';
import type { LlmClient } from '../llm/llm.ts';
import { createOutbox, type FolderOutbox } from '../outbox/outbox.ts';
import { DiskGuard } from '../pipeline/disk-retry.ts';
import { Bulk } from '../pipeline/memory-limit.ts';
import { FirstAttempts } from '../pipeline/model-check.ts';
import { pipeline } from '../pipeline/pipeline.ts';
import { Flights } from '../pipeline/single-flight.ts';
import { openCalls } from './calls.ts';
import { type CrashPoints, crashPoints } from './crash-points.ts';
import type { Catalogues } from './money.ts';
import type { Prepared } from './prepare.ts';
import type { WorkspaceHold } from './workspace-lock.ts';

/** Documents that are open at once: at least this many, and this many times the calls in flight. */
const OPEN_DOCUMENTS = { atLeast: 1000, perCall: 10 };

/** How often it is looked whether another process changed the ledger. */
const LOOK_AT_LEDGER_MS = 1000;

interface SessionSettings {
  readonly version: string;
  readonly clock: Clock;
  /** Each value asks for a scan of the inbox at once. */
  readonly rescanNow: Observable<unknown>;
  /** False where an earlier session of this process told of all documents already. */
  readonly firstLook: boolean;
  /** Ids of the documents that are there for it; null: all are. @default null */
  readonly only?: ReadonlySet<string> | null;
  readonly environment: NodeJS.ProcessEnv;
  /** For the prices of a budget. */
  readonly catalogues: Catalogues;
  /** Takes the workspace; whoever made it lets go when the last session is closed. */
  readonly hold: WorkspaceHold;
}

/** The adapters of a run, wired to the pipeline. */
export interface Session {
  /** Cold. Completes when the work is done (`--once`) or the gate was closed and calls in flight have ended. */
  readonly events: Observable<PipelineEvent>;
  /** Emits when another process changed the ledger (`sluice retry`). */
  readonly changedOutside: Observable<void>;
  readonly gate: GateControl;
  readonly llm: LlmClient;
  readonly outbox: FolderOutbox;
  close(): Promise<void>;
}

/** Rejects with DiskError or UsageError. What it opened is closed by `close`. */
export async function openSession(prepared: Prepared, settings: SessionSettings): Promise<Session> {
  const closers: Closer[] = [];
  try {
    return await open(prepared, settings, closers);
  } catch (error) {
    await closeAll(closers);
    throw error;
  }
}

/** Closes one of the things that were opened. */
type Closer = () => void | Promise<void>;

/** One after another, what was opened last first; each of them, and then rejects with the first that could not be. */
async function closeAll(closers: readonly Closer[]): Promise<void> {
  const troubles: unknown[] = [];
  for (const close of closers.toReversed()) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- what was opened last stands on what was opened before
      await close();
    } catch (error) {
      troubles.push(error);
    }
  }
  if (troubles.length > 0) throw troubles[0];
}

async function open(prepared: Prepared, settings: SessionSettings, closers: Closer[]): Promise<Session> {
  const { options, recipes } = prepared;
  const { clock, firstLook, only = null } = settings;
  const api = await reachApi(prepared.api, closers);
  const { ledger, diedBefore } = await rememberIn(prepared, settings, closers);
  const crash = crashPoints(settings.environment);
  const { inbox, outbox } = openFolders(prepared, settings, crash);
  const calls = await openCalls(prepared, { ...settings, api, ledger });
  const { llm, gate, atMost, notes } = calls;
  closers.push(() => llm.close());
  const adapters = { inbox, ledger, outbox, llm };
  const documents = pipeline(
    {
      ...calls,
      ...(crash?.on(adapters) ?? adapters),
      recipes,
      converter: createConverter({ worker: CONVERT_WORKER, truncate: options.truncateCharacters }),
      firstAttempts: new FirstAttempts(),
      flights: new Flights(),
      disk: new DiskGuard(gate, clock),
      bulk: new Bulk(),
    },
    {
      ...options,
      api: api.identity,
      waitsForParked: !options.once,
      openDocuments: Math.max(OPEN_DOCUMENTS.atLeast, OPEN_DOCUMENTS.perCall * atMost),
      firstLook,
      only,
      startedAt: new Date(clock.wall()).toISOString(),
      clock,
      random: Math.random,
    },
  );
  // The whole inbox is looked through for it, so only where something may be found.
  const leavings = diedBefore || options.after !== 'keep';
  const found = from([...notes.map(note), ...ledger.warnings.map(warning), ...ledger.interrupted.map(interrupted)]);
  return {
    events: concat(found, leavings ? mending(inbox) : EMPTY, documents).pipe(
      accompaniedBy<PipelineEvent>(sweeping(outbox)),
    ),
    changedOutside: ledger.changedOutside(LOOK_AT_LEDGER_MS, clock),
    gate,
    llm,
    outbox,
    close: () => closeAll(closers),
  };
}

function openFolders(
  { options, archive }: Prepared,
  { rescanNow, version }: SessionSettings,
  crash: CrashPoints | null,
): { readonly inbox: FolderInbox; readonly outbox: FolderOutbox } {
  return {
    inbox: createInbox({ ...options, archive, root: options.inbox, byName: options.test, rescanNow }),
    outbox: createOutbox({
      results: options.outbox,
      failures: options.failed,
      receipts: options.receipts,
      program: `sluice ${version}`,
      ...(crash === null ? {} : { disk: crash.onDisk(realDisk) }),
    }),
  };
}

/** What a dead process was taking out of the inbox comes back to it; that it does not is no reason to stop. */
function mending(inbox: FolderInbox): Observable<RunEvent> {
  return inbox.mend().pipe(
    filter((documents) => documents > 0),
    map((documents) => warning(`Put ${documents} of the inbox back that were leaving it when the program last died.`)),
    catchError((error: unknown) => of(warning(errorMessage(error)))),
  );
}

/** What a dead process left half-written goes; that it does not is no reason to stop. */
function sweeping(outbox: FolderOutbox): Observable<RunEvent> {
  return outbox.sweep().pipe(
    ignoreElements(),
    catchError((error: unknown) => of(warning(errorMessage(error)))),
  );
}

function interrupted({ id, attempt }: FileLedger['interrupted'][number]): PipelineEvent {
  return { type: 'attempt-interrupted', id, attempt };
}

function note(message: string): RunEvent {
  return { type: 'run-noted', level: 'info', message };
}

function warning(message: string): RunEvent {
  return { type: 'run-noted', level: 'warn', message };
}

/** The simulator is started where it is asked for; it gets a port of its own, which results do not remember. */
async function reachApi(api: Api, closers: Closer[]): Promise<Api> {
  if (api.name !== 'simulator') return api;
  const { startSimulator } = await import('../simulator/simulator.ts');
  const simulator = await startSimulator({});
  closers.push(() => simulator.close());
  return { ...api, baseUrl: simulator.url };
}

/** A trial remembers nothing, so that it never counts as done; and it takes nobody's place. */
async function rememberIn(
  { options: { test, root }, api }: Prepared,
  { clock, hold }: SessionSettings,
  closers: Closer[],
): Promise<{ readonly ledger: FileLedger; readonly diedBefore: boolean }> {
  if (test) return { ledger: openMemoryLedger(), diedBefore: false };
  const folder = join(root, '.sluice');
  const { diedBefore, requireHeld } = await hold.take(folder);
  const ledger = await openLedger(folder, { now: () => new Date(clock.wall()), diedBefore, requireHeld });
  closers.push(() => ledger.close());
  if (api.name === 'simulator') refuseToOverwrite(ledger.answeredThrough(), root);
  return { ledger, diedBefore };
}

/** Made-up answers must not take the place of answers that were paid for. */
function refuseToOverwrite(apis: ReadonlySet<string>, root: string): void {
  const paid = [...apis].find((api) => api !== 'simulator');
  if (paid === undefined) return;
  throw new UsageError(
    `The workspace ${root} holds answers of ${paid}, which those of the simulator would replace: ` +
      'name another with --root, or try with --test.',
  );
}

/** Lets `work` use an API; where that is the simulator, it runs as long. */
export async function withApi<T>(api: Api, work: (reached: Api) => Promise<T>): Promise<T> {
  if (api.name !== 'simulator') return await work(api);
  const { startSimulator } = await import('../simulator/simulator.ts');
  const simulator = await startSimulator({});
  try {
    return await work({ ...api, baseUrl: simulator.url });
  } finally {
    await simulator.close();
  }
}
