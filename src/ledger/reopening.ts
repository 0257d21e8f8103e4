/** Sets what `forgiven` is: the attempts of a version so far no longer count. */
export const ALL_FORGIVEN = `
  forgiven = (SELECT coalesce(max(number), 0) FROM attempts WHERE attempts.version_id = versions.version_id)
`;

/** Takes versions back into work. Which ones, a WHERE that follows says. */
export const REOPEN = `
  UPDATE versions SET state = 'pending', code = NULL, reason = NULL, due_at = NULL, ${ALL_FORGIVEN}, updated_at = :now
`;
