import { describe, expect, test } from '@jest/globals';
import type { Conversation, FailureReport, Judgement, NextRequest, PreparedRequest } from '../../src/domain/ports.ts';
import type { Handling, Recipe, Recipes } from '../../src/domain/recipe.ts';
import type { Prompt, Reply } from '../../src/domain/request.ts';
import type { JsonRecord } from '../../src/lib/json.ts';
import type { PipelineSettings } from '../../src/pipeline/context.ts';
import { newWorkItem } from '../../src/pipeline/work-item.ts';
import { promiseTime } from '../support/virtual-time.ts';
import {
  answer,
  asText,
  document,
  ended,
  inboxOf,
  MemoryOutbox,
  oneRequest,
  outcomeOf,
  plainAnswer,
  preparedAs,
  recipe,
  retryVerdict,
  textOf,
} from './in-memory.ts';
import { MemoryLedger } from './memory-ledger.ts';
import { contextInMemory, type PortChanges, processing } from './ports-in-memory.ts';

/** A recipe whose documents may take several requests. */
const severalRecipe: Recipe = { ...recipe, handling: { ...recipe.handling, onTooLong: 'split' } };

/** A document whose answer takes so many requests: their replies, one after the other. */
const inParts = (parts: number): Conversation => ({
  next: async ({ document: { id } }, replies) => ({
    kind: 'ask',
    prompt: { model: 'model', messages: [{ role: 'user', content: `${id} ${replies.length + 1}` }] },
    judge: (reply) =>
      replies.length < parts - 1
        ? { kind: 'further', code: 'part-answered', message: 'A part was answered.' }
        : { kind: 'answer', answer: plainAnswer([...replies, reply].map(({ text }) => text).join(' ')) },
  }),
});

const inThree = inParts(3);

function contentOf({ messages }: Prompt): string {
  return textOf(messages.at(-1));
}

interface Run {
  readonly conversation?: Conversation;
  readonly ledger?: MemoryLedger;
  readonly outbox?: MemoryOutbox;
  readonly changes?: PortChanges;
  /** What becomes of the calls, in order; then each is answered by its own prompt. */
  readonly outcomes?: readonly ReturnType<typeof outcomeOf>[];
  readonly settings?: Partial<PipelineSettings>;
  /** When no more time passes (ms). */
  readonly untilMs?: number;
}

/** Processes document `a` over ports that live in memory. */
async function run({
  conversation = inThree,
  ledger = new MemoryLedger(),
  outbox = new MemoryOutbox(),
  changes = {},
  outcomes = [],
  settings,
  untilMs,
}: Run) {
  const time = promiseTime();
  const sent: string[] = [];
  const prepare = (prompt: Prompt): PreparedRequest => ({
    ...preparedAs(({ number }) => {
      const text = contentOf(prompt);
      sent.push(text);
      const told = outcomes[sent.length - 1] ?? outcomeOf(number, answer, `<${text}>`);
      return ended({ ...told, record: { ...told.record, number } });
    }),
    bodySha256: contentOf(prompt),
  });
  const ports = {
    conversation,
    llm: { prepare },
    ...(conversation === inThree && { recipes: { choose: () => severalRecipe } }),
    ...changes,
    ledger,
    outbox,
  };
  const { events, leave } = processing(contextInMemory(time.clock, ports, settings), newWorkItem(document('a')));
  await time.play(untilMs);
  leave();
  return { sent, events, ledger, outbox, kinds: events.map(({ type }) => type) };
}

/** One request, whose reply is judged so. */
function judging(judge: (reply: Reply) => Judgement): Conversation {
  return {
    next: async () => ({ kind: 'ask', prompt: { model: 'model', messages: [{ role: 'user', content: 'x' }] }, judge }),
  };
}

function itWasRead(): never {
  throw new Error('it was read');
}

function withHandling(handling: Partial<Handling>): { readonly recipes: Recipes } {
  return { recipes: { choose: () => ({ ...recipe, handling: { ...severalRecipe.handling, ...handling } }) } };
}

async function lastKind(after: Handling['after'], ofRun: 'keep' | 'archive'): Promise<string | undefined> {
  const settings = { after: ofRun };
  return (await run({ conversation: oneRequest, changes: withHandling({ after }), settings })).kinds.at(-1);
}

