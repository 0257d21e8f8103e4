import { describe, expect, test } from '@jest/globals';
import type { ModelPlan, Pilot, Plan } from '../../../src/cli/plan/plan.ts';
import { planText } from '../../../src/cli/plan/text.ts';

const price = { prompt: 3e-6, completion: 1.5e-5, request: 0 };
const costUsd = { low: 5.4, likely: 10.8, high: 19.08 };
const prompt = { low: 1_200_000, likely: 1_200_000, high: 1_560_000 };
const completion = { low: 120_000, likely: 480_000, high: 960_000 };
const only: ModelPlan = {
  model: 'anthropic/claude-sonnet-4.5',
  documents: 1200,
  requests: 1200,
  tokens: { prompt, completion, tokenizerFits: false },
  price,
  priceUnknown: null,
  costUsd,
};
const plan: Plan = {
  documents: { asked: 1200, reused: 0, skipped: 0, failed: 0, held: 0, refused: 0, pending: 0 },
  refusals: {},
  leftOut: { documents: 0, kinds: {} },
  recipes: [],
  bytes: 4_800_000,
  requests: 1200,
  model: 'anthropic/claude-sonnet-4.5',
  api: 'https://api.test/v1',
  models: [only],
  tokens: {
    prompt,
    media: { likely: 0, atMost: 0 },
    completion,
    tokenizer: 'o200k_base',
    tokenizerFits: false,
    counted: { documents: 200, bytes: 800_000 },
  },
  price,
  priceUnknown: null,
  costUsd,
  budget: null,
  pace: {
    concurrency: 5,
    concurrencyMax: 256,
    rpm: null,
    tpm: null,
    callSeconds: { low: 2, likely: 7.25, high: 20 },
  },
  seconds: { low: 480, likely: 1740, high: 4800 },
  basis: { from: 'ledger', answers: 300 },
  pilot: null,
};
const pilot: Pilot = {
  documents: 20,
  succeeded: 19,
  failures: { length: 1 },
  stopped: false,
  attempts: 22,
  costUnknownAttempts: 1,
  costUsd: 0.18,
  estimate: {
    costUsd: { low: 9.2, likely: 10.8, high: 12.4 },
    promptTokens: { low: 1_100_000, likely: 1_200_000, high: 1_300_000 },
    completionTokens: { low: 400_000, likely: 480_000, high: 560_000 },
    seconds: { low: 1500, likely: 1740, high: 1980 },
  },
};
const linesOf = (changes: Partial<Plan> = {}): string[] => planText({ ...plan, ...changes }, false).split('\n');

