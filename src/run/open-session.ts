import { join } from 'node:path';
import { catchError, from, ignoreElements, map, merge, type Observable, of } from 'rxjs';
import { errorMessage, UsageError } from '../domain/errors.ts';
import type { PipelineEvent, RunEvent } from '../domain/events.ts';
import { LONGEST_HINT_SECONDS } from '../domain/limits.ts';
import type { Ledger } from '../domain/ports.ts';
import { createGate, type GateControl } from '../gate/create-gate.ts';
import { createInbox } from '../inbox/create-inbox.ts';
import { createMemoryLedger } from '../ledger/create-memory-ledger.ts';
import { openLedger } from '../ledger/open-ledger.ts';
import type { Api } from '../llm/api.ts';
import { createLlm, type LlmClient } from '../llm/create-llm.ts';
import { createOutbox, type FolderOutbox } from '../outbox/create-outbox.ts';
import { pipeline } from '../pipeline.ts';
import { DiskGuard } from '../stages/disk-guard.ts';
import { FirstAttempts } from '../stages/first-attempts.ts';
import { accompaniedBy } from '../stream/accompanied-by.ts';
import type { Clock } from '../stream/clock.ts';
import type { Prepared } from './prepare.ts';

/** Documents that are open at once: at least this many, and this many times the calls in flight. */
const OPEN_DOCUMENTS = { atLeast: 1000, perCall: 10 };

export interface SessionSettings {
  readonly version: string;
  readonly clock: Clock;
  /** Each value asks for a scan of the inbox at once. */
  readonly rescanNow: Observable<unknown>;
  /** False where an earlier session of this process told of all documents already. */
  readonly firstLook: boolean;
}

/** The adapters of a run, wired to the pipeline. */
export interface Session {
  /** Cold. Completes when the work is done (`--once`) or the gate was closed and calls in flight have ended. */
  readonly events: Observable<PipelineEvent>;
  readonly gate: GateControl;
  readonly llm: LlmClient;
  readonly outbox: FolderOutbox;
  close(): Promise<void>;
}

/** Rejects with DiskTrouble or UsageError. What it opened is closed by `close`. */
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

/** One after another, what was opened last first. */
function closeAll(closers: readonly Closer[]): Promise<void> {
  return closers.reduceRight((closed, close) => closed.then(close), Promise.resolve());
}

async function open(prepared: Prepared, settings: SessionSettings, closers: Closer[]): Promise<Session> {
  const { options, recipes } = prepared;
  const { clock, firstLook } = settings;
  const api = await reachApi(prepared.api, closers);
  const { ledger, warnings } = await rememberIn(options, api.identity, closers);
  const inbox = createInbox({ ...options, root: options.inbox, byName: options.test, rescanNow: settings.rescanNow });
  const program = `sluice ${settings.version}`;
  const outbox = createOutbox({ results: options.outbox, failures: options.failed, program });
  const llm = createLlm({
    ...options,
    api,
    key: prepared.key,
    connections: options.concurrency,
    version: settings.version,
  });
  closers.push(() => llm.close());
  const gate = createGate({
    concurrency: options.concurrency,
    clock,
    ...(options.once ? { longestCooldownSeconds: LONGEST_HINT_SECONDS } : {}),
  });
  const firstAttempts = new FirstAttempts();
  const documents = pipeline(
    { inbox, recipes, gate, llm, ledger, outbox, firstAttempts, disk: new DiskGuard(gate, clock) },
    {
      ...options,
      api: api.identity,
      redo: options.test ? 'all' : options.redo,
      waitsForParked: !options.once,
      openDocuments: Math.max(OPEN_DOCUMENTS.atLeast, OPEN_DOCUMENTS.perCall * options.concurrency),
      firstLook,
      clock,
      random: Math.random,
    },
  );
  return {
    events: documents.pipe(accompaniedBy<PipelineEvent>(merge(from(warnings).pipe(map(warning)), sweeping(outbox)))),
    gate,
    llm,
    outbox,
    close: () => closeAll(closers),
  };
}

/** What a dead process left half-written goes; that it does not is no reason to stop. */
function sweeping(outbox: FolderOutbox): Observable<RunEvent> {
  return outbox.sweep().pipe(
    ignoreElements(),
    catchError((error: unknown) => of(warning(errorMessage(error)))),
  );
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

/** A trial remembers nothing, so that it never counts as done. */
async function rememberIn(
  { test, root }: Prepared['options'],
  api: string,
  closers: Closer[],
): Promise<{ readonly ledger: Ledger; readonly warnings: readonly string[] }> {
  if (test) return { ledger: createMemoryLedger(), warnings: [] };
  const ledger = await openLedger(join(root, '.sluice'));
  closers.push(() => ledger.close());
  if (api === 'simulator') refuseToOverwrite(ledger.answeredThrough(), root);
  return { ledger, warnings: ledger.warnings };
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