describe('a document that needs several requests', () => {
  test('is asked one after the other, and filed when the last one is answered', async () => {
    const { sent, outbox, ledger, kinds } = await run({});
    expect(sent).toEqual(['a 1', 'a 2', 'a 3']);
    expect(outbox.results.get('a')).toBe('<a 1> <a 2> <a 3>');
    expect(kinds.filter((kind) => kind === 'attempt-started')).toHaveLength(3);
    expect(kinds.at(-1)).toBe('document-succeeded');
    expect(ledger.replies.size).toBe(2);
  });

  test('is asked again where it failed, and pays for nothing that was answered', async () => {
    const failing = outcomeOf(1, retryVerdict(), '');
    const { ledger, outbox } = await run({
      outcomes: [outcomeOf(1, answer, 'one'), failing],
      settings: { retries: 0 },
    });
    expect(outbox.reports.get('a')?.code).toBe('retries-used-up');
    await ledger.reopen('a');
    const again = await run({ ledger });
    expect(again.sent).toEqual(['a 2', 'a 3']);
    expect(again.outbox.results.get('a')).toBe('one <a 2> <a 3>');
  });

  test('goes on where the process died, with the replies that were kept', async () => {
    const first = await run({});
    const [one, two] = [...first.ledger.replies];
    const ledger = new MemoryLedger();
    if (one === undefined || two === undefined) throw new Error('two replies are kept');
    ledger.replies.set(...one);
    await ledger.settle({ document: document('a'), sha256: 'a#1', api: 'api', recipe, state: 'pending', dueAt: null });
    const record = outcomeOf(1, answer, '<a 1>').record;
    await ledger.end({ document: document('a'), sha256: 'a#1', record, answer: null, reply: null });
    const { sent, outbox } = await run({ ledger });
    expect(sent).toEqual(['a 2', 'a 3']);
    expect(outbox.results.get('a')).toBe('<a 1> <a 2> <a 3>');
  });

  test('goes on where hundreds of replies were kept', async () => {
    class Keeping extends MemoryLedger {
      looks = 0;

      override async reply(): Promise<Reply | undefined> {
        this.looks += 1;
        return this.looks <= 2000 ? { text: 'kept', cut: false, extras: {} } : undefined;
      }
    }
    const changes = { recipes: { choose: () => severalRecipe } };
    const { sent, kinds } = await run({ conversation: inParts(2001), ledger: new Keeping(), changes });
    expect(sent).toEqual(['a 2001']);
    expect(kinds.at(-1)).toBe('document-succeeded');
  });

  test('gives each request its own retries', async () => {
    const bad = outcomeOf(1, retryVerdict(), '');
    const [one, two, three] = ['1', '2', '3'].map((text) => outcomeOf(1, answer, text));
    const outcomes = [bad, bad, one, bad, bad, two, bad, bad, three].flatMap((outcome) => outcome ?? []);
    const { outbox, sent } = await run({ outcomes, settings: { retries: 2 } });
    expect(sent).toEqual(['a 1', 'a 1', 'a 1', 'a 2', 'a 2', 'a 2', 'a 3', 'a 3', 'a 3']);
    expect(outbox.results.get('a')).toBe('1 2 3');
  });

  test('fails where one of them has none left, and says how often that one was tried', async () => {
    const bad = outcomeOf(1, retryVerdict(), '');
    const { outbox } = await run({ outcomes: [outcomeOf(1, answer, '1'), bad, bad], settings: { retries: 1 } });
    expect(outbox.reports.get('a')).toMatchObject({
      code: 'retries-used-up',
      reason: expect.stringContaining('no answer after 2 attempts'),
      attempts: { length: 3 },
    });
  });

  test('tells a further request apart from a retry', async () => {
    const { events } = await run({});
    const started = events.flatMap((event) => (event.type === 'attempt-started' ? [event.repeated] : []));
    expect(started).toEqual([false, false, false]);
  });
});

