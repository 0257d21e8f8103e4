/** What kept a call from coming to its end. */
export type FailureKind =
  | 'unreachable'
  | 'certificate-refused'
  | 'connection-reset'
  | 'malformed-reply'
  | 'encoded-reply'
  | 'oversized-reply'
  | 'deadline'
  | 'idle';

export interface CallFailure {
  readonly kind: FailureKind;
  /** The system's code (`ECONNREFUSED`), or the limit that was passed; never text of a server. */
  readonly detail: string;
}

/** The failure behind a system or parser code. `sent` is false if the request certainly never left. */
export function networkFailure(code: string, sent: boolean): CallFailure {
  const detail = code === '' ? 'unknown' : code;
  if (code.startsWith('HPE_')) return { kind: 'malformed-reply', detail };
  if (sent) return { kind: 'connection-reset', detail };
  return { kind: CERTIFICATE_CODES.test(code) ? 'certificate-refused' : 'unreachable', detail };
}

/** OpenSSL's words for a certificate that does not hold, as Node passes them on. */
const CERTIFICATE_CODES =
  /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE/;
