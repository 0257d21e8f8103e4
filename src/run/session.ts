import { catchError, concat, defer, EMPTY, from, ignoreElements, merge, mergeMap, type Observable, of } from 'rxjs';
import type { PipelineEvent, RunEvent } from '../domain/events.ts';
import type { GateControl } from '../gate/gate.ts';
import { CONVERT_WORKER, createConverter } from '../inbox/convert/converter.ts';
import { createInbox, type FolderInbox } from '../inbox/inbox.ts';
import { realDisk } from '../lib/durable-files.ts';
import { errorMessage } from '../lib/errors.ts';
import { accompaniedBy } from '../lib/operators.ts';
import { unsaidPdfEngine } from '../llm/conversation/capabilities.ts';
import type { LlmClient } from '../llm/llm.ts';
import { createOutbox, type FolderOutbox } from '../outbox/outbox.ts';
import type { PipelineSettings } from '../pipeline/context.ts';
import { pipeline } from '../pipeline/pipeline.ts';
import { timeInWords } from '../report/words.ts';
import { openCalls } from './calls.ts';
import { type Closers, closeAll, closedIfFailed } from './closing.ts';
import { crashPoints } from './crash-points.ts';
import type { Catalogues } from './money.ts';
import { openApi } from './open-api.ts';
import { openHeldLedger, openRedo, type Redo, type WorkspaceHold } from './open-ledger.ts';
import type { Prepared, RunContext } from './prepare.ts';
import type { RunControls } from './stop.ts';

/** Documents that are open at once: this many per call in flight, but not fewer. */
const OPEN_DOCUMENTS = { atLeast: 1000, perCall: 10 };

/** Another process (`sluice retry`) may write into the ledger: how often that is looked for. */
const LOOK_AT_LEDGER_MS = 1000;

export interface SessionSettings extends Pick<RunContext, 'version' | 'clock' | 'environment'> {
  /** Each value asks for a scan of the inbox at once. */
  readonly rescanNow: Observable<unknown>;
  /** False if an earlier session of this process reported all documents already. */
  readonly firstLook: boolean;
  /** Ids of the only documents that it works on; null: all. @default null */
  readonly only?: ReadonlySet<string> | null;
  /** Where documents come from. @default the folder of the inbox */
  readonly inbox?: FolderInbox;
  /** Where answers go. @default the folder of the outbox */
  readonly outbox?: FolderOutbox;
  /** For the prices of a budget. */
  readonly catalogues: Catalogues;
  /** Takes the workspace. Its owner releases it when the last session is closed. */
  readonly hold: WorkspaceHold;
}

/** What a run needs, and who may steer it. */
export interface OpenContext extends RunContext {
  readonly controls: RunControls;
}

/** A run whose configuration was checked and whose rooms are open. */
export interface OpenRun {
  /** Cold, for one subscription. Completes when the work is done, or the run was stopped and its calls have ended. */
  readonly events: Observable<PipelineEvent>;
  /** Closes what was opened. For the end of the events, whatever they ended with. */
  close(): Promise<void>;
}

/** The rooms of a run, wired to the pipeline. */
export interface Session extends OpenRun {
  readonly gate: GateControl;
  readonly llm: LlmClient;
  readonly outbox: FolderOutbox;
}

/** Rejects with DiskError or UsageError. What it opened is closed by `close`. */
export function openSession(prepared: Prepared, settings: SessionSettings): Promise<Session> {
  const closers: Closers = [];
  return closedIfFailed(open(prepared, settings, closers), () => closeAll(closers));
}