describe('a reply', () => {
  test('that is refused fails the document with what there is of an answer', async () => {
    const { outbox, ledger } = await run({
      conversation: judging(() => ({ kind: 'fail', code: 'schema-broken', message: 'No.', partial: '{' })),
    });
    expect(outbox.reports.get('a')).toMatchObject({ code: 'schema-broken', reason: 'No.' });
    expect(outbox.reports.get('a')?.attempts).toMatchObject([
      { code: 'schema-broken', verdict: 'fail', billing: 'known' },
    ]);
    expect(ledger.answers.size).toBe(0);
  });

  test('that the program cannot judge fails the document, and is not paid for again', async () => {
    const { outbox, sent } = await run({
      conversation: judging(() => {
        throw new TypeError('a mistake');
      }),
    });
    expect(outbox.reports.get('a')).toMatchObject({ code: 'unexpected' });
    expect(sent).toHaveLength(1);
  });
});

describe('a document that cannot be sent', () => {
  const refusal = { kind: 'refused', code: 'not-text', reason: 'It is no text.' } as const;

  test.each([
    ['by its bytes', { converter: { ...asText, convert: async () => refusal } }],
    ['to this model', { conversation: { next: async () => ({ ...refusal, partial: null }) } }],
  ])('%s fails unsent', async (_, changes) => {
    const { outbox, sent } = await run({ changes });
    expect(sent).toEqual([]);
    expect(outbox.reports.get('a')).toMatchObject({ code: 'not-text', reason: 'It is no text.', attempts: [] });
  });

  test('for its recipe is pending, and is not even read', async () => {
    const barred = { ...recipe, barred: 'config.temprature is not known' };
    const { events } = await run({
      changes: {
        recipes: { choose: () => barred },
        inbox: { events: inboxOf(), read: itWasRead, release: async () => null },
      },
    });
    expect(events).toMatchObject([{ type: 'document-pending', reason: 'config.temprature is not known' }]);
  });
});

/** Recipes that are another one from the first look on that asks for the current one. */
function changing(changed: Recipe): { readonly recipes: Recipes } {
  let isChanged = false;
  const choose: Recipes['choose'] = (_, look) => {
    if (look === 'current') isChanged = true;
    return isChanged ? changed : recipe;
  };
  return { recipes: { choose } };
}

function changedPlace() {
  return { name: 'changed', ending: '.txt' };
}

describe('a recipe that changes while its document waits', () => {
  test('sends the document back: it is asked by what is, not by what was', async () => {
    const { kinds, sent, ledger, outbox } = await run({
      changes: changing({ ...recipe, hash: 'changed' }),
      conversation: oneRequest,
    });
    expect(kinds.slice(0, 3)).toEqual(['document-waiting', 'document-queued', 'attempt-started']);
    expect(sent).toEqual(['a']);
    expect(ledger.recall('a')).toMatchObject({ state: 'done', recipe: 'changed' });
    // Its path is free at once: the changed recipe may give it another one.
    expect(outbox.released).toEqual(['a', 'a']);
  });

  test('sends it back where the name of its result alone is another', async () => {
    const { kinds, events, sent } = await run({
      changes: changing({ ...recipe, place: changedPlace }),
      conversation: oneRequest,
    });
    expect(kinds.slice(0, 3)).toEqual(['document-waiting', 'document-queued', 'attempt-started']);
    expect(sent).toEqual(['a']);
    expect(events.at(-1)).toMatchObject({ type: 'document-succeeded', result: 'a.txt' });
  });

  test('and can no longer be used sends it back, too: it is pending', async () => {
    const barred = { ...recipe, barred: 'config.temprature is not known' };
    const { events, sent } = await run({ changes: changing(barred), conversation: oneRequest });
    expect(events).toMatchObject([
      { type: 'document-waiting' },
      { type: 'document-queued' },
      { type: 'document-pending', reason: 'config.temprature is not known' },
    ]);
    expect(sent).toEqual([]);
  });
});

describe('what an API parsed before it failed', () => {
  test('goes along with the next attempt', async () => {
    const prompts: Prompt[] = [];
    const annotations = [{ type: 'file', file: { hash: 'h' } }];
    const failed = { ...outcomeOf(1, retryVerdict(), ''), annotations };
    let calls = 0;
    const prepare = (prompt: Prompt): PreparedRequest =>
      preparedAs(({ number }) => {
        prompts.push(prompt);
        calls += 1;
        return ended(calls === 1 ? failed : outcomeOf(number, answer, 'read'));
      });
    const { outbox } = await run({ conversation: oneRequest, changes: { llm: { prepare } } });
    expect(outbox.results.get('a')).toBe('read');
    expect(prompts[0]?.messages).toHaveLength(1);
    expect(prompts[1]?.messages).toMatchObject([
      { role: 'user' },
      { role: 'assistant', annotations },
      { role: 'user' },
    ]);
  });
});

