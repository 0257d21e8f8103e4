/**
 * A number as it stands in JSON, where a JavaScript number would be written otherwise: `12345678901234567890`, `1e400`,
 * `1.10`. Has no field that could be taken for one of an answer.
 */
export class ExactNumber {
  readonly #digits: string;

  constructor(digits: string) {
    this.#digits = digits;
  }

  toString(): string {
    return this.#digits;
  }
}

/** The number that a JSON token stands for, such that it can be written as the token. */
export function numberOf(token: string): number | ExactNumber {
  const number = Number(token);
  return String(number) === token ? number : new ExactNumber(token);
}
