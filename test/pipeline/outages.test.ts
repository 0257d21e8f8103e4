import { describe, expect, test } from '@jest/globals';
import { type AttemptOutcome, NOTHING_LISTENS, type Silence } from '../../src/domain/attempt.ts';
import { Outages } from '../../src/pipeline/outages.ts';
import { promiseTime, type VirtualTime } from '../support/virtual-time.ts';
import { answer, outcomeOf, refusedRequest, retryVerdict } from './in-memory.ts';

const PAGE = { refused: true, everywhere: false };
const PAGE_EVERYWHERE = { refused: true, everywhere: true };
const NOTHING = { refused: false, everywhere: false };
const NOTHING_EVERYWHERE = { refused: false, everywhere: true };

const DEFAULTS = { retries: 5, retryDelaySeconds: 2 };
const GOOD = outcomeOf(1, answer, 'text');

function silent(silence: Silence, verdict = retryVerdict(), status: number | null = 502): AttemptOutcome {
  const outcome = outcomeOf(1, verdict, '');
  return { ...outcome, record: { ...outcome.record, status, billing: 'in doubt' }, silence };
}

/** What became of calls, by what they are called: `out-of-reach none`, `retry in doubt`. */
interface Judged {
  readonly outages: Outages;
  readonly ends: Record<string, string>;
  readonly outcomes: Record<string, AttemptOutcome>;
  /** A call of this document, from one moment (ms) to another, ends so. */
  readonly call: (document: string, beganAt: number, endsAt: number, outcome: AttemptOutcome, model?: string) => void;
}

async function play(script: (judged: Judged, time: VirtualTime) => void, settings = DEFAULTS): Promise<Judged> {
  const time = promiseTime();
  const outages = new Outages(time.clock, settings);
  const ends: Record<string, string> = {};
  const outcomes: Record<string, AttemptOutcome> = {};
  const note = async (document: string, judging: Promise<AttemptOutcome>): Promise<void> => {
    const judged = await judging;
    outcomes[document] = judged;
    ends[document] = `${judged.record.code} ${judged.record.billing} ${time.clock.now()}`;
  };
  const call: Judged['call'] = (document, begunAt, endsAt, outcome, model = 'm') =>
    time.schedule(() => {
      void note(document, outages.judge({ model, document, begunAt }, outcome));
    }, endsAt);
  const judged = { outages, ends, outcomes, call };
  script(judged, time);
  await time.play();
  return judged;
}

/** Three silent calls, and later (ms) a word of the API. */
function threeThenAWord(wordAt: number): Promise<Judged> {
  return play(({ call }) => {
    for (const [index, document] of ['a', 'b', 'c'].entries()) call(document, 0, 10 + index, silent(PAGE));
    call('good', 0, wordAt, GOOD);
  });
}

/** What comes between two calls (seconds) when such an outage has lasted so long (ms). */
async function waitAfter(lastedMs: number, silence: Silence): Promise<number | null | undefined> {
  const { outcomes } = await play(({ call }) => {
    call('first', 0, 0, silent(silence));
    call('a', lastedMs, lastedMs, silent(silence));
    call('b', lastedMs, lastedMs, silent(silence));
  });
  const { verdict } = outcomes['b'] ?? GOOD;
  return verdict.kind === 'retry' ? verdict.hintSeconds : undefined;
}

