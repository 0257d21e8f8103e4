import { asArray, asObject, isRecord, type JsonRecord, parseJson } from '../lib/json.ts';
import { errorBody } from './api-errors.ts';
import { type Completion, completionEvents, completionJson, STREAM_END } from './completion.ts';
import type { FaultKind } from './fault-kinds.ts';
import type { Fault, FRAMINGS } from './fault-plan.ts';
import { TICKS_PER_USD } from './make-completion.ts';
import type { Profile } from './profiles.ts';

/** What a reply is written from. */
export interface Writing {
  /** The API that is played. */
  readonly profile: Profile;
  readonly completion: Completion;
  readonly fault: Fault | undefined;
  /** Streamed, the usage was asked for. */
  readonly asksForUsage: boolean;
}

/** The body of a call that is not streamed, as the profile and the fault have it. */
export function replyJson({ profile, completion, fault }: Writing): string {
  const body = completionJson(completion);
  if (isPlain(profile, fault)) return body;
  const reply = asObject(parseJson(body));
  const written =
    profile.errors === 'openrouter'
      ? reply
      : { ...withoutRouter(profile, reply), usage: plainUsage(profile, reply['usage']) };
  return JSON.stringify(inDialect(fault, [written])[0]);
}

/** The events of a streamed call. */
export function replyEvents(writing: Writing): readonly string[] {
  const { profile, completion, fault } = writing;
  const events = completionEvents(completion);
  if (isPlain(profile, fault)) return events;
  const chunks = events.map((event) => parseJson(event.replace(/^data: /, ''))).filter(isRecord);
  const written = profile.errors === 'openrouter' ? chunks : asProfile(writing, chunks);
  const texts = inDialect(fault, written).map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`);
  const end = completion.breaksOff ? errorEnd(writing) : STREAM_END;
  const keepAlive = profile.errors === 'openrouter' ? events.slice(0, 1) : [profile.keepAlive ?? ''];
  return [...keepAlive, ...(completion.breaksOff ? texts.slice(0, -1) : texts), end];
}

function isPlain(profile: Profile, fault: Fault | undefined): boolean {
  return (
    profile.errors === 'openrouter' &&
    (fault === undefined || DIALECTS[fault.kind] === undefined) &&
    fault?.kind !== 'error-event'
  );
}

/** What ends a stream that breaks off. */
function errorEnd({ profile, completion, fault }: Writing): string {
  const error = completion.error ?? { code: 502, message: '', metadata: {} };
  const data = JSON.stringify(errorBody(profile.errors, error));
  return fault?.kind === 'error-event' ? `event: error\ndata: ${data}\n\n` : `data: ${data}\n\n`;
}

/** The chunks of a stream as the profile writes them: the usage with the end of the answer, or after it where the call asked. */
function asProfile({ profile, asksForUsage }: Writing, chunks: readonly JsonRecord[]): readonly JsonRecord[] {
  const usage = plainUsage(profile, chunks.findLast((chunk) => chunk['usage'] !== undefined)?.['usage']);
  const said = chunks.filter((chunk) => chunk['usage'] === undefined).map((chunk) => withoutRouter(profile, chunk));
  const last = said.at(-1) ?? {};
  const ended = profile.usage === 'always' ? { ...last, usage } : last;
  return [
    ...(profile.opening === undefined ? [] : [profile.opening]),
    ...said.slice(0, -1),
    ended,
    ...(profile.usage === 'asked' && asksForUsage && usage !== undefined ? [{ ...last, choices: [], usage }] : []),
  ];
}

/** A reply, or a chunk of one, without what OpenRouter adds. */
function withoutRouter(profile: Profile, { provider: _provider, usage: _usage, id, ...reply }: JsonRecord): JsonRecord {
  const choices = asArray(reply['choices']).map((choice) => plainChoice(profile, asObject(choice)));
  return { id: `chatcmpl-${String(id).replace(/^gen-/, '')}`, ...reply, choices };
}

function plainChoice({ thinking, stopWord = 'stop' }: Profile, choice: JsonRecord): JsonRecord {
  const { native_finish_reason: _native, error: _error, finish_reason: finish, message, delta, ...rest } = choice;
  const plain = (said: unknown): JsonRecord => {
    const { reasoning, annotations: _annotations, images: _images, refusal: _refusal, ...kept } = asObject(said);
    return typeof reasoning === 'string' && thinking !== null ? { ...kept, [thinking]: reasoning } : kept;
  };
  return {
    ...rest,
    ...(message !== undefined && { message: plain(message) }),
    ...(delta !== undefined && { delta: plain(delta) }),
    finish_reason: finish === 'stop' ? stopWord : finish,
  };
}

function plainUsage({ usageForm }: Profile, usage: unknown): JsonRecord | undefined {
  if (!isRecord(usage)) return undefined;
  const { cost, cost_details: _details, is_byok: _byok, ...plain } = usage;
  const prompt = Number(plain['prompt_tokens']);
  const cached = Number(asObject(plain['prompt_tokens_details'])['cached_tokens'] ?? 0);
  if (usageForm === 'ticks') return { ...plain, cost_in_usd_ticks: Math.round(Number(cost) * TICKS_PER_USD) };
  const hits = { prompt_cache_hit_tokens: cached, prompt_cache_miss_tokens: prompt - cached };
  return usageForm === 'cache-hits' ? { ...plain, ...hits } : plain;
}

/** Rewrites the chunks of a good stream, or the one body of a reply that is not streamed. */
type Dialect = (chunks: readonly JsonRecord[], fault: Fault) => readonly JsonRecord[];

function inDialect(fault: Fault | undefined, chunks: readonly JsonRecord[]): readonly JsonRecord[] {
  return fault === undefined ? chunks : (DIALECTS[fault.kind]?.(chunks, fault) ?? chunks);
}

const DIALECTS: Readonly<Partial<Record<FaultKind, Dialect>>> = {
  'message-beside-delta': withMessages((choice, message) => ({ ...choice, message })),
  'message-alone': withMessages(({ delta: _delta, ...choice }, message) => ({ ...choice, message })),
  'message-empty': withMessages((choice) => ({ ...choice, message: { role: 'assistant', content: '' } })),
  'choice-index': (chunks) => chunks.map(eachChoice((choice) => ({ ...choice, index: 1 }))),
  'second-choice': (chunks) => chunks.flatMap(withSecondChoice),
  'content-parts': (chunks) => chunks.map(eachChoice(inParts)),
  'usage-alone': (chunks) => [{ ...chunks.at(-1), choices: [] }],
};

function eachChoice(change: (choice: JsonRecord) => JsonRecord): (chunk: JsonRecord) => JsonRecord {
  return (chunk) => ({ ...chunk, choices: asArray(chunk['choices']).map((choice) => change(asObject(choice))) });
}

/** Gives each choice of a stream the message so far. */
function withMessages(change: (choice: JsonRecord, message: JsonRecord) => JsonRecord): Dialect {
  return (chunks) => {
    let content = '';
    const add = eachChoice((choice) => {
      if (choice['delta'] === undefined) return choice;
      content += contentOf(choice['delta']);
      return change(choice, { role: 'assistant', content });
    });
    return chunks.map(add);
  };
}

function contentOf(said: unknown): string {
  const { content } = asObject(said);
  return typeof content === 'string' ? content : '';
}

function withSecondChoice(chunk: JsonRecord): readonly JsonRecord[] {
  const { usage: _usage, ...second } = eachChoice(({ delta, message, ...choice }) => ({
    ...choice,
    index: 1,
    ...(delta !== undefined && { delta: otherText(delta) }),
    ...(message !== undefined && { message: otherText(message) }),
  }))(chunk);
  // A body that is not streamed holds both.
  if (chunk['object'] === 'chat.completion')
    return [{ ...chunk, choices: [...asArray(chunk['choices']), ...asArray(second['choices'])] }];

  return asArray(chunk['choices']).length === 0 ? [chunk] : [chunk, second];
}

function otherText(said: unknown): JsonRecord {
  return { ...asObject(said), content: contentOf(said) === '' ? '' : 'Of the other choice. ' };
}

function inParts(choice: JsonRecord): JsonRecord {
  const said = choice['delta'] === undefined ? 'message' : 'delta';
  const text = contentOf(choice[said]);
  const thought = { type: 'thinking', thinking: [{ type: 'text', text: 'Thought, not said. ' }] };
  const content = text === '' ? '' : [thought, { type: 'text', text }];
  return { ...choice, [said]: { ...asObject(choice[said]), content } };
}

/** A stream's bytes in another framing. */
export function framed(events: readonly string[], framing: (typeof FRAMINGS)[number]): string {
  return FRAMES[framing](events.join(''));
}

const FRAMES: Readonly<Record<(typeof FRAMINGS)[number], (stream: string) => string>> = {
  crlf: (stream) => stream.replaceAll('\n', '\r\n'),
  cr: (stream) => stream.replaceAll('\n', '\r'),
  'no-space': (stream) => stream.replaceAll('data: ', 'data:'),
  bom: (stream) => `\uFEFF${stream}`,
  'multi-line': (stream) => stream.replace(/^(data: \{.*?),(?=")/gm, '$1,\ndata: '),
  named: (stream) => stream.replaceAll('data: ', 'event: message\nid: 1\nretry: 3000\ndata: '),
  'one-newline': (stream) => stream.replaceAll('\n\n', '\n'),
};