async function open(prepared: Prepared, settings: SessionSettings, closers: Closers): Promise<Session> {
  const { options, recipes, archive } = prepared;
  const { clock, version, rescanNow } = settings;
  const { api, close } = await openApi(prepared.api, version);
  closers.push(close);
  const { ledger, diedBefore } = await openHeldLedger(prepared, settings, closers);
  const now = new Date(clock.wall()).toISOString();
  const redo = await openRedo(prepared, { ledger, now, firstLook: settings.firstLook });
  const crash = crashPoints(settings.environment);
  const outbox =
    settings.outbox ??
    createOutbox({
      results: options.outbox,
      failures: options.failed,
      receipts: options.receipts,
      program: `sluice ${version}`,
      ...(crash !== null && { disk: crash.onDisk(realDisk) }),
    });
  const calls = await openCalls(prepared, { ...settings, api, ledger });
  const { started, llm, gate, models, prices, conversation, callsAtMost } = calls;
  closers.push(() => llm.close());
  const inbox =
    settings.inbox ??
    createInbox({
      ...options,
      root: options.inbox,
      archive,
      byName: options.test,
      rescanNow: merge(rescanNow, ledger.changedOutside(LOOK_AT_LEDGER_MS, clock)),
      closing: gate.closing,
    });
  const converter = createConverter({
    worker: CONVERT_WORKER,
    truncate: options.truncateCharacters,
    pdf: unsaidPdfEngine(api),
    closing: gate.closing,
  });
  const adapters = { inbox, ledger, outbox, llm };
  const documents = pipeline(
    { ...(crash?.on(adapters) ?? adapters), recipes, gate, converter, conversation, prices, models },
    pipelineSettings(prepared, settings, callsAtMost, redo),
  );
  // The whole inbox is walked for it, so only if there may be something to return.
  const mayBeLeaving = diedBefore || takesInputs(prepared);
  const notes = [...trialNotes(prepared), ...prepared.notes, ...calls.notes, ...(redo.goesOn ? [goingOn(redo)] : [])];
  const found = from<PipelineEvent[]>([
    { ...started, ...(settings.inbox && { inbox: null }), ...(settings.outbox && { outbox: null }) },
    ...notes.map((message) => noted('info', message)),
    ...ledger.warnings.map((message) => noted('warn', message)),
    ...ledger.interrupted.map(({ id, attempt }) => ({ type: 'attempt-interrupted', id, attempt }) as const),
  ]);
  return {
    events: concat(found, mayBeLeaving ? returning(inbox) : EMPTY, documents).pipe(
      accompaniedBy<PipelineEvent>(sweeping(outbox)),
    ),
    gate,
    llm,
    outbox,
    close: () => closeAll(closers),
  };
}

/** Whether inputs leave the inbox after success: by the options, or by a recipe. */
function takesInputs({ options, recipes }: Prepared): boolean {
  const { asks, inboxRecipes } = recipes.overview();
  return inboxRecipes || [options, ...asks].some(({ after }) => after !== null && after !== 'keep');
}

/** What is not as in other runs, a sentence each. */
function trialNotes({ options, api }: Prepared): readonly string[] {
  const { test, limit, truncateCharacters } = options;
  const simulated = 'The answers come from a simulator: no model is asked, and nothing is paid.';
  const trial =
    `This is a trial: ${limit} documents, of all folders and types. Text is cut to ${truncateCharacters} characters, ` +
    'all else is sent whole; none of them counts as done.';
  return [...(api.name === 'simulator' ? [simulated] : []), ...(test ? [trial] : [])];
}

function pipelineSettings(
  { api, options }: Prepared,
  { clock, firstLook, only = null }: SessionSettings,
  callsAtMost: number,
  { redoAll, since }: Redo,
): PipelineSettings {
  return {
    ...options,
    api: api.identity,
    waitsForParked: !options.once,
    openDocuments: Math.max(OPEN_DOCUMENTS.atLeast, OPEN_DOCUMENTS.perCall * callsAtMost),
    firstLook,
    only,
    redoAll,
    redoSince: since,
    clock,
    random: Math.random,
  };
}

function goingOn({ since }: Redo): string {
  const began = timeInWords(Date.parse(since));
  return `Goes on with the --redo all that began ${began} and has documents left: what it asked, and would ask the same now, is not asked again.`;
}

/** Puts back what a dead process was taking out of the inbox. A failure is no reason to stop. */
function returning(inbox: FolderInbox): Observable<RunEvent> {
  return defer(() => inbox.mend()).pipe(
    mergeMap((documents) =>
      documents === 0
        ? EMPTY
        : of(noted('warn', `Put ${documents} of the inbox back that were leaving it when the program last died.`)),
    ),
    catchError((error: unknown) => of(noted('warn', errorMessage(error)))),
  );
}

/** Removes what a dead process left half-written. A failure is no reason to stop. */
function sweeping(outbox: FolderOutbox): Observable<RunEvent> {
  return defer(() => outbox.sweep()).pipe(
    ignoreElements(),
    catchError((error: unknown) => of(noted('warn', errorMessage(error)))),
  );
}

function noted(level: 'info' | 'warn', message: string): RunEvent {
  return { type: 'run-noted', level, message };
}