describe('an outage', () => {
  test('is known at once where a free question finds the API silent as well: nothing was billed', async () => {
    const { ends, outcomes } = await play(({ call }) => call('a', 0, 10, silent(PAGE_EVERYWHERE)));
    expect(ends).toEqual({ a: 'out-of-reach none 10' });
    expect(outcomes['a']).toMatchObject({
      verdict: { kind: 'retry', cools: 'model', counts: true },
      record: { verdict: 'retry', counts: true, status: 502 },
    });
    expect(outcomes['a']?.record.message).toContain('it ended in retry');
  });

  test('is known from the silent calls of five documents: those that end together wait for each other', async () => {
    const documents = ['a', 'b', 'c', 'd', 'e', 'f'];
    const { ends } = await play(({ call }) => {
      for (const [index, document] of documents.entries()) call(document, 0, 10 + index, silent(PAGE));
    });
    const known = documents.map((_, index) => `out-of-reach none ${Math.max(14, 10 + index)}`);
    expect(documents.map((document) => ends[document])).toEqual(known);
  });

  test('is known from those of three where no word of the API comes within a second', async () => {
    const outage = 'out-of-reach none 1010';
    expect((await threeThenAWord(1011)).ends).toMatchObject({ a: outage, b: outage, c: outage });
    expect((await threeThenAWord(1009)).ends).toMatchObject({ a: 'retry in doubt 1009', c: 'retry in doubt 1009' });
  });

  test('is known from those of three that came one after another', async () => {
    const { ends } = await play(({ call }) => {
      for (const [index, document] of ['a', 'b', 'c'].entries())
        call(document, index * 5000, index * 5000 + 10, silent(PAGE));
    });
    expect(ends).toEqual({ a: 'retry in doubt 1010', b: 'retry in doubt 6010', c: 'out-of-reach none 11010' });
  });

  test('is not made of the calls of one document, which may be the cause', async () => {
    const { ends } = await play(({ call }) => {
      for (const at of [0, 2000, 4000, 6000]) call('a', at, at + 10, silent(PAGE));
    });
    expect(ends).toEqual({ a: 'retry in doubt 7010' });
  });

  test('is made of the calls of one document that a gateway says it did not pass on', async () => {
    const page = silent(PAGE, retryVerdict(), 503);
    const refused = { ...page, record: { ...page.record, billing: 'none' } } as const;
    const { outcomes } = await play(({ call }) => {
      for (const at of [0, 2000, 4000]) call('a', at, at + 10, { ...refused, record: { ...refused.record } });
    });
    expect(outcomes['a']).toMatchObject({ record: { code: 'out-of-reach' }, verdict: { cools: 'model' } });
  });

  test('is not made of single silent calls between good ones, which stay in doubt', async () => {
    const { ends } = await play(({ call }) => {
      for (const [index, document] of ['a', 'b', 'c', 'd'].entries()) {
        call(document, index * 100, index * 100 + 10, silent(PAGE));
        call(`good ${document}`, index * 100, index * 100 + 20, GOOD);
      }
    });
    expect(ends).toMatchObject({
      a: 'retry in doubt 20',
      b: 'retry in doubt 120',
      c: 'retry in doubt 220',
      d: 'retry in doubt 320',
    });
  });

  test('is that of one model', async () => {
    const { ends } = await play(({ call }) => {
      for (const document of ['a', 'b', 'c', 'd']) call(document, 0, 10, silent(PAGE));
      call('x', 0, 20, silent(PAGE), 'other');
    });
    expect(ends['x']).toBe('retry in doubt 1020');
  });

  test('is over with the first word of the API, a refusal too', async () => {
    const { ends } = await play(({ call }) => {
      call('a', 0, 10, silent(PAGE_EVERYWHERE));
      call('b', 11, 20, outcomeOf(1, refusedRequest, ''));
      call('c', 21, 30, silent(PAGE));
    });
    expect(ends).toMatchObject({ a: 'out-of-reach none 10', c: 'retry in doubt 1030' });
  });

  test('turns what was failed by its page into a wait, but is not made of such failures', async () => {
    const blocked = silent(PAGE, refusedRequest, 403);
    const alone = await play(({ call }) => {
      for (const document of ['a', 'b', 'c', 'd', 'e']) call(document, 0, 10, blocked);
    });
    expect(alone.outcomes['c']?.verdict).toEqual(refusedRequest);
    const whole = await play(({ call }) => call('a', 0, 10, silent(PAGE_EVERYWHERE, refusedRequest, 403)));
    expect(whole.outcomes['a']).toMatchObject({ verdict: { kind: 'retry' }, record: { verdict: 'retry' } });
  });
});

