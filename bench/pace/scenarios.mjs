import {
  fixedWindow,
  lognormal,
  queueing,
  refusing,
  seededRandom,
  slidingWindow,
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

export const RATES = ['exact', 'whole seconds'].flatMap((hint) => [
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
