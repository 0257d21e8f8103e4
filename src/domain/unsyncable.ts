/** Codes of what file systems answer that cannot sync a folder, or need not. */
export const UNSYNCABLE: ReadonlySet<string> = new Set([
  'EINVAL',
  'ENOTSUP',
  'EOPNOTSUPP',
  'EPERM',
  'EACCES',
  'EISDIR',
  'ENOTTY',
]);
