/** Takes in a body chunk by chunk. */
export interface BodyReader<T> {
  /** Returns true once the body said that it is whole, whatever the connection does next. */
  push(chunk: Buffer): boolean;
  /** What was read. To be called once, after the last chunk; `byItself` is false where the body was cut or given up. */
  end(byItself: boolean): T;
}