describe('what an outage cost', () => {
  test('stays in doubt for a call that was in flight while the API still spoke', async () => {
    const { ends } = await play(({ call }) => {
      call('good', 0, 100, GOOD);
      call('a', 50, 110, silent(PAGE_EVERYWHERE));
      call('b', 105, 120, silent(PAGE_EVERYWHERE));
    });
    expect(ends).toMatchObject({ a: 'out-of-reach in doubt 110', b: 'out-of-reach none 120' });
  });

  test('stays in doubt where calls may have come to the API, until that is known to be silent', async () => {
    const { ends } = await play(({ call }) => {
      call('a', 0, 10, silent(NOTHING_EVERYWHERE, retryVerdict(), 504));
      call('b', 5, 20, silent(NOTHING_EVERYWHERE, retryVerdict(), 504));
      call('c', 30, 40, silent(NOTHING_EVERYWHERE, retryVerdict(), 504));
      call('d', 50, 60, silent(NOTHING, retryVerdict(), 504));
    });
    expect(ends).toEqual({
      a: 'out-of-reach in doubt 10',
      b: 'out-of-reach in doubt 20',
      c: 'out-of-reach none 40',
      d: 'out-of-reach in doubt 60',
    });
  });

  test('is nothing for a call that never left, which is told as it is', async () => {
    const outcome = outcomeOf(1, retryVerdict(null, 'model'), '');
    const unreachable = { ...outcome, record: { ...outcome.record, status: null }, silence: PAGE_EVERYWHERE };
    const { outcomes, outages } = await play(({ call }) => call('a', 0, 0, unreachable), { ...DEFAULTS, retries: 0 });
    expect(outcomes['a']).toBe(unreachable);
    expect(outages.isGivenUp('m')).toBe(false);
  });
});

describe('calls in an outage', () => {
  test.each([
    ['are free', PAGE_EVERYWHERE, [1, 1, 8, 60, 60]],
    ['may be billed', NOTHING, [32, 32, 32, 90, 900]],
  ] as const)(
    'come as long after each other as it has lasted, within limits, where they %s',
    async (_, silence, waits) => {
      const lasted = [0, 500, 8000, 90_000, 10_000_000];
      expect(await Promise.all(lasted.map((ms) => waitAfter(ms, silence)))).toEqual(waits);
    },
  );

  test('wait at least as long as a gateway asks', async () => {
    const { outcomes } = await play(({ call }) => call('a', 0, 0, silent(PAGE_EVERYWHERE, retryVerdict(7))));
    expect(outcomes['a']?.verdict).toMatchObject({ hintSeconds: 7 });
  });

  test.each([
    ['of which nothing was ever heard', [], true],
    ['that answered another model before', [GOOD], false],
  ])('are given up early at a server on this machine %s', async (_, heard, givenUp) => {
    const refused = silent(PAGE_EVERYWHERE, retryVerdict(), null);
    const absent = { ...refused, record: { ...refused.record, code: NOTHING_LISTENS, billing: 'none' as const } };
    const at: Record<number, boolean> = {};
    await play(({ call, outages }, { schedule }) => {
      for (const outcome of heard) call('before', 0, 0, outcome, 'other');
      call('a', 0, 10, absent);
      for (const ms of [2000, 2020]) schedule(() => (at[ms] = outages.isGivenUp('m')), ms);
    });
    expect(at).toEqual({ 2000: false, 2020: givenUp });
  });

  test('are given up by a run that ends, once all waits of a document would be over', async () => {
    const at: Record<number, boolean> = {};
    await play(({ call, outages }, { schedule }) => {
      call('a', 0, 10, silent(PAGE_EVERYWHERE));
      for (const ms of [11, 62_000, 62_011, 70_001]) schedule(() => (at[ms] = outages.isGivenUp('m')), ms);
      call('good', 69_000, 70_000, GOOD);
    });
    expect(at).toEqual({ 11: false, 62_000: false, 62_011: true, 70_001: false });
  });

  test('are given up after a quarter of an hour however many retries are allowed', async () => {
    let isGivenUp = false;
    await play(
      ({ call, outages }, { schedule }) => {
        call('a', 0, 0, silent(PAGE_EVERYWHERE));
        schedule(() => (isGivenUp = outages.isGivenUp('m')), 900_001);
      },
      { retries: 500, retryDelaySeconds: 2 },
    );
    expect(isGivenUp).toBe(true);
  });
});
