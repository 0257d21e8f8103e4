import type { ReportedError } from './reported-error.ts';

/** Whether a refusal says, in whatever words, that a field of the body is not taken, or not with the value it had. */
export function refusesField({ message, param, types }: ReportedError, field: string): boolean {
  const text = message?.slice(0, LONGEST_READ) ?? '';
  const isNamed = param?.split(/[.[]/)[0] === field;
  if (isNamed && types.some((type) => UNTAKEN.has(type) || (type === 'unsupported_value' && !isTokenField(field))))
    return true;
  return complaintsOf(field).some((complaint) => complaint.test(text));
}

/** OpenAI's words for it, of its `param`. */
const UNTAKEN: ReadonlySet<string> = new Set(['unsupported_parameter', 'unknown_parameter']);

/** Characters. What comes after them says nothing new. */
const LONGEST_READ = 2000;

/** What says so before the name of a field ... */
const BEFORE =
  'unknown|unrecogni[sz]ed|unsupported|unexpected|invalid|illegal|extra|extra_forbidden|additional|disallowed|forbidden|' +
  "not (?:support|accept|permit|allow|recogni[sz]e|take)(?:t?e?d)?|n't (?:support|accept|allow|take)";

/** ... and after it. */
const AFTER =
  'unsupported|unknown|unrecogni[sz]ed|unexpected|unavailable|deprecated|forbidden|disallowed|extra_forbidden|' +
  'extra (?:inputs?|fields?|keys?)|additional propert|not (?:supported|permitted|allowed|accepted|available|valid|' +
  "recogni[sz]ed|implemented|expected)|(?:does not|doesn't|do not) (?:exist|support)|can(?:not|'t) be|no longer supported";

/** Of its value, after it. That of a limit of tokens is read as such. */
const OF_ITS_VALUE = 'must be|should be|must match|input (?:tag|should)|is invalid|invalid value';

/** Words that may stand between a complaint and the name. Any other may begin a list of what is taken. */
const BETWEEN =
  'request|body|json|payload|top-level|keyword|query|field|fields|param|params|parameter|parameters|argument|arguments|' +
  'property|properties|input|inputs|key|keys|name|names|option|options|attribute|attributes|value|values|type|types|' +
  'schema|supplied|provided|found|given|received|sent|permitted|allowed|supported|in|for|on|with|by|of|the|this|that|' +
  'these|following|model|endpoint|api|is|are|was|were|and|currently|loc|msg|error|validation|json_object|json_schema';
const GAP = `(?:[\\s:;=,()[\\]{}*\\\\"'\`“”‘’<>|/-]|\\b(?:${BETWEEN})\\b)*?`;

/** Known by other words, too. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  response_format: 'response[_ ]?format|response_schema|structured[_ ]outputs?|json[_ ]mode',
  // Everyday words: quoted, in a path, or before a colon they are names.
  provider: '(?<=["\'`.])provider|provider(?=["\'`.:])|max_price|require_parameters',
  stream: '(?<=["\'`.])stream|stream(?=["\'`.:])',
};

const HOW_LONG_TO_THINK =
  /\b(?:does not|doesn't) support (?:thinking|reasoning)\b|\bthinking(?: \w+){0,3} (?:is|are) not supported\b/i;

const HOW_TO_SEND =
  /\bstreaming(?: \w+){0,2} (?:is|are) (?:not (?:supported|available|allowed|enabled|implemented)|unsupported|unavailable|disabled)\b|(?:\bnot|n't) (?:support|allow|enable|accept|implement)(?:e?d)?(?: \w+){0,2} streaming\b|\bonly (?:supports? )?non-?stream|\bstream\W{1,3}true\b[^.]{0,40}\bnot (?:supported|allowed|available)\b|\bstream (?:must|should|has to) be (?:set to )?["'`]?false\b/i;

function complaintsOf(field: string): readonly RegExp[] {
  // Some write `reasoningEffort`.
  const spelled = OTHER_WORDS[field] ?? field.replaceAll('_', '_?');
  const path = `(?:[\\w$]+[.[\\]]+)*(?:${spelled})(?:[.[][\\w.\\]]*)?`;
  const name = `(?<![\\w-])${path}(?![\\w-]|\\s*[<>])`;
  const after = isTokenField(field) ? AFTER : `${AFTER}|${OF_ITS_VALUE}`;
  return [
    new RegExp(`\\b(?:${BEFORE})\\b${GAP}${name}`, 'i'),
    new RegExp(`${name}${GAP}\\b(?:${after})`, 'i'),
    ...(field === 'stream' ? [HOW_TO_SEND] : []),
    ...(field.startsWith('reasoning') ? [HOW_LONG_TO_THINK] : []),
  ];
}

/** The names under which APIs take the longest answer. */
export const TOKEN_FIELDS: readonly string[] = ['max_tokens', 'max_completion_tokens'];

export function isTokenField(field: string): boolean {
  return TOKEN_FIELDS.includes(field);
}

/** What a refusal says of numbers of tokens; null: nothing. */
export interface StatedTokens {
  /** The most that the model takes, prompt and answer together. */
  readonly context: number | null;
  /** The most that a prompt may have. */
  readonly longestPrompt: number | null;
  /** What the prompt that was refused has. */
  readonly prompt: number | null;
  /** The longest answer. */
  readonly longestAnswer: number | null;
  /** What all calls of a minute may have, if this one alone has more, with the answer that it asks for. */
  readonly perMinute: number | null;
}

export function statedTokens({ message, tokens }: ReportedError): StatedTokens {
  const text = message?.slice(0, LONGEST_READ) ?? '';
  const context = tokens.context ?? numberIn(text, CONTEXT);
  const refused = numberIn(text, SHORTEST_REFUSED);
  const longestAnswer = refused === null ? numberIn(text, LONGEST_ANSWER) : refused - 1;
  return {
    context,
    longestPrompt: numberIn(text, LONGEST_PROMPT),
    prompt: tokens.prompt ?? numberIn(text, PROMPT),
    longestAnswer: context === null ? longestAnswer : null,
    perMinute: numberIn(text, PER_MINUTE),
  };
}

/** A whole number that is not the beginning or end of another, nor one of thousands (`128K`). */
const N = '(?<!\\d|\\d[.,])(\\d{1,3}(?:[,_]\\d{3})+|\\d+)(?!\\d|[,._]\\d|\\s?[km]\\b)';
const words = (pattern: string): RegExp => new RegExp(pattern.replaceAll(' # ', ` ${N} `).replaceAll('#', N), 'i');

/** `190000 + 64000 > 200000`; `context length is only 4096`; `context size (4096 tokens)`; `32768 maximum context length`. */
const CONTEXT = [
  words('context[^>]{0,80}\\d[^>]{0,60}> ?#'),
  words('# (?:tokens? )?max(?:imum)? context'),
  words('context[^.]{0,80}\\blimit\\W{1,5}#'),
  words('context[- _]?(?:length|size|window|limit)(?:(?! by |\\bcode\\b|\\brequest\\b)[^.\\d]){0,40}?#'),
  words('inputs?\\W+tokens? \\+ \\W*max_new_tokens\\W+must be \\D{1,25}#'),
];

const LONGEST_PROMPT = [
  words('prompt is too long: [\\d,]+ tokens > #'),
  words('input token count[^.]{0,40}? exceeds the maximum number of tokens allowed \\(?#'),
  words('input tokens exceed\\D{1,30}#'),
  words('max(?:imum)? (?:prompt|input) (?:length|tokens)\\D{1,20}#'),
  words('tokens in the prompt cannot exceed #'),
  words('current length is [\\d,]+ while limit is #'),
];

const PROMPT = [
  words('#(?: tokens?)? (?:in|from|of) (?:the )?(?:input )?(?:messages?|prompt|inputs?|text input)\\b'),
  words('# \\W*inputs?\\W* tokens'),
  words('limit: # \\+ \\d'),
  words('(?:resulted in|prompt contains|request contains|received|current length is|the first|too long:) #'),
  words('(?:input token count|request|prompt) \\(#'),
];

const ANSWER_FIELD = '(?:max(?:imum)?[ _](?:completion[ _]|output[ _]|new[ _])?tokens|maxOutputTokens)';

const LONGEST_ANSWER = [
  words('at most # (?:completion|output|generated|new)? ?tokens'),
  words(`${ANSWER_FIELD}\\W+\\d+ > #`),
  words(`range of ${ANSWER_FIELD} is \\[\\d+, ?#`),
  words(`${ANSWER_FIELD}[^]{0,100}?range is from \\d+ \\(inclusive\\) to #(?! ?\\(exclusive)`),
  words(
    `${ANSWER_FIELD}[^]{0,100}?(?:<=|≤|less than or equal to|at most|no more than|(?:can|must )not exceed|` +
      'exceeds the (?:model )?limit of|exceeds maximum|(?:can|must )not be greater than|must be between \\d+ and|' +
      'maximum (?:is|of)) \\W?#',
  ),
  words(`${ANSWER_FIELD}[^]{0,100}?\\bin \\[\\d+, ?#`),
];

/** Google's. One less is taken. */
const SHORTEST_REFUSED = [words(`${ANSWER_FIELD}[^]{0,100}?range is from \\d+ \\(inclusive\\) to # ?\\(exclusive`)];

/** Groq and OpenAI: `Request too large ... on tokens per minute (TPM): Limit 6000, Requested 64050`. */
const PER_MINUTE = [words('request too large[^]{0,200}?per min[^]{0,20}?limit:? #, requested')];

function numberIn(text: string, patterns: readonly RegExp[]): number | null {
  for (const pattern of patterns) {
    const found = pattern.exec(text)?.[1];
    if (found !== undefined) return Number(found.replaceAll(/[,_]/g, ''));
  }
  return null;
}
