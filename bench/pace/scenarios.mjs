import { ModelLimiter } from '../../src/gate/model-limiter.ts';
import { simulateRun } from '../../test/gate/simulate-run.ts';
import {
  byChance,
  fixedWindow,
  lognormal,
  queueing,
  refusing,
  seededRandom,
  slidingWindow,
  slowing,
  tokenBucket,
  unlimited,
} from '../../test/gate/simulated-api.ts';

const within = (now, from, to) => now >= from && now < to;
const per5Seconds = { calls: 50, windowMs: 5000, latencyMs: 100 };
const noisy = (median, sigma) => {
  const random = seededRandom(7);
  return () => lognormal(random, median, sigma);
};
/** What 256 calls in flight bring, or the slots, per second. */
const perSecond = (calls, latencyMs) => () => (calls * 1000) / latencyMs;

/** Each with what the best fixed number of calls, or the rate, would bring per second at a time (ms). */
export const LIMITS = [
  {
    name: 'refuses',
    title: 'Takes 40 at once, 200 ms',
    documents: 4000,
    api: () => refusing(() => 40, () => 200),
    best: perSecond(40, 200),
  },
  {
    name: 'falls',
    title: 'Takes 40, from 10 s to 30 s only 10, then 40',
    documents: 6000,
    api: () => refusing((now) => (within(now, 10_000, 30_000) ? 10 : 40), () => 200),
    best: (now) => (within(now, 10_000, 30_000) ? 50 : 200),
  },
  {
    name: 'queues',
    title: 'Works on 40, lets the others wait, 200 ms',
    documents: 4000,
    api: () => queueing(40, () => 200),
    best: perSecond(40, 200),
  },
  {
    name: 'queues-noisily',
    title: 'Works on 40, lets the others wait, lognormal latency, sigma 0.5',
    documents: 6000,
    api: () => queueing(40, noisy(200, 0.5)),
    best: perSecond(40, 200 * Math.exp(0.125)),
  },
  {
    name: 'slower',
    title: 'No limit; 200 ms, from 10 s to 30 s 400 ms',
    documents: 40_000,
    api: () => unlimited((now) => (within(now, 10_000, 30_000) ? 400 : 200)),
    best: (now) => (within(now, 10_000, 30_000) ? 640 : 1280),
  },
  {
    name: 'noisy',
    title: 'No limit; lognormal latency, sigma 1',
    documents: 50_000,
    api: () => unlimited(noisy(200, 1)),
    best: perSecond(256, 200 * Math.exp(0.5)),
  },
  {
    name: 'long',
    title: 'No limit; 2 to 6 s',
    documents: 10_000,
    api: () => {
      const random = seededRandom(3);
      return unlimited(() => 2000 + 4000 * random());
    },
    best: perSecond(256, 4000),
  },
];

const HINTED = ['exact', 'whole seconds'].flatMap((hint) => [
  rate('sliding', '50 in any 5 s', hint, (settings) => slidingWindow(settings), per5Seconds, 3000),
  rate('bucket', 'a bucket of 50, filled in 5 s', hint, (settings) => tokenBucket(settings), per5Seconds, 3000),
  rate('window', '50 in 5 s of the clock', hint, (settings) => fixedWindow(settings, 2000), per5Seconds, 3000),
  rate(
    'minute',
    '500 in a minute of the clock',
    hint,
    (settings) => fixedWindow(settings, 20_000),
    { calls: 500, windowMs: 60_000, latencyMs: 100 },
    5000,
  ),
]);

export const RATES = [
  ...HINTED,
  {
    name: 'chance',
    title: 'asks 2 % of the calls for 3 s by chance, 0.2 s',
    documents: 5000,
    api: () => byChance(unlimited(() => 200), { 429: 0.02 }, seededRandom(7), { 429: 3000 }),
    // 50 calls from one wait to the next.
    best: () => 50 / 3,
  },
  inTurns(10, 20, 60),
  inTurns(5, 20, 30),
];

const bucketOf10 = (speed) => tokenBucket({ calls: 10, windowMs: 10_000 / speed, latencyMs: 300, hint: 'exact' });

/** Two buckets, each for so many seconds. */
function inTurns(slower, faster, seconds) {
  const isSlower = (now) => Math.floor(now / (seconds * 1000)) % 2 === 0;
  return {
    name: 'turns',
    title: `${slower} and ${faster} a second in turns of ${seconds} s, bursts of 10, hints exact`,
    documents: 5000,
    api: () => {
      const [slow, fast] = [bucketOf10(slower), bucketOf10(faster)];
      return (now) => (isSlower(now) ? slow(now) : fast(now));
    },
    best: (now) => (isSlower(now) ? slower : faster),
  };
}

