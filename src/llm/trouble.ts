import type { Meaning } from './meaning.ts';

/** What kept a call from coming to its end. */
export type TroubleKind =
  | 'unreachable'
  | 'certificate-refused'
  | 'connection-reset'
  | 'malformed-reply'
  | 'encoded-reply'
  | 'oversized-reply'
  | 'deadline'
  | 'idle';

export interface Trouble {
  readonly kind: TroubleKind;
  /** The system's code (`ECONNREFUSED`), or the limit that was passed; never text of a server. */
  readonly detail: string;
}

const MEANINGS: Readonly<Record<TroubleKind, Omit<Meaning, 'code'>>> = {
  unreachable: { words: 'The API cannot be reached', remedy: 'retry slowly' },
  'certificate-refused': {
    words: 'The certificate of the API is not to be trusted: check --api, the clock and the network',
    remedy: 'pause model',
  },
  'connection-reset': { words: 'The connection broke before the whole reply was there', remedy: 'retry' },
  'malformed-reply': { words: 'What came back is not valid HTTP', remedy: 'retry' },
  'encoded-reply': { words: 'The reply came compressed although that was ruled out', remedy: 'retry' },
  'oversized-reply': { words: 'The reply was larger than any answer', remedy: 'retry' },
  deadline: { words: 'No whole reply within --timeout', remedy: 'retry' },
  idle: { words: 'The reply fell silent for --idle-timeout', remedy: 'retry' },
};

export function troubleMeaning({ kind }: Trouble): Meaning {
  return { code: kind, ...MEANINGS[kind] };
}

/** The trouble behind a system or parser code. `sent` is false where the request certainly never left. */
export function networkTrouble(code: string, sent: boolean): Trouble {
  const detail = code === '' ? 'unknown' : code;
  if (code.startsWith('HPE_')) return { kind: 'malformed-reply', detail };
  if (sent) return { kind: 'connection-reset', detail };
  return { kind: CERTIFICATE_CODES.test(code) ? 'certificate-refused' : 'unreachable', detail };
}

/** OpenSSL's words for a certificate that does not hold, as Node passes them on. */
const CERTIFICATE_CODES =
  /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE/;
