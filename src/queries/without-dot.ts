/** An id or a glob without the `./` before it: a name that begins with a dash is given as `./-name`. */
export function withoutDot(given: string): string {
  return given.replace(/^(?:\.\/+)+/, '');
}
