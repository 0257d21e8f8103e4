import type { Fault, FaultPlan } from './fault-plan.ts';

/** What the plan does to one attempt. */
export interface FaultDraw {
  readonly fault: Fault | undefined;
  /** Seconds. */
  readonly latency: number;
}

export interface DrawnAttempt {
  /** Hex SHA-256. */
  readonly document: string;
  /** 1 for the document's first. */
  readonly attempt: number;
  /** The document's text, with the names and labels of its files. */
  readonly text: string;
}

/** The purposes of faults are their places in the plan. */
const LATENCY_PURPOSE = -1;

/** A function that draws by the plan. Its regular expressions are compiled once. */
export function createFaultDraw(plan: FaultPlan): (attempt: DrawnAttempt) => FaultDraw {
  const { seed = 1, latency = 0, faults = [] } = plan;
  const [from, to] = typeof latency === 'number' ? [latency, latency] : latency;
  const matchers = faults.map((fault, index) => faultMatcher(seed, fault, index));
  return (drawn) => ({
    fault: faults[matchers.findIndex((matches) => matches(drawn))],
    latency: from + (to - from) * draw(seed, drawn.document, drawn.attempt, LATENCY_PURPOSE),
  });
}

function faultMatcher(seed: number, fault: Fault, index: number): (attempt: DrawnAttempt) => boolean {
  const share = fault.share ?? 1;
  const pattern = fault.document === undefined ? undefined : new RegExp(fault.document, 'u');
  return ({ document, attempt, text }) =>
    (fault.attempts?.includes(attempt) ?? true) &&
    (share === 1 || draw(seed, document, attempt, index) < share) &&
    (pattern?.test(text) ?? true);
}

/** A number from 0 up to but not including 1: always the same for the same seed, document (hex), attempt and purpose. */
export function draw(seed: number, document: string, attempt: number, purpose: number): number {
  let state = mix(seed ^ Number.parseInt(document.slice(0, 8), 16));
  state = mix(state ^ attempt);
  return mix(state ^ (purpose + 0x9e37_79b9)) / 2 ** 32;
}

/** The finalizer of MurmurHash3: every bit of the input changes half the bits of the output. */
function mix(value: number): number {
  let state = value;
  state = Math.imul(state ^ (state >>> 16), 0x85eb_ca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2_ae35);
  return (state ^ (state >>> 16)) >>> 0;
}
