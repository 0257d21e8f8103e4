import { type CallFailure, type FailureKind, isOfProxy } from '../http/client.ts';
import type { Finish } from '../reply/finish.ts';
import type { ParsedReply } from '../reply/reply.ts';
import { createMeaning, type Meaning } from './statuses.ts';

/**
 * What a reply without an error object under a success status means; null if it is a good answer. JSON without a finish
 * reason may be one: some providers leave it null, and that the body parsed shows its end.
 */
export function replyMeaning(reply: ParsedReply, failure: CallFailure | null): Meaning | null {
  const finished = finishMeaning(reply);
  if (finished !== undefined) return finished;
  if (!reply.whole && isUntold(reply)) return UNTOLD_FINISH;
  if (!reply.whole) return failure === null ? FRAGMENTS[reply.form] : failureMeaning(failure);
  if (!reply.answered) return NO_CHOICES;
  const { finishReason, content, images } = reply;
  if (finishReason === 'unknown') return UNKNOWN_FINISH;
  if (content.trim() !== '' || images.length > 0) return null;
  if (reply.unclosed === true) return ALL_THOUGHT;
  return finishReason === 'tool_calls' ? TOOL_CALL : EMPTY;
}

/** All of an answer may be there. The next one would end alike. */
function isUntold({ endUntold, content, finishReason }: ParsedReply): boolean {
  return endUntold === true && finishReason === null && content.trim() !== '';
}

/** Ends that hold whatever becomes of the rest of the body. */
function finishMeaning({ finishReason, refusal, content, usage }: ParsedReply): Meaning | undefined {
  if (refusal !== null) return REFUSED;
  if (finishReason === 'length') return content.trim() === '' ? allThought(usage?.reasoningTokens ?? null) : LENGTH;
  return FINISHES[finishReason ?? 'stop'];
}

function allThought(tokens: number | null): Meaning {
  const used = tokens === null ? '' : ` (${tokens} tokens of it)`;
  return createMeaning(
    'length',
    'fail',
    `Reasoning used up the token limit${used} before the answer began: raise --max-tokens or lower --reasoning`,
  );
}

const REFUSED = createMeaning('refused-by-model', 'fail', 'The model refused to answer');

const LENGTH = createMeaning(
  'length',
  'fail',
  'The answer was cut at the token limit: raise --max-tokens, lower --reasoning, or split the document',
);

const FINISHES: Readonly<Partial<Record<Finish, Meaning>>> = {
  content_filter: createMeaning('content-filter', 'fail', 'A content filter stopped the answer'),
  refusal: REFUSED,
  error: createMeaning('error-finish', 'retry', 'The provider of the model broke off with an error'),
  aborted: createMeaning('aborted', 'retry', 'The provider of the model broke off before the end'),
};

const CUT = createMeaning('cut-reply', 'retry', 'The answer ended without its end');

const UNTOLD_FINISH = createMeaning(
  'unknown-finish',
  'suspect',
  'The stream ended without a finish reason and without usage, so the answer may be incomplete: try --no-stream',
);

const FRAGMENTS: Readonly<Record<ParsedReply['form'], Meaning>> = {
  blank: createMeaning('blank-reply', 'retry', 'The reply was blank: the provider vanished'),
  page: createMeaning(
    'unreadable-reply',
    'retry',
    'A web page (HTML) came in place of a reply: the network may want a login, or --api leads to a web site',
  ),
  lines: createMeaning(
    'unreadable-reply',
    'suspect',
    'The reply is lines of JSON (NDJSON), which is not what chat completions send: check --api (that of Ollama ends in /v1)',
  ),
  unreadable: createMeaning('unreadable-reply', 'retry', 'The reply was cut or is not what an API sends'),
  json: CUT,
  stream: CUT,
};

const NO_CHOICES = createMeaning('no-choices', 'retry', 'The reply holds no answer');
const ALL_THOUGHT = createMeaning(
  'empty-answer',
  'fail',
  'The answer is all thinking, as its <think> is never closed: lower --reasoning, or choose another model',
);
const EMPTY = createMeaning('empty-answer', 'retry', 'The model gave an empty answer');
const TOOL_CALL = createMeaning(
  'tool-call',
  'fail',
  'The model called a tool instead of answering: take the tools out of the recipe',
);
const UNKNOWN_FINISH = createMeaning(
  'unknown-finish',
  'fail',
  'The answer ended for a reason that is not known, so it may be incomplete',
);

/** The kind of a failure is its code, too. */
const FAILURES: Readonly<Record<FailureKind, Omit<Meaning, 'code'>>> = {
  unreachable: { words: 'The API cannot be reached', remedy: 'retry slowly' },
  'nothing-listens': {
    words: 'Nothing listens at the address of --api (ECONNREFUSED). Is it running?',
    remedy: 'retry slowly',
  },
  'certificate-refused': {
    words: 'The certificate of the API is not to be trusted: check --api, the clock and the network',
    remedy: 'pause model',
  },
  'tls-alone': { words: 'The API takes HTTPS alone at this address: set --api to https://', remedy: 'pause model' },
  'no-tls': { words: 'What answers at this address speaks no TLS: set --api to http://', remedy: 'pause model' },
  'connection-reset': { words: 'The connection broke before the whole reply was there', remedy: 'retry' },
  'malformed-reply': { words: 'What came back is damaged, or not valid HTTP', remedy: 'retry' },
  'encoded-reply': {
    words:
      'The reply came compressed in a way that cannot be unpacked here, though none was asked for: have what stands ' +
      'between here and the API send it uncompressed, or as gzip',
    remedy: 'suspect',
  },
  'oversized-reply': { words: 'The reply was larger than any answer', remedy: 'retry' },
  deadline: { words: 'No whole reply within --timeout', remedy: 'retry' },
  idle: { words: 'The reply fell silent for --idle-timeout', remedy: 'retry' },
};

/** What to do about a certificate, by OpenSSL's code for what is wrong with it. */
const CERTIFICATES: readonly (readonly [RegExp, string])[] = [
  [/ALTNAME|HOSTNAME/, 'The certificate is that of another host: check --api'],
  [/EXPIRED|NOT_YET_VALID/, 'The certificate of the API is not valid now: check the clock, or have it renewed'],
  [
    /SELF_SIGNED|ISSUER|VERIFY|UNTRUSTED|INVALID_CA/,
    'Who signed the certificate of the API is not known here: set NODE_EXTRA_CA_CERTS to a file with the certificate of ' +
      'that authority (a company or its proxy may have one of its own), and start again',
  ],
];

export function failureMeaning({ kind, detail }: CallFailure): Meaning {
  const meaning = { code: kind, ...FAILURES[kind] };
  if (isOfProxy(detail)) return { ...meaning, words: proxyWords(detail) };
  if (kind !== 'certificate-refused') return meaning;
  return { ...meaning, words: CERTIFICATES.find(([code]) => code.test(detail))?.[1] ?? meaning.words };
}

function proxyWords(detail: string): string {
  if (!detail.includes('HTTP ')) return 'The proxy cannot be reached: check --proxy';
  return detail.endsWith('HTTP 407')
    ? 'The proxy wants a login: give it as --proxy http://USER:PASSWORD@HOST:PORT'
    : 'The proxy opens no way to the API, or knows no CONNECT: check --proxy, and what it lets through';
}
