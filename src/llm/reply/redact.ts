import { secretPattern } from '../../lib/secrets.ts';
import { OMITTED, passageFilter, SHORTEST_PASSAGE } from './passages.ts';

/** Server messages are kept up to this many characters. */
const LONGEST_MESSAGE = 300;

/** Characters that are read, however long the text: enough even if much is taken out. */
const LONGEST_READ = 4 * LONGEST_MESSAGE;

/** Names and ids come with every reply: the search for passages would cost more than all else that is done with it. */
const LABEL = /^[\w.:/@~-]{1,64}$/;

/** Longer than any digest: files are sent like this, and some servers quote what they cannot read. */
const BASE64 = /[\w+/-]{100,}={0,2}/g;

/** Cleans text that a server sent, so that logs and reports may hold it. */
export type Redact = (text: string) => string;

/**
 * Makes, for the texts of a prompt, what takes the secrets, every passage of them (also as JSON, URLs and HTML escape it)
 * and long base64 out of a text. Keeps one line of 300 characters at most, with its escapes if nothing was taken out. If
 * the texts are not at hand (null), only names, ids, and sentences that can quote nothing are kept.
 */
export function createRedactions(secrets: readonly string[]): (texts: readonly string[] | null) => Redact {
  const patterns = secrets.map(secretPattern).filter((pattern) => pattern !== null);
  const withoutSecrets = (text: string): string =>
    patterns.reduce((safe, pattern) => safe.replace(pattern, OMITTED), text);
  // Half a secret or passage may stand where the reading ends, escaped at up to three times its length.
  const doubtful = 3 * Math.max(SHORTEST_PASSAGE, ...secrets.map(({ length }) => length));
  const isName = (text: string): boolean => LABEL.test(text) && withoutSecrets(text) === text;
  return (texts) => {
    if (texts === null)
      return (text) => (isName(text) || (quotesNothing(text) && withoutSecrets(text) === text) ? text : OMITTED);
    const withoutPassages = passageFilter(texts);
    const clean = (text: string): string => withoutPassages(withoutSecrets(text));
    return (text) => {
      if (isName(text) && !texts.some((content) => content.includes(text))) return text;
      const kept = cleanDecoded(text.slice(0, LONGEST_READ).replace(BASE64, OMITTED), clean);
      const line = kept.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
      const sure = text.length > LONGEST_READ ? `${line.slice(0, -doubtful)}…` : line;
      return sure.length > LONGEST_MESSAGE ? `${sure.slice(0, LONGEST_MESSAGE - 1)}…` : sure;
    };
  };
}

/** Of which APIs make what they say of a prompt that is too long: with numbers, all such a sentence has. */
const PLAIN_WORDS: ReadonlySet<string> = new Set(
  (
    'a about again allowed and answer api at automatically available be but by can cannot code combined completion compress configured ' +
    "contain contains context count decrease document draft either endpoint's exceed exceeded exceeds for from " +
    'greater has have however if in increase increasing input is it its large larger least length less limit long longer ' +
    "max_completion_tokens max_tokens maximum may message messages middle-out model model's more most must n_ctx n_keep no not number of " +
    'one only or output parameter per please prompt reduce reduced request requested requests resulted shorten size smaller ' +
    'supported supports text than that the this to token tokens too total transform try trying up use using we while window ' +
    'with you your'
  ).split(' '),
);

/** Whether a text has nothing in it that could be of a document. */
function quotesNothing(text: string): boolean {
  if (!/^[\x20-\x7e]{1,300}$/.test(text) || !/token/i.test(text)) return false;
  const words = text.toLowerCase().match(/[\w'-]+/g) ?? [];
  return words.every((word) => PLAIN_WORDS.has(word) || /^\d{1,8}$|^-+$/.test(word));
}

/** Cleans a text as it is, and as it is without the escapes of HTML and URLs: the way in which more is found counts. */
function cleanDecoded(text: string, clean: Redact): string {
  let own = clean(text);
  let plain = text;
  for (const decode of [withoutEntities, withoutPercents]) {
    const decoded = decode(plain);
    if (decoded === plain) continue;
    plain = decoded;
    const cleaned = clean(decoded);
    if (cleaned !== decoded && (own === text || cleaned.length < own.length)) own = cleaned;
  }
  return own;
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', apos: "'", gt: '>', lt: '<', nbsp: ' ', quot: '"' };

const HIGHEST_CODE = 0x10ffff;

function withoutEntities(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7}|x[\da-f]{1,6})|([a-z]{2,4}));/gi,
    (entity, code: string | undefined, name: string) =>
      code === undefined
        ? (NAMED[name] ?? entity)
        : String.fromCodePoint(Math.min(Number(code.replace(/^x/i, '0x')), HIGHEST_CODE)),
  );
}

function withoutPercents(text: string): string {
  return text.replace(/(?:%[\da-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString());
}