function rate(name, title, hint, api, settings, documents) {
  return {
    name: `${name}-${hint.replace(' ', '-')}`,
    title: `${title}, hints ${hint}`,
    plotted: hint === 'whole seconds',
    documents,
    api: () => api({ ...settings, hint }),
    best: perSecond(settings.calls, settings.windowMs),
  };
}

const lastMs = (calls) => calls.at(-1).endedAt;
const around = (ms, seed) => {
  const random = seededRandom(seed + 100);
  return () => ms * (0.9 + 0.2 * random());
};

/** How long a fixed number of calls takes (ms), with nothing that moves it. */
function fixedMs(documents, api, calls) {
  const limiter = new ModelLimiter('api', 'model', { start: calls, ceiling: calls, watchesLatency: false });
  return lastMs(simulateRun({ documents, api, limiter }));
}

/** Without faults, over with them. */
const chance = (title, shares, concurrency = 5) => ({
  title,
  concurrency,
  documents: 400,
  api: (seed) => byChance(unlimited(() => 750), shares, seededRandom(seed)),
  best: (calls) => fixedMs(400, unlimited(() => 750), concurrency) / lastMs(calls),
});

/** What the best fixed number of calls takes, over what it took. */
const atOnce = (title, concurrency, documents, api, numbers) => ({
  title,
  concurrency,
  documents,
  api,
  best: (calls, seed) => Math.min(...numbers.map((number) => fixedMs(documents, api(seed), number))) / lastMs(calls),
});

/** Answers over what the bucket gives; latencies vary by a fifth. */
const bucket = (title, concurrency, documents, speed, burst, latencyMs) => ({
  title,
  concurrency,
  documents,
  api: (seed) => {
    const random = seededRandom(seed);
    const tokens = tokenBucket({ calls: burst, windowMs: (burst * 1000) / speed, latencyMs: 0, hint: 'none' });
    return (now) => {
      const outcome = tokens(now);
      return outcome.refusal ? outcome : { repliesAt: now + latencyMs * (0.8 + 0.4 * random()) };
    };
  },
  best: (calls) => documents / (burst + (speed * lastMs(calls)) / 1000),
});

/** Refusals without a hint: each with what share of the best it reached. */
export const UNHINTED = [
  chance('5 at once, 0.75 s; 3 % of 429 by chance', { 429: 0.03 }),
  chance('5 at once, 0.75 s; 5 % of 503 and 3 % of 429 by chance', { 503: 0.05, 429: 0.03 }),
  chance('5 at once, 0.75 s; 20 % of 429 by chance', { 429: 0.2 }),
  atOnce('80 at once, takes 40, 0.4 s', 80, 4000, (seed) => refusing(() => 40, around(400, seed)), [40]),
  atOnce('80 at once, takes 40 and answers 503 above', 80, 4000, (seed) => refusing(() => 40, around(400, seed), 3, 503), [40]),
  atOnce('auto, takes 30 and answers 503 above, 0.4 s', 'auto', 2500, (seed) => refusing(() => 30, around(400, seed), 3, 503), [30]),
  {
    title: 'auto, takes 15 and 50 in turns of 15 s, 0.4 s',
    concurrency: 'auto',
    documents: 6000,
    until: 60_000,
    api: (seed) => refusing((now) => (Math.floor(now / 15_000) % 2 === 0 ? 15 : 50), around(400, seed)),
    best: (calls) => calls.filter(({ refused }) => !refused).length / 4875,
  },
  ...[200, 750, 2000].map((ms) => bucket(`5 at once, 60 a minute in bursts of 10, ${ms / 1000} s`, 5, 180, 1, 10, ms)),
  ...[100, 400, 1000, 3000].map((ms) => bucket(`auto, 10 a second in bursts of 10, ${ms / 1000} s`, 'auto', 1000, 10, 10, ms)),
  bucket('auto, 10 a second without bursts, 0.4 s', 'auto', 1000, 10, 1, 400),
  atOnce(
    'auto, 0.25 s x (1 + (n / 30)^3), n calls at once',
    'auto',
    4000,
    (seed) => {
      const noise = around(250, seed);
      return slowing((inFlight) => noise() * (1 + (inFlight / 30) ** 3));
    },
    [22, 24, 26],
  ),
];
