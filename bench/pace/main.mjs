// Simulates, in virtual time, how the gate finds its pace: prints the figures and writes the plots of docs/pace.md.
//
//   node --import ./tools/typescript.mjs bench/pace/main.mjs
import { mkdirSync, writeFileSync } from 'node:fs';
import { limitOf } from '../../src/gate/adaptive-limit.ts';
import { ModelLimiter } from '../../src/gate/model-limiter.ts';
import { figuresOf } from '../../test/gate/figures-of.ts';
import { simulateRun } from '../../test/gate/simulate-run.ts';
import { Aimd, Gradient2, Vegas } from './alternatives.mjs';
import { plot } from './plot.mjs';
import { LIMITS, RATES, UNHINTED } from './scenarios.mjs';

const PLOTS = new URL('../../docs/pace/', import.meta.url);
const STEP_MS = 1000;

const SEEDS = [1, 2, 3, 4, 5];

const sluice = (concurrency = 'auto') =>
  new ModelLimiter('api', 'model', limitOf({ concurrency, concurrencyMax: 256 }));
const auto = () => sluice();

/** Every refusal counts: none is taken for chance. */
function withoutChance(limiter) {
  limiter.refusals.refused = (start) => {
    limiter.refusals.lowest = start.inFlight;
    return 'goes on';
  };
  return limiter;
}

/** No rate is learned. */
function withoutRate(limiter) {
  limiter.rate.refused = limiter.rate.learn = () => undefined;
  return limiter;
}

const limitedBy = (limit) => withoutRate(withoutChance(Object.assign(auto(), { limit })));
const CONTENDERS = {
  sluice: auto,
  AIMD: () => limitedBy(new Aimd()),
  Gradient2: () => limitedBy(new Gradient2()),
  Vegas: () => limitedBy(new Vegas()),
};
/** Without a hint: what each part of the rule is good for. */
const PARTS = {
  sluice,
  'no refusal is chance': (concurrency) => withoutChance(sluice(concurrency)),
  'no rate is learned': (concurrency) => withoutRate(sluice(concurrency)),
};

/** Answers, over what the best would have brought in the same time. */
function share(calls, best) {
  const end = calls.at(-1).endedAt;
  let possible = 0;
  for (let at = 0; at < end; at += 100) possible += best(at) / 10;
  return calls.filter(({ refused }) => !refused).length / possible;
}

function row(title, contender, calls, best) {
  const { rejected, mostInFlight } = figuresOf(calls);
  const figures = [share(calls, best).toFixed(2), `${(rejected * 100).toFixed(1)} %`, mostInFlight];
  process.stdout.write(`| ${[title, contender, ...figures].join(' | ')} |\n`);
}

/** [seconds, value] for each step of the run, from the calls that ended in it. */
function course(calls, valueOf) {
  const steps = new Map();
  for (const call of calls) {
    const step = Math.floor(call.endedAt / STEP_MS);
    if (!steps.has(step)) steps.set(step, []);
    steps.get(step).push(call);
  }
  return [...steps].map(([step, own]) => [((step + 1) * STEP_MS) / 1000, valueOf(own)]);
}

const goodput = (own) => (own.filter(({ refused }) => !refused).length * 1000) / STEP_MS;

function draw(name, title, calls, best, second) {
  const answers = { name: 'answers per second', points: course(calls, goodput) };
  const ideal = { name: 'the best', points: answers.points.map(([at]) => [at, best(at * 1000 - STEP_MS / 2)]) };
  writeFileSync(new URL(`${name}.svg`, PLOTS), plot({ title, xLabel: 'seconds', lines: [answers, second, ideal] }));
}

function simulateLimit({ name, title, documents, api, best }) {
  for (const [contender, create] of Object.entries(CONTENDERS)) {
    const calls = simulateRun({ documents, api: api(), limiter: create() });
    row(title, contender, calls, best);
    if (contender !== 'sluice') continue;
    draw(name, title, calls, best, { name: 'limit', points: course(calls, (own) => own.at(-1).limit) });
  }
}

function simulateRate({ name, title, documents, api, best, plotted }) {
  for (const rate of [true, false]) {
    const calls = simulateRun({ documents, api: api(), limiter: rate ? auto() : withoutRate(auto()) });
    row(title, rate ? 'sluice' : 'cooldown alone', calls, best);
    if (!rate || !plotted) continue;
    draw(name, title, calls, best, { name: 'learned rate', points: course(calls, (own) => own.at(-1).perSecond ?? 0) });
  }
}

/** The worst of all seeds: what it is compared with, over the time from the first call to the last answer; refused. */
function simulateUnhinted({ title, concurrency, documents, until, api, best }) {
  const figures = Object.values(PARTS).map((create) => {
    const runs = SEEDS.map((seed) => {
      const calls = simulateRun({ documents, until, api: api(seed), limiter: create(concurrency), seed });
      return { ofBest: best(calls, seed), rejected: figuresOf(calls).rejected };
    });
    const ofBest = Math.min(...runs.map((run) => run.ofBest));
    const rejected = Math.max(...runs.map((run) => run.rejected));
    return `${ofBest.toFixed(2)}, ${(rejected * 100).toFixed(1)} %`;
  });
  process.stdout.write(`| ${[title, ...figures].join(' | ')} |\n`);
}

mkdirSync(PLOTS, { recursive: true });
process.stdout.write('| API | limit by | goodput over the best | rejected | most in flight |\n|---|---|---|---|---|\n');
for (const scenario of LIMITS) simulateLimit(scenario);
for (const scenario of RATES) simulateRate(scenario);
process.stdout.write(`\n| API, 5 seeds, the worst | ${Object.keys(PARTS).join(' | ')} |\n|---|---|---|---|\n`);
for (const scenario of UNHINTED) simulateUnhinted(scenario);
