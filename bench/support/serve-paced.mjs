// A server that takes as many calls as its plan says, and refuses the others without a hint.
//
//   node bench/support/serve-paced.mjs PLAN
//
// PLAN is JSON; durations are seconds:
//   latency             of an answer
//   slowsFrom           the latency grows with the calls n that are inside: latency x (1 + (n / slowsFrom) ^ 3)
//   capacity            calls at once; [a, b] with `turn`: a and b in turns of so many seconds
//   status              of a refusal (default 429)
//   perSecond, burst    a token bucket
//   chance, seed        { "429": 0.03 }: this share of all calls is refused by chance
//
// GET /counts gives `{ answered, refused, most, seconds }`: calls so far, the most of them inside at once, and the time
// from the first call to the last answer.
import { createServer } from 'node:http';

const plan = JSON.parse(process.argv[2]);
const { latency, slowsFrom, capacity = Infinity, turn, status = 429, perSecond, burst, chance = {}, seed = 1 } = plan;

const BODY = JSON.stringify({
  id: 'gen-1',
  object: 'chat.completion',
  model: 'bench',
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'The harvest was late.' } }],
  usage: { prompt_tokens: 500, completion_tokens: 10, total_tokens: 510 },
});
const WORDS = { 429: 'Too many requests', 503: 'The server is overloaded' };

const counts = { answered: 0, refused: 0, most: 0, seconds: 0 };
let inside = 0;
let tokens = burst;
let filledAt = performance.now();
let begin = null;
let state = seed * 2654435761;

/** From 0 to below 1 (mulberry32). */
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}

function byChance() {
  let draw = random();
  for (const [code, share] of Object.entries(chance)) {
    if (draw < share) return Number(code);
    draw -= share;
  }
  return null;
}

function hasRoom(now) {
  if (!Array.isArray(capacity)) return inside < capacity;
  return inside < capacity[Math.floor((now - begin) / 1000 / turn) % capacity.length];
}

function takesToken(now) {
  if (perSecond === undefined) return true;
  tokens = Math.min(burst, tokens + ((now - filledAt) * perSecond) / 1000);
  filledAt = now;
  if (tokens < 1) return false;
  tokens -= 1;
  return true;
}

function refuse(response, code) {
  counts.refused += 1;
  const error = { message: WORDS[code], type: code === 429 ? 'rate_limited' : 'server_error', code: null, param: null };
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
}

function take(response) {
  const now = performance.now();
  begin ??= now;
  const code = byChance() ?? (hasRoom(now) && takesToken(now) ? null : status);
  if (code !== null) return refuse(response, code);
  inside += 1;
  counts.most = Math.max(counts.most, inside);
  const seconds = slowsFrom === undefined ? latency : latency * (1 + (inside / slowsFrom) ** 3);
  setTimeout(() => {
    inside -= 1;
    counts.answered += 1;
    counts.seconds = (performance.now() - begin) / 1000;
    response.writeHead(200, { 'content-type': 'application/json' }).end(BODY);
  }, seconds * 1000);
}

const server = createServer((request, response) => {
  if (request.method === 'POST') request.on('end', () => take(response)).resume();
  else if (request.url === '/counts') response.end(JSON.stringify(counts));
  else response.writeHead(404).end();
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`http://127.0.0.1:${server.address().port}\n`));
