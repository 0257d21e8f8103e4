/** What `sluice doctor` found of one thing. */
export interface Finding {
  readonly check: string;
  /** `fix`: something must be done; `note`: it works, and could be better. */
  readonly state: 'ok' | 'note' | 'fix';
  /** A sentence, without a full stop. */
  readonly found: string;
  /** What to do; null: nothing. */
  readonly remedy: string | null;
}

export function ok(check: string, found: string): Finding {
  return { check, state: 'ok', found, remedy: null };
}

export function note(check: string, found: string, remedy: string | null = null): Finding {
  return { check, state: 'note', found, remedy };
}

export function fix(check: string, found: string, remedy: string): Finding {
  return { check, state: 'fix', found, remedy };
}