describe("a recipe's own rules", () => {
  test('file what came with an answer where it asks for it', async () => {
    const { outbox } = await run({ conversation: oneRequest, changes: withHandling({ keep: ['reasoning'] }) });
    expect([...outbox.attachments]).toEqual([['a', ['reasoning']]]);
    expect([...(await run({ conversation: oneRequest })).outbox.attachments]).toEqual([]);
  });

  test('decide what becomes of the input', async () => {
    expect(await lastKind('archive', 'keep')).toBe('document-departed');
    expect(await lastKind('keep', 'archive')).toBe('document-succeeded');
    expect(await lastKind(null, 'archive')).toBe('document-departed');
  });

  test('leave a document pending when its money is spent, and fail one that it never covers', async () => {
    const priced = { prices: { of: () => ({ prompt: 0, completion: 0.01, request: 0 }) } };
    const limited = { ...withHandling({ maxCostUsd: 1.5 }), ...priced };
    const costly = { ...outcomeOf(1, answer, 'one'), record: { ...outcomeOf(1, answer, '').record, costUsd: 1 } };
    const spent = await run({ outcomes: [costly], changes: limited, settings: { waitsForParked: false } });
    expect(spent.events.at(-1)).toMatchObject({
      type: 'document-pending',
      cause: 'budget',
      reason: expect.stringContaining('max_cost'),
    });
    const never = await run({ changes: { ...withHandling({ maxCostUsd: 0.5 }), ...priced } });
    expect(never.outbox.reports.get('a')?.code).toBe('over-budget');
  });
});

describe('what a person should know of an answer', () => {
  test('is told beside its success', async () => {
    const notes = ['12 of 99 characters were sent'];
    const cut = judging(({ text }) => ({ kind: 'answer', answer: { ...plainAnswer(text), notes } }));
    const { events } = await run({ conversation: cut });
    expect(events.slice(-2)).toMatchObject([
      { type: 'document-noted', id: 'a', message: notes[0] },
      { type: 'document-succeeded' },
    ]);
  });

  test('lies beside the report where a document could be asked no further', async () => {
    const partials: (string | null)[] = [];
    const outbox = new MemoryOutbox();
    const fileFailure = (report: FailureReport, partial: string | null) => {
      partials.push(partial);
      return MemoryOutbox.prototype.fileFailure.call(outbox, report, partial);
    };
    const stopped: Conversation = {
      next: async (inquiry, replies) =>
        replies.length === 0
          ? inThree.next(inquiry, replies)
          : { kind: 'refused', code: 'too-long', reason: 'It no longer fits.', partial: 'so far' },
    };
    await run({ conversation: stopped, changes: withHandling({}), outbox: Object.assign(outbox, { fileFailure }) });
    expect(partials).toEqual(['so far']);
    expect(outbox.reports.get('a')).toMatchObject({ code: 'too-long', attempts: [{ code: 'part-answered' }] });
  });
});

describe('a prompt that is counted by its bytes', () => {
  test('never costs more than what its model takes', async () => {
    const facts = {
      contextTokens: 100_000,
      maxCompletionTokens: null,
      inputs: null,
      structuredOutputs: null,
      reasoning: null,
    };
    const long = {
      ...preparedAs(() => ended(outcomeOf(1, answer, 'one'))),
      promptTokensAtMost: 2_000_000,
    };
    const begun: unknown[] = [];
    const ledger = new MemoryLedger();
    const begin: MemoryLedger['begin'] = (attempt) => {
      begun.push(attempt.reservedUsd);
      return MemoryLedger.prototype.begin.call(ledger, attempt);
    };
    await run({
      conversation: oneRequest,
      ledger: Object.assign(ledger, { begin }),
      changes: {
        llm: { prepare: () => long },
        models: { facts: async () => facts, misnamed: () => [], meant: async () => [] },
        prices: { of: () => ({ prompt: 0.000_01, completion: 0, request: 0 }) },
      },
    });
    expect(begun).toEqual([1]);
  });
});

