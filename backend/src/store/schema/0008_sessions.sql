-- Asked with every request, so it stands beside the session: when its newest token was given out, and whether a query code
-- has shown it drafts, or one was set aside for another (then there may be some to resume).
ALTER TABLE applicant_sessions ADD COLUMN newest_token_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE applicant_sessions ADD COLUMN drafts_found BIGINT NOT NULL DEFAULT 0;
UPDATE applicant_sessions SET newest_token_at = COALESCE(
    (SELECT MAX(issued_at) FROM session_tokens WHERE session_tokens.session_id = applicant_sessions.id), 0);
UPDATE applicant_sessions SET drafts_found = 1
WHERE id IN (SELECT session_id FROM drafts WHERE set_aside_at IS NOT NULL)
    OR id IN (SELECT session_id FROM draft_access);
