-- The source's numbers are read up to twelve digits, so they are kept up to twelve digits.

ALTER TABLE karb.odds_credits
    ALTER COLUMN remaining TYPE bigint,
    ALTER COLUMN used      TYPE bigint,
    ALTER COLUMN last      TYPE bigint;