/** The three requests, with other prompts. */
function withPrompt(change: (prompt: Prompt) => Prompt): Conversation {
  return {
    next: async (inquiry, replies) => {
      const next: NextRequest = await inThree.next(inquiry, replies);
      return next.kind === 'ask' ? { ...next, prompt: change(next.prompt) } : next;
    },
  };
}

/** The three requests, sent in another way. */
function asSent(fields: JsonRecord, maxTokens: number): Conversation {
  return withPrompt((prompt) => ({ ...prompt, fields, maxTokens }));
}

describe('a reply that was kept', () => {
  const several = { recipes: { choose: () => severalRecipe } };

  test('is good however its request would be sent now: flags, prices and limits may have changed', async () => {
    const failing = outcomeOf(2, retryVerdict(), '');
    const first = { conversation: asSent({ provider: { max_price: { prompt: '3' } } }, 100), changes: several };
    const { ledger } = await run({
      ...first,
      outcomes: [outcomeOf(1, answer, 'one'), failing],
      settings: { retries: 0 },
    });
    await ledger.reopen('a');
    const { sent, outbox } = await run({ conversation: asSent({}, 64_000), changes: several, ledger });
    expect(sent).toEqual(['a 2', 'a 3']);
    expect(outbox.results.get('a')).toBe('one <a 2> <a 3>');
  });

  test('is not taken for the reply to another request of the same words', async () => {
    const alike = withPrompt((prompt) => ({ ...prompt, messages: [{ role: 'user', content: 'go on' }] }));
    const { sent, outbox } = await run({
      conversation: alike,
      changes: several,
      outcomes: ['1', '2', '3'].map((text) => outcomeOf(1, answer, text)),
    });
    expect(sent).toEqual(['go on', 'go on', 'go on']);
    expect(outbox.results.get('a')).toBe('1 2 3');
  });

  test('serves the same bytes under another name', async () => {
    const failing = outcomeOf(2, retryVerdict(), '');
    const { ledger } = await run({ outcomes: [outcomeOf(1, answer, 'one'), failing], settings: { retries: 0 } });
    ledger.records.clear();
    ledger.versions.clear();
    expect((await run({ ledger })).sent).toEqual(['a 2', 'a 3']);
  });
});

describe('what was parsed before a call failed', () => {
  test('goes along with the first request alone: the others have it from the replies', async () => {
    const annotations = [{ type: 'file', file: { hash: 'h' } }];
    const failed = { ...outcomeOf(1, retryVerdict(), ''), annotations };
    const prompts: Prompt[] = [];
    let calls = 0;
    const prepare = (prompt: Prompt): PreparedRequest =>
      preparedAs(({ number }) => {
        prompts.push(prompt);
        calls += 1;
        return ended(calls === 1 ? failed : outcomeOf(number, answer, `${calls}`));
      });
    await run({ changes: { llm: { prepare }, recipes: { choose: () => severalRecipe } } });
    expect(prompts.map(({ messages }) => messages.some((message) => 'annotations' in message))).toEqual([
      false,
      true,
      false,
      false,
    ]);
  });
});

describe('what comes with an answer', () => {
  const annotations = [
    { type: 'file', file: { hash: 'h' } },
    { type: 'url_citation', url: 'https://a.test' },
  ];
  const images = [{ mediaType: 'image/png', base64: 'AA==' }];
  const extras = { reasoning: 'Let me see.', annotations, images };
  const rich = judging(({ text }) => ({ kind: 'answer', answer: { text, notes: [], extras } }));
  async function keptWith(keep: Handling['keep']) {
    const { ledger } = await run({ conversation: rich, changes: withHandling({ keep }) });
    return [...ledger.answers.values()].map((kept) => kept.extras);
  }

  test('is remembered but for the text of files, and images', async () => {
    expect(await keptWith([])).toEqual([{ reasoning: 'Let me see.', annotations: annotations.slice(1) }]);
  });

  test('is remembered whole where the recipe keeps it', async () => {
    expect(await keptWith(['annotations', 'images'])).toEqual([extras]);
  });
});
