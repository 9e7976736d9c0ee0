-- Which market belongs to which game, what people decided about that, what the odds source
-- said is left of its credits, and which karb brought the tables to where they are.
-- Rows are only added: what stands is the newest one.

CREATE DOMAIN karb.nanos AS bigint CHECK (VALUE > 0);
COMMENT ON DOMAIN karb.nanos IS 'nanoseconds since 1970, UTC';

CREATE TABLE karb.links (
    ticker        text       NOT NULL,
    version       integer    NOT NULL CHECK (version > 0),
    at            karb.nanos NOT NULL,
    event_ticker  text       NOT NULL,
    league        text,
    -- a link
    kind          text,
    odds_event_id text,
    outcome       text,
    opponent      text,
    team          text,
    start         karb.nanos,
    moved         boolean,
    evidence      text[],
    -- or the reason why there is none
    reason        text,
    detail        text,
    unknown       text,
    proposals     text[],
    PRIMARY KEY (ticker, version),
    CONSTRAINT link_whole CHECK (
        num_nonnulls(kind, odds_event_id, outcome, opponent, team, start, moved, evidence)
        = CASE WHEN reason IS NULL THEN 8 ELSE 0 END
    ),
    CONSTRAINT link_of_a_league CHECK (reason IS NOT NULL OR league IS NOT NULL),
    CONSTRAINT reason_whole CHECK (
        num_nonnulls(detail, unknown, proposals) = CASE WHEN reason IS NULL THEN 0 ELSE 3 END
    )
);
COMMENT ON TABLE karb.links IS 'every answer that a market ever had; a change is a new version';

CREATE VIEW karb.current_links AS
SELECT DISTINCT ON (ticker) *, to_timestamp(at / 1e9) AS since
FROM karb.links
ORDER BY ticker, version DESC;

CREATE TABLE karb.link_decisions (
    id            bigint     GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ticker        text       NOT NULL,
    odds_event_id text       NOT NULL,
    outcome       text       NOT NULL,
    accepted      boolean    NOT NULL,
    reason        text       NOT NULL,
    at            karb.nanos NOT NULL
);
COMMENT ON TABLE karb.link_decisions IS 'what people said about a market and an odds event';
CREATE INDEX link_decisions_newest ON karb.link_decisions (ticker, odds_event_id, id DESC);

CREATE VIEW karb.current_decisions AS
SELECT DISTINCT ON (ticker, odds_event_id) *, to_timestamp(at / 1e9) AS since
FROM karb.link_decisions
ORDER BY ticker, odds_event_id, id DESC;

CREATE TABLE karb.odds_credits (
    at        karb.nanos PRIMARY KEY,
    remaining integer,
    used      integer,
    last      integer
);
COMMENT ON TABLE karb.odds_credits IS 'what the odds source said is left of the month''s requests';

CREATE TABLE karb.versions (
    migration  text        PRIMARY KEY,
    karb       text        NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE karb.versions IS 'which karb brought the tables to which version, and when';
