/** Why a file cannot be sent: thrown by the code that converts it, and turned into a value by `convertFiles`. */
export class RefusalError extends Error {
  override readonly name = 'RefusalError';
  /** A stable word. */
  readonly code: string;

  constructor(code: string, reason: string) {
    super(reason);
    this.code = code;
  }
}