describe('planText', () => {
  test('shows documents, tokens, cost and time, and what they are based on', () => {
    expect(linesOf()).toEqual([
      '1,200 documents: 1,200 would be asked (4,800,000 bytes).',
      'Asked: anthropic/claude-sonnet-4.5 at https://api.test/v1.',
      'Prompts: about 1,200,000 tokens (counted by o200k_base, from 200 documents by bytes; the model has a tokenizer of its own, so take it for an estimate).',
      'Answers: about 480,000 tokens, 120,000 to 960,000 (from 300 answers of this recipe and model in the ledger).',
      'Cost: $10.80 likely, $5.40 to $19.08 ($3.00 and $15.00 a million tokens).',
      'Time: 29 min likely, 8 min to 1 h 20 min (5 calls at once, calls of 7.3 s).',
    ]);
  });

  test('shows what becomes of the other documents', () => {
    const documents = { asked: 1, reused: 2, skipped: 3, failed: 4, held: 5, refused: 6, pending: 7 };
    const tokens = { ...plan.tokens, counted: { documents: 1, bytes: 1 } };
    expect(linesOf({ documents, bytes: 1, tokens })[0]).toBe(
      '28 documents: 1 would be asked (1 byte), 2 reused at no cost (the same bytes as another), 3 skipped (done before), ' +
        '4 failed before (sluice retry has them tried again), 5 held for a person, ' +
        '6 refused without a call, 7 left for later.',
    );
  });

  const countedWhole = { ...plan.tokens, counted: { documents: 1200, bytes: 4_800_000 } };

  test('shows why documents are refused, and whether that is estimated', () => {
    const refused = {
      documents: { ...plan.documents, refused: 14 },
      refusals: { 'too-long': 2, 'unsupported-input': 12 },
    };
    expect(linesOf({ ...refused, tokens: countedWhole }).slice(0, 2)).toEqual([
      '1,214 documents: 1,200 would be asked (4,800,000 bytes), 14 refused without a call.',
      'Refused: unsupported-input (12), too-long (2).',
    ]);
    expect(linesOf(refused).slice(0, 2)).toEqual([
      '1,214 documents: about 1,200 would be asked (4,800,000 bytes), 14 refused without a call.',
      'Refused: unsupported-input (12), too-long (2), judging by those that were looked into.',
    ]);
  });

  test('names recipes that cannot be used', () => {
    const recipes = [{ name: 'inbox/_recipe.md', reason: 'The recipe inbox/_recipe.md is empty.', documents: 2 }];
    expect(linesOf({ recipes })[1]).toBe('The recipe inbox/_recipe.md is empty. (2 documents wait for it)');
  });

  test('shows that documents are asked in parts', () => {
    expect(linesOf({ requests: 1300 })[1]).toBe(
      'Asked: anthropic/claude-sonnet-4.5 at https://api.test/v1, in about 1,300 requests, as long documents are asked in parts.',
    );
  });

  test('shows tokens of images, sound and PDFs as an estimate', () => {
    expect(linesOf({ tokens: { ...countedWhole, media: { likely: 3000, atMost: 40_000 } } })[2]).toMatch(
      /\. Images, sound and PDFs are estimated: about 3,000 tokens of these, at most 40,000\.$/,
    );
  });

  test('has a line for each of several models', () => {
    const other: ModelPlan = { ...only, model: 'acme/large', documents: 200 };
    const unpriced = { price: null, priceUnknown: 'unlisted', costUsd: null } as const;
    const told = [
      '  anthropic/claude-sonnet-4.5: 1,200 documents, about 1,200,000 tokens of prompts and 480,000 of answers, ' +
        '$10.80 likely, $5.40 to $19.08 ($3.00 and $15.00 a million tokens).',
      '  acme/large: 200 documents, about 1,200,000 tokens of prompts and 480,000 of answers, ',
    ];
    const lines = linesOf({ models: [only, other] });
    expect(lines[1]).toBe('Asked: 2 models at https://api.test/v1.');
    expect(lines[2]).toContain('; models have tokenizers of their own, so');
    expect(lines.slice(4, 7)).toEqual([
      'Cost: $10.80 likely, $5.40 to $19.08.',
      told[0],
      `${told[1]}$10.80 likely, $5.40 to $19.08 ($3.00 and $15.00 a million tokens).`,
    ]);
    expect(linesOf({ costUsd: null, models: [only, { ...other, ...unpriced }] }).slice(4, 7)).toEqual([
      'Cost: unknown, as https://api.test/v1 does not list acme/large: is it the name of a model? Else give --price-prompt and --price-completion.',
      told[0],
      `${told[1]}at an unknown cost.`,
    ]);
  });

  test('is short if nothing would be asked', () => {
    const documents = { ...plan.documents, asked: 0, skipped: 8 };
    expect(linesOf({ documents, bytes: 0 })).toEqual([
      '8 documents: 0 would be asked, 8 skipped (done before).',
      'Cost: nothing, no call would be made.',
    ]);
  });

  test.each([
    [
      'no-list',
      'https://api.test/v1 gave no list of models (GET /models): is it reachable? Else give --price-prompt and --price-completion.',
    ],
    [
      'unlisted',
      'https://api.test/v1 does not list anthropic/claude-sonnet-4.5: is it the name of a model? Else give --price-prompt and --price-completion.',
    ],
    [
      'unpriced',
      'https://api.test/v1 does not tell the price of anthropic/claude-sonnet-4.5; give --price-prompt and --price-completion.',
    ],
  ] as const)('a price that is unknown (%s) is shown as unknown, and what to do about it', (priceUnknown, words) => {
    const unpriced = { price: null, priceUnknown, costUsd: null };
    expect(linesOf({ ...unpriced, models: [{ ...only, ...unpriced }] })[4]).toBe(`Cost: unknown, as ${words}`);
  });

  test.each([
    [1200, ['Budget: the likely cost is within --max-cost ($5.00).']],
    [555, ['Budget: the likely cost is above --max-cost ($5.00): about 555 of 1,200 documents.']],
    [null, []],
  ])('shows how far a budget goes: %p', (documents, lines) => {
    expect(linesOf({ budget: { maxCostUsd: 5, documents } }).slice(6)).toEqual(lines);
  });

  test('a guess is shown as one', () => {
    const lines = linesOf({ basis: { from: 'guess', answers: 0 } });
    expect(lines[3]).toContain('(a guess, as there are too few earlier answers; --pilot 10 finds out)');
    expect(lines[5]).toContain('calls of a guessed length');
  });

  test('the simulator costs nothing', () => {
    expect(planText(plan, true)).toContain('Cost: nothing; a model of this price would cost $10.80 likely');
  });

  test('a model that counts by this tokenizer, counted whole, needs no warning', () => {
    const counted = { documents: 1200, bytes: 4_800_000 };
    const lines = linesOf({ tokens: { ...plan.tokens, tokenizerFits: true, counted } });
    expect(lines[2]).toBe('Prompts: about 1,200,000 tokens (counted by o200k_base).');
  });

  test('shows the limits of the pace, also of --concurrency auto', () => {
    const pace = { ...plan.pace, rpm: 60, tpm: 100_000 };
    expect(linesOf({ pace })[5]).toContain('(5 calls at once, --rpm 60, --tpm 100000, calls of 7.3 s)');
    expect(
      linesOf({ pace: { ...plan.pace, concurrency: 'auto' }, seconds: { low: 90, likely: null, high: null } })[5],
    ).toBe(
      'Time: at least 1 min 30 s; sluice finds the pace itself (--concurrency auto, at most 256 at once; calls of 7.3 s).',
    );
  });

  test('shows what a pilot came to, and the estimate that follows', () => {
    expect(linesOf({ pilot }).slice(2)).toEqual([
      'Pilot: 19 of 20 documents were answered, for $0.1800 and unknown for 1 attempt (22 calls).',
      '  1 of 20 failed: length (1). About as large a share of the others would fail, too.',
      'From it, for the 1,200 documents to be asked:',
      '  Prompts: 1,200,000 tokens likely, 1,100,000 tokens to 1,300,000 tokens.',
      '  Answers: 480,000 tokens likely, 400,000 tokens to 560,000 tokens.',
      '  Cost: $10.80 likely, $9.20 to $12.40.',
      '  Time: 29 min likely, 25 min to 33 min.',
    ]);
  });

  const estimate = { costUsd: null, promptTokens: null, completionTokens: null, seconds: null };

  test('shows how little a pilot of one or two says, and what no answer told', () => {
    const seconds = { low: null, likely: 60, high: null };
    expect(linesOf({ pilot: { ...pilot, estimate: { ...estimate, seconds } } }).slice(5)).toEqual([
      '  Prompts: unknown, as no answer told its tokens.',
      '  Answers: unknown, as no answer told its tokens.',
      '  Cost: unknown, as no answer told its cost.',
      '  Time: 1 min (from too few documents to tell how far off).',
    ]);
  });

  test('shows the time as without a pilot if more than the calls limits the pace', () => {
    expect(linesOf({ pilot: { ...pilot, estimate } })[8]).toMatch(/^ {2}Time: 29 min likely, 8 min to 1 h 20 min/);
  });

  test('shows that a pilot got no answers, and that others would probably get none', () => {
    const failures = { 'bad-request': 1, length: 2 };
    const unanswered = { documents: 3, succeeded: 0, failures, attempts: 3, costUsd: 0, costUnknownAttempts: 0 };
    expect(linesOf({ pilot: { ...pilot, ...unanswered, estimate: null } }).slice(2)).toEqual([
      'Pilot: 0 of 3 documents were answered, for $0.00 (3 calls).',
      '  3 of 3 failed: length (2), bad-request (1). The others would probably fail, too.',
      'Tokens, cost and time: unknown, as the model answered no document of the pilot.',
    ]);
  });

  test('says that all answers would be cut if all of the pilot were', () => {
    expect(linesOf({ pilot: { ...pilot, succeeded: 0, failures: { length: 20 } } })[3]).toBe(
      '  20 of 20 failed: length (20). The answers to the others would probably be cut, too: give a larger --max-tokens.',
    );
  });

  test('shows how far a pilot came that was stopped', () => {
    const stopped = { ...pilot, stopped: true, failures: {}, attempts: 0, succeeded: 0 };
    expect(linesOf({ pilot: stopped })[2]).toBe(
      'Pilot, stopped before its end: 0 of 20 documents were answered, no call was made.',
    );
  });

  test('shows what a pilot came to that left nothing to ask', () => {
    const whole = { ...pilot, documents: 1, succeeded: 1, failures: {}, attempts: 1, costUnknownAttempts: 0 };
    const documents = { ...plan.documents, asked: 0, skipped: 1 };
    expect(planText({ ...plan, documents, pilot: whole }, true).split('\n')).toEqual([
      '1 document: 0 would be asked, 1 skipped (done before).',
      'Pilot: 1 of 1 document was answered, for nothing instead of $0.1800 (1 call).',
      'Cost: nothing, no call would be made.',
    ]);
  });

  test('is harmless to a terminal, whatever a model is called', () => {
    expect(linesOf({ model: 'm\u001B[2J' })[1]).toBe(String.raw`Asked: m\u{1b}[2J at https://api.test/v1.`);
  });
});
