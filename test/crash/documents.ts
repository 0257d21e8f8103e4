import type { Fault } from '../../src/simulator/fault-plan.ts';
import type { Random } from './random.ts';

interface FateTraits {
  readonly faults: readonly Omit<Fault, 'document'>[];
  /** The state that it ends in when nothing is in doubt. */
  readonly ends: 'done' | 'failed';
}

/** Seconds: long enough for a kill to find calls in flight. */
const SLOW = 0.3;

/** What the simulator does with a document, by the first word of its name. */
const FATES = {
  plain: { faults: [], ends: 'done' },
  slow: { faults: [{ kind: 'slow-headers', seconds: SLOW }], ends: 'done' },
  drip: { faults: [{ kind: 'drip', seconds: SLOW }], ends: 'done' },
  flaky: { faults: [{ kind: 'status', status: 500, attempts: [1] }], ends: 'done' },
  empty: { faults: [{ kind: 'empty', attempts: [1] }], ends: 'done' },
  reset: { faults: [{ kind: 'reset-after', attempts: [1] }], ends: 'done' },
  refused: { faults: [{ kind: 'status', status: 400 }], ends: 'failed' },
  cut: { faults: [{ kind: 'length' }], ends: 'failed' },
} as const satisfies Readonly<Record<string, FateTraits>>;

export type Fate = keyof typeof FATES;

export interface TrialDocument {
  readonly id: string;
  readonly text: string;
  /** The states that it may end in when nothing is in doubt. */
  readonly ends: readonly FateTraits['ends'][];
}

/** Of every trial; the others are drawn. Few are refused: five in a row would be taken for a mistake of configuration. */
const ALWAYS = ['plain', 'plain', 'plain', 'slow', 'drip', 'refused'] as const satisfies readonly Fate[];
const DRAWN = ['plain', 'slow', 'drip', 'flaky', 'empty', 'reset', 'cut'] as const satisfies readonly Fate[];
const DRAWS = 3;

export function drawFates(random: Random): readonly Fate[] {
  return [...ALWAYS, ...Array.from({ length: DRAWS }, () => random.one(DRAWN))];
}

/** The faults that make the documents' fates. */
export const FATE_FAULTS: readonly Fault[] = Object.entries(FATES).flatMap(([fate, { faults }]) =>
  faults.map((fault) => ({ ...fault, document: `^# ${fate}-` })),
);

/** A document per fate, and one more with the text of the first under another name. `tag`: in all names and texts. */
export function makeDocuments(fates: readonly Fate[], tag: string, random: Random): readonly TrialDocument[] {
  const documents = fates.map((fate, index) => makeDocument(fate, `${tag}-${index}`, random));
  const [first] = documents;
  return first === undefined ? [] : [...documents, { ...first, id: `twin-of-${first.id.replaceAll('/', '-')}` }];
}

function makeDocument(fate: Fate, tag: string, random: Random): TrialDocument {
  const name = `${fate}-${tag}`;
  const folder = random.one(['', '', 'q1/', 'q1/deep/']);
  return { id: `${folder}${name}.txt`, text: textOf(name, random.whole(1, 40)), ends: [FATES[fate].ends] };
}

/** Begins with the document's name: the simulator's answer repeats it. */
function textOf(name: string, sentences: number): string {
  const lines = Array.from({ length: sentences }, (_, index) => `Sentence ${index + 1} of ${name} says something.`);
  return [`# ${name}`, '', ...lines, ''].join('\n');
}
