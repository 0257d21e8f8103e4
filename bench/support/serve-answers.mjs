// A server that takes as little of the machine as it can, and remembers when each call came and ended.
// It knows no models, and all answers are the same.
//
//   node bench/support/serve-answers.mjs [--latency SECONDS] [--events N --every MS]
//
// --events  streamed answers of so many pieces, each sent by itself, one every so many milliseconds
//
// GET /calls gives `{ came, ended, answered }` of each call, in milliseconds since the epoch; `ended` is null while it
// is in flight, `answered` tells whether it got its whole answer.
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';

const text = { type: 'string', default: '0' };
const { values } = parseArgs({ options: { latency: text, events: text, every: text } });
const [latencyMs, events, every] = [Number(values.latency) * 1000, Number(values.events), Number(values.every)];

const WORDS = 'The harvest was late, and prices rose again by three per cent. ';
const head = { id: 'gen-1', provider: 'Bench', model: 'anthropic/claude-sonnet-4.5', created: 1_700_000_000 };
const usage = { prompt_tokens: 500, completion_tokens: 500, total_tokens: 1000, cost: 0 };

const message = { role: 'assistant', content: WORDS.repeat(32), refusal: null, reasoning: null };
const whole = { index: 0, finish_reason: 'stop', native_finish_reason: 'stop', logprobs: null, message };
const BODY = JSON.stringify({ ...head, object: 'chat.completion', choices: [whole], usage });

function event(content, reason, more) {
  const choice = { index: 0, delta: { role: 'assistant', content }, finish_reason: reason };
  const choices = [{ ...choice, native_finish_reason: reason, logprobs: null }];
  return `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices, ...more })}\n\n`;
}
const PIECE = event('harvest ', null);
const END = `${event('', 'stop', { usage })}data: [DONE]\n\n`;

const calls = [];
/** Streams that are open, each with how many pieces it is still to get. */
const streams = new Map();

function sendPieces() {
  for (const [response, left] of streams) {
    if (left > 0) response.write(PIECE);
    else response.end(END);
    if (left > 0) streams.set(response, left - 1);
    else streams.delete(response);
  }
}
if (events > 0) setInterval(sendPieces, every);

function answer(response) {
  if (events === 0) return response.writeHead(200, { 'content-type': 'application/json' }).end(BODY);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  streams.set(response, events);
}

function take(request, response) {
  const call = { came: Date.now(), ended: null, answered: false };
  calls.push(call);
  response.on('close', () => {
    streams.delete(response);
    Object.assign(call, { ended: Date.now(), answered: response.writableFinished });
  });
  const send = () => answer(response);
  request.on('end', latencyMs === 0 ? send : () => setTimeout(send, latencyMs)).resume();
}

const server = createServer((request, response) => {
  if (request.method === 'POST') take(request, response);
  else if (request.url === '/calls') response.end(JSON.stringify(calls));
  else response.writeHead(404).end();
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`http://127.0.0.1:${server.address().port}\n`));
