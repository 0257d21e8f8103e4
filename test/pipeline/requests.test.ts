import { describe, expect, test } from '@jest/globals';
import { map, of, toArray } from 'rxjs';
import type { Dialogue, FailureReport, Judgement, Move, PreparedRequest } from '../../src/domain/ports.ts';
import type { Handling, Recipe } from '../../src/domain/recipe.ts';
import type { Prompt, Reply } from '../../src/domain/request.ts';
import type { JsonRecord } from '../../src/lib/json.ts';
import { isPresent } from '../../src/lib/operators.ts';
import type { AskPorts } from '../../src/pipeline/context.ts';
import { ask } from '../../src/pipeline/process-document.ts';
import { newWork, type Step } from '../../src/pipeline/work-item.ts';
import { virtualTime } from '../support/virtual-time.ts';
import {
  answer,
  document,
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
import { portsInMemory, settingsBy } from './ports-in-memory.ts';

/** A recipe whose documents may take several requests. */
const severalRecipe: Recipe = { ...recipe, handling: { ...recipe.handling, onTooLong: 'split' } };

/** A document whose answer takes so many requests: their replies, one after the other. */
const inParts = (parts: number): Dialogue => ({
  next: ({ document: { id } }, replies) =>
    of({
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
  readonly dialogue?: Dialogue;
  readonly ledger?: MemoryLedger;
  readonly outbox?: MemoryOutbox;
  readonly changes?: Partial<AskPorts>;
  /** What becomes of the calls, in order; then each is answered by its own prompt. */
  readonly outcomes?: readonly ReturnType<typeof outcomeOf>[];
  readonly settings?: Parameters<typeof settingsBy>[1];
}

/** Works document `a` off over ports that live in memory. */
function run({
  dialogue = inThree,
  ledger = new MemoryLedger(),
  outbox = new MemoryOutbox(),
  changes = {},
  outcomes = [],
  settings,
}: Run) {
  const { clock, scheduler } = virtualTime();
  const sent: string[] = [];
  const prepare = (prompt: Prompt): PreparedRequest => ({
    ...preparedAs(({ number }) => {
      const text = contentOf(prompt);
      sent.push(text);
      const told = outcomes[sent.length - 1] ?? outcomeOf(number, answer, `<${text}>`);
      return of({ kind: 'ended', outcome: { ...told, record: { ...told.record, number } } });
    }),
    bodySha256: contentOf(prompt),
  });
  const ports = {
    ...portsInMemory(clock, {
      dialogue,
      llm: { prepare },
      ...(dialogue === inThree && { recipes: { choose: () => severalRecipe } }),
      ...changes,
    }),
    ledger,
    outbox,
  };
  let steps: readonly Step[] = [];
  scheduler.run(() => {
    ask(
      ports,
      settingsBy(clock, settings),
    )(newWork(document('a')))
      .pipe(toArray())
      .subscribe((all) => (steps = all));
  });
  return { sent, steps, ledger, outbox, kinds: steps.map(({ event }) => event.type) };
}

/** One request, whose reply is judged so. */
function judging(judge: (reply: Reply) => Judgement): Dialogue {
  return {
    next: () => of({ kind: 'ask', prompt: { model: 'model', messages: [{ role: 'user', content: 'x' }] }, judge }),
  };
}

function itWasRead(): never {
  throw new Error('it was read');
}

function withHandling(handling: Partial<Handling>): Pick<AskPorts, 'recipes'> {
  return { recipes: { choose: () => ({ ...recipe, handling: { ...severalRecipe.handling, ...handling } }) } };
}

function lastKind(after: Handling['after'], ofRun: 'keep' | 'archive'): string | undefined {
  return run({ dialogue: oneRequest, changes: withHandling({ after }), settings: { after: ofRun } }).kinds.at(-1);
}

describe('a document that needs several requests', () => {
  test('is asked one after the other, and filed when the last one is answered', () => {
    const { sent, outbox, ledger, kinds } = run({});
    expect(sent).toEqual(['a 1', 'a 2', 'a 3']);
    expect(outbox.results.get('a')).toBe('<a 1> <a 2> <a 3>');
    expect(kinds.filter((kind) => kind === 'attempt-started')).toHaveLength(3);
    expect(kinds.at(-1)).toBe('document-succeeded');
    expect(ledger.replies.size).toBe(2);
  });

  test('is asked anew where it failed, and pays for nothing that was answered', () => {
    const failing = outcomeOf(1, retryVerdict(), '');
    const { ledger, outbox } = run({ outcomes: [outcomeOf(1, answer, 'one'), failing], settings: { retries: 0 } });
    expect(outbox.reports.get('a')?.code).toBe('retries-used-up');
    ledger.reopen('a').subscribe();
    const again = run({ ledger });
    expect(again.sent).toEqual(['a 2', 'a 3']);
    expect(again.outbox.results.get('a')).toBe('one <a 2> <a 3>');
  });

  test('goes on where the process died, with the replies that were kept', () => {
    const first = run({});
    const [one, two] = [...first.ledger.replies];
    const ledger = new MemoryLedger();
    if (one === undefined || two === undefined) throw new Error('two replies are kept');
    ledger.replies.set(...one);
    ledger
      .settle({ document: document('a'), sha256: 'a#1', api: 'api', recipe, state: 'pending', dueAt: null })
      .subscribe();
    const record = outcomeOf(1, answer, '<a 1>').record;
    ledger.end({ document: document('a'), sha256: 'a#1', record, answer: null, reply: null }).subscribe();
    const { sent, outbox } = run({ ledger });
    expect(sent).toEqual(['a 2', 'a 3']);
    expect(outbox.results.get('a')).toBe('<a 1> <a 2> <a 3>');
  });

  test('goes on where hundreds of replies were kept', () => {
    class Keeping extends MemoryLedger {
      looks = 0;

      override reply(): Reply | undefined {
        this.looks += 1;
        return this.looks <= 2000 ? { text: 'kept', cut: false, extras: {} } : undefined;
      }
    }
    const changes = { recipes: { choose: () => severalRecipe } };
    const { sent, kinds } = run({ dialogue: inParts(2001), ledger: new Keeping(), changes });
    expect(sent).toEqual(['a 2001']);
    expect(kinds.at(-1)).toBe('document-succeeded');
  });

  test('gives each request its own retries', () => {
    const bad = outcomeOf(1, retryVerdict(), '');
    const [one, two, three] = ['1', '2', '3'].map((text) => outcomeOf(1, answer, text));
    const outcomes = [bad, bad, one, bad, bad, two, bad, bad, three].filter(isPresent);
    const { outbox, sent } = run({ outcomes, settings: { retries: 2 } });
    expect(sent).toEqual(['a 1', 'a 1', 'a 1', 'a 2', 'a 2', 'a 2', 'a 3', 'a 3', 'a 3']);
    expect(outbox.results.get('a')).toBe('1 2 3');
  });

  test('fails where one of them has none left, and says how often that one was tried', () => {
    const bad = outcomeOf(1, retryVerdict(), '');
    const { outbox } = run({ outcomes: [outcomeOf(1, answer, '1'), bad, bad], settings: { retries: 1 } });
    expect(outbox.reports.get('a')).toMatchObject({
      code: 'retries-used-up',
      reason: expect.stringContaining('no answer after 2 attempts'),
      attempts: { length: 3 },
    });
  });

  test('tells a further request apart from a retry', () => {
    const { steps } = run({});
    const started = steps.flatMap(({ event }) => (event.type === 'attempt-started' ? [event.repeated] : []));
    expect(started).toEqual([false, false, false]);
  });
});

describe('a reply', () => {
  test('that is refused fails the document with what there is of an answer', () => {
    const { outbox, ledger } = run({
      dialogue: judging(() => ({ kind: 'fail', code: 'schema-broken', message: 'No.', partial: '{' })),
    });
    expect(outbox.reports.get('a')).toMatchObject({ code: 'schema-broken', reason: 'No.' });
    expect(outbox.reports.get('a')?.attempts).toMatchObject([
      { code: 'schema-broken', verdict: 'fail', billing: 'known' },
    ]);
    expect(ledger.answers.size).toBe(0);
  });

  test('that the program cannot judge fails the document, and is not paid for again', () => {
    const { outbox, sent } = run({
      dialogue: judging(() => {
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
    ['by its bytes', { converter: { convert: () => of(refusal) } }],
    ['to this model', { dialogue: { next: () => of({ ...refusal, partial: null }) } }],
  ])('%s fails unsent', (_, changes) => {
    const { outbox, sent } = run({ changes });
    expect(sent).toEqual([]);
    expect(outbox.reports.get('a')).toMatchObject({ code: 'not-text', reason: 'It is no text.', attempts: [] });
  });

  test('for its recipe is pending, and is not even read', () => {
    const barred = { ...recipe, barred: 'config.temprature is not known' };
    const { steps } = run({
      changes: { recipes: { choose: () => barred }, inbox: { read: itWasRead, release: () => of(null) } },
    });
    expect(steps).toMatchObject([{ event: { type: 'document-pending', reason: 'config.temprature is not known' } }]);
  });
});

describe('a recipe that changes while its document waits', () => {
  const barred = { ...recipe, barred: 'config.temprature is not known' };
  const barredAfresh = (_: unknown, look?: 'afresh') => (look === undefined ? recipe : barred);

  test('sends the document back: it is not asked by what was', () => {
    const { kinds, steps, sent } = run({
      changes: { recipes: { choose: (_, look) => ({ ...recipe, hash: look ?? 'before' }) } },
    });
    expect(kinds).toEqual(['document-waiting']);
    expect(steps[0]?.next).toBeDefined();
    expect(sent).toEqual([]);
  });

  test('sends it back where the name of its result alone is another', () => {
    const { kinds } = run({
      changes: {
        recipes: { choose: (_, look) => ({ ...recipe, place: () => ({ name: look ?? 'before', ending: '.md' }) }) },
      },
    });
    expect(kinds).toEqual(['document-waiting']);
  });

  test('and can no longer be used does so, too', () => {
    const { kinds, sent } = run({ changes: { recipes: { choose: barredAfresh } } });
    expect(kinds).toEqual(['document-waiting']);
    expect(sent).toEqual([]);
  });
});

describe('what an API parsed before it failed', () => {
  test('goes along with the next attempt', () => {
    const prompts: Prompt[] = [];
    const annotations = [{ type: 'file', file: { hash: 'h' } }];
    const failed = { ...outcomeOf(1, retryVerdict(), ''), annotations };
    let calls = 0;
    const prepare = (prompt: Prompt): PreparedRequest =>
      preparedAs(({ number }) => {
        prompts.push(prompt);
        calls += 1;
        return of({ kind: 'ended', outcome: calls === 1 ? failed : outcomeOf(number, answer, 'read') });
      });
    const { outbox } = run({ dialogue: oneRequest, changes: { llm: { prepare } } });
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
  test('file what came with an answer where it asks for it', () => {
    const { outbox } = run({ dialogue: oneRequest, changes: withHandling({ keep: ['reasoning'] }) });
    expect([...outbox.attachments]).toEqual([['a', ['reasoning']]]);
    expect([...run({ dialogue: oneRequest }).outbox.attachments]).toEqual([]);
  });

  test('decide what becomes of the input', () => {
    expect(lastKind('archive', 'keep')).toBe('document-departed');
    expect(lastKind('keep', 'archive')).toBe('document-succeeded');
    expect(lastKind(null, 'archive')).toBe('document-departed');
  });

  test('leave a document pending when its money is spent, and fail one that it never covers', () => {
    const priced = { prices: { of: () => ({ prompt: 0, completion: 0.01, request: 0 }) } };
    const limited = { ...withHandling({ maxCostUsd: 1.5 }), ...priced };
    const dear = { ...outcomeOf(1, answer, 'one'), record: { ...outcomeOf(1, answer, '').record, costUsd: 1 } };
    expect(run({ outcomes: [dear], changes: limited, settings: { waitsForParked: false } }).steps.at(-1)).toMatchObject(
      {
        event: { type: 'document-pending', cause: 'budget', reason: expect.stringContaining('max_cost') },
      },
    );
    const never = run({ changes: { ...withHandling({ maxCostUsd: 0.5 }), ...priced } });
    expect(never.outbox.reports.get('a')?.code).toBe('over-budget');
  });
});

describe('what a person should know of an answer', () => {
  test('is told beside its success', () => {
    const notes = ['12 of 99 characters were sent'];
    const cut = judging(({ text }) => ({ kind: 'answer', answer: { ...plainAnswer(text), notes } }));
    const { steps } = run({ dialogue: cut });
    expect(steps.slice(-2)).toMatchObject([
      { event: { type: 'document-noted', id: 'a', message: notes[0] } },
      { event: { type: 'document-succeeded' } },
    ]);
  });

  test('lies beside the report where a document could be asked no further', () => {
    const partials: (string | null)[] = [];
    const outbox = new MemoryOutbox();
    const fileFailure = (report: FailureReport, partial: string | null) => {
      partials.push(partial);
      return MemoryOutbox.prototype.fileFailure.call(outbox, report);
    };
    const stopped: Dialogue = {
      next: (inquiry, replies) =>
        replies.length === 0
          ? inThree.next(inquiry, replies)
          : of({ kind: 'refused', code: 'too-long', reason: 'It no longer fits.', partial: 'so far' }),
    };
    run({ dialogue: stopped, changes: withHandling({}), outbox: Object.assign(outbox, { fileFailure }) });
    expect(partials).toEqual(['so far']);
    expect(outbox.reports.get('a')).toMatchObject({ code: 'too-long', attempts: [{ code: 'part-answered' }] });
  });
});

describe('a prompt that is counted by its bytes', () => {
  test('never costs more than what its model takes', () => {
    const facts = {
      contextTokens: 100_000,
      maxCompletionTokens: null,
      inputs: null,
      structuredOutputs: null,
      reasoning: null,
    };
    const long = {
      ...preparedAs(() => of({ kind: 'ended', outcome: outcomeOf(1, answer, 'one') })),
      promptTokensAtMost: 2_000_000,
    };
    const begun: unknown[] = [];
    const ledger = new MemoryLedger();
    const begin: MemoryLedger['begin'] = (attempt) => {
      begun.push(attempt.reservedUsd);
      return MemoryLedger.prototype.begin.call(ledger, attempt);
    };
    run({
      dialogue: oneRequest,
      ledger: Object.assign(ledger, { begin }),
      changes: {
        llm: { prepare: () => long },
        models: { facts: () => of(facts) },
        prices: { of: () => ({ prompt: 0.000_01, completion: 0, request: 0 }) },
      },
    });
    expect(begun).toEqual([1]);
  });
});

/** The three requests, sent in another way. */
function asSent(fields: JsonRecord, maxTokens: number): Dialogue {
  const sent = (move: Move): Move =>
    move.kind === 'ask' ? { ...move, prompt: { ...move.prompt, fields, maxTokens } } : move;
  return { next: (inquiry, replies) => inThree.next(inquiry, replies).pipe(map(sent)) };
}

describe('a reply that was kept', () => {
  const several = { recipes: { choose: () => severalRecipe } };

  test('is good however its request would be sent now: flags, prices and limits may have changed', () => {
    const failing = outcomeOf(2, retryVerdict(), '');
    const first = { dialogue: asSent({ provider: { max_price: { prompt: '3' } } }, 100), changes: several };
    const { ledger } = run({ ...first, outcomes: [outcomeOf(1, answer, 'one'), failing], settings: { retries: 0 } });
    ledger.reopen('a').subscribe();
    const { sent, outbox } = run({ dialogue: asSent({}, 64_000), changes: several, ledger });
    expect(sent).toEqual(['a 2', 'a 3']);
    expect(outbox.results.get('a')).toBe('one <a 2> <a 3>');
  });

  test('is not taken for the reply to another request of the same words', () => {
    const alike: Dialogue = {
      next: (inquiry, replies) =>
        inThree
          .next(inquiry, replies)
          .pipe(
            map((move) =>
              move.kind === 'ask'
                ? { ...move, prompt: { ...move.prompt, messages: [{ role: 'user', content: 'go on' }] } }
                : move,
            ),
          ),
    };
    const { sent, outbox } = run({
      dialogue: alike,
      changes: several,
      outcomes: ['1', '2', '3'].map((text) => outcomeOf(1, answer, text)),
    });
    expect(sent).toEqual(['go on', 'go on', 'go on']);
    expect(outbox.results.get('a')).toBe('1 2 3');
  });

  test('serves the same bytes under another name', () => {
    const failing = outcomeOf(2, retryVerdict(), '');
    const { ledger } = run({ outcomes: [outcomeOf(1, answer, 'one'), failing], settings: { retries: 0 } });
    ledger.records.clear();
    ledger.versions.clear();
    expect(run({ ledger }).sent).toEqual(['a 2', 'a 3']);
  });
});

describe('what was parsed before a call failed', () => {
  test('goes along with the first request alone: the others have it from the replies', () => {
    const annotations = [{ type: 'file', file: { hash: 'h' } }];
    const failed = { ...outcomeOf(1, retryVerdict(), ''), annotations };
    const prompts: Prompt[] = [];
    let calls = 0;
    const prepare = (prompt: Prompt): PreparedRequest =>
      preparedAs(({ number }) => {
        prompts.push(prompt);
        calls += 1;
        return of({ kind: 'ended', outcome: calls === 1 ? failed : outcomeOf(number, answer, `${calls}`) });
      });
    run({ changes: { llm: { prepare }, recipes: { choose: () => severalRecipe } } });
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
  const keptWith = (keep: Handling['keep']) =>
    [...run({ dialogue: rich, changes: withHandling({ keep }) }).ledger.answers.values()].map((kept) => kept.extras);

  test('is remembered but for the text of files, and images', () => {
    expect(keptWith([])).toEqual([{ reasoning: 'Let me see.', annotations: annotations.slice(1) }]);
  });

  test('is remembered whole where the recipe keeps it', () => {
    expect(keptWith(['annotations', 'images'])).toEqual([extras]);
  });
});
