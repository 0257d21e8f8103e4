import type { ApiError } from './verdict/api-error.ts';

/**
 * The status that an attempt is judged by: the reply's, or under a success the one that its error says it has. An error
 * that says none that could be one counts as the server's, 500. Null where no reply came.
 */
export function tellingStatus(status: number | null, error: ApiError | null): number | null {
  if (status === null || !isSuccess(status) || error === null) return status;
  return error.status !== null && error.status >= 400 ? error.status : 500;
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status <= 299;
}
