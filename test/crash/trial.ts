import type { FaultPlan } from '../../src/simulator/fault-plan.ts';
import { drawFates, FATE_FAULTS, makeDocuments, type TrialDocument } from './documents.ts';
import { Random } from './random.ts';

export type Kill =
  /** `LABEL#COUNT`: the program kills itself there. */
  | { readonly at: 'point'; readonly point: string }
  /** It is killed from outside, so many milliseconds after it was spawned or after it said its first word. */
  | { readonly at: 'moment'; readonly after: 'spawn' | 'first word'; readonly ms: number };

export interface TrialSettings {
  readonly stream: boolean;
  readonly concurrency: number;
  /** Beside which results receipts must lie; `some`: where nothing bars them. */
  readonly receipts: 'none' | 'all' | 'some';
  readonly after: 'keep' | 'archive' | 'delete';
  readonly inDoubt: 'resend' | 'hold';
}

/** All that a trial does is in here, but for how fast the machine is. */
export interface Trial {
  readonly name: string;
  readonly documents: readonly TrialDocument[];
  readonly settings: TrialSettings;
  /** One after the other, each in a run of its own. */
  readonly kills: readonly Kill[];
  /** What the simulator does in the runs that are killed. */
  readonly plan: FaultPlan;
  /** What it does afterwards. */
  readonly planAfterwards: FaultPlan;
}

/** Labels that are passed once in a run, or hardly more often. */
const ONCE = /^(?:ledger\.reopen|outbox\.fileFailure)/;
const MORE_KILLS = 0.4;
const FROM_SPAWN = 0.25;
/** About as long as a run takes. */
const LONGEST_WAIT_MS = 450;

/**
 * Trial `number` of a series. Even ones are killed at a labelled point, one label after the other, odd ones at random
 * moments; some once more, at a label or at a moment.
 */
export function planTrial(seed: number, number: number, labels: readonly string[]): Trial {
  const random = new Random(seed * 1_000_003 + number);
  const label = number % 2 === 0 ? labels[(number / 2) % labels.length] : undefined;
  const kills = [label === undefined ? drawMoment(random) : killAt(label, random)];
  while (random.chance(MORE_KILLS)) kills.push(drawKill(random, labels));
  return trialOf(`${seed}-${number}`, kills, random);
}

/** A trial that is killed at these labels, one after the other, each when it is passed for the first time. */
export function planTrialAt(seed: number, labels: readonly string[]): Trial {
  const kills = labels.map((label) => ({ at: 'point', point: label }) as const);
  return trialOf(`${seed}-${labels.join('-')}`, kills, new Random(seed));
}

function drawKill(random: Random, labels: readonly string[]): Kill {
  const label = random.chance(0.5) ? labels[random.whole(0, labels.length - 1)] : undefined;
  return label === undefined ? drawMoment(random) : killAt(label, random);
}

function killAt(label: string, random: Random): Kill {
  return { at: 'point', point: `${label}#${ONCE.test(label) ? 1 : random.whole(1, 6)}` };
}

function drawMoment(random: Random): Kill {
  const after = random.chance(FROM_SPAWN) ? 'spawn' : 'first word';
  return { at: 'moment', after, ms: random.whole(0, LONGEST_WAIT_MS) };
}

function trialOf(name: string, kills: readonly Kill[], random: Random): Trial {
  const documents = makeDocuments(drawFates(random), name.replaceAll(/\W+/g, '-'), random);
  const settings = drawSettings(random, kills);
  const planAfterwards = { faults: FATE_FAULTS };
  if (!isKilledAt('ledger.reopen', kills))
    return { name, documents, settings, kills, plan: planAfterwards, planAfterwards };
  return { name, documents: documents.map(mayFail), settings, kills, plan: MISTAKEN, planAfterwards };
}

/** The same refusal of a model's first calls: failures are taken back, and the run ends. */
const MISTAKEN: FaultPlan = { faults: [{ kind: 'status', status: 400, message: 'No such parameter' }] };

/** Killed between its failure and the fifth that shows the mistake, it stays a failure. */
function mayFail({ id, text }: TrialDocument): TrialDocument {
  return { id, text, ends: ['done', 'failed'] };
}

/** Drawn, but for what the points of the kills need to be passed at all. */
function drawSettings(random: Random, kills: readonly Kill[]): TrialSettings {
  const drawn = {
    stream: random.chance(0.5),
    concurrency: random.one([1, 5, 40]),
    receipts: random.one(['none', 'all'] as const),
    after: random.one(['keep', 'archive', 'delete'] as const),
    inDoubt: random.one(['resend', 'resend', 'hold'] as const),
  };
  return {
    ...drawn,
    receipts: isKilledAt('outbox.fileReceipt', kills) ? 'all' : drawn.receipts,
    after: isKilledAt('inbox.release', kills) && drawn.after === 'keep' ? 'archive' : drawn.after,
  };
}

function isKilledAt(label: string, kills: readonly Kill[]): boolean {
  return kills.some((kill) => kill.at === 'point' && kill.point.startsWith(label));
}
