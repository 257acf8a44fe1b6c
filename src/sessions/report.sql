-- The figures of "carryover sessions report", in SQL that DuckDB and BigQuery both take. It reads these tables, in which durations are
-- in seconds, times in milliseconds since 1970, and what a record does not say is NULL:
--   record      number, session_key, updated, is_final, day, hour, type, status, answer_type, duration, wait, hold, rating, bot, human
--   deflected   number, deflection
--   queue_wait  number, queue_path, duration
--   bot_part    number, virtual_agent, finish_reason, escalation_reason, ended, duration, responses, fallbacks, human_started
-- `bot` and `human` tell whether one took part; `human_started` when the first human came who began after the virtual agent did.
-- Participants are in none of them: who joins again is a participant again.

-- Of the exports of a session counts the one that was updated last, else the final one, else the one that was read last. These do not:
CREATE TEMP TABLE superseded AS
SELECT number
FROM record
WHERE session_key IS NOT NULL
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY session_key
  ORDER BY updated DESC NULLS LAST, is_final DESC NULLS LAST, number DESC
) > 1;

-- How often each figure of each measure occurs, under each facet: as many rows as there are different figures, however many sessions.
-- `count` is 1 for each of what is counted; what a record does not say has no row. One statement for each table: together they would
-- need the memory of all.
CREATE TEMP TABLE counted AS
WITH session AS (
  SELECT
    'all' AS total, type, status, answer_type, day, hour, duration, wait, hold, rating,
    CASE WHEN bot THEN 'yes' ELSE 'no' END AS bot,
    CASE
      WHEN bot AND human THEN 'bot and human'
      WHEN bot THEN 'bot alone'
      WHEN human THEN 'human alone'
      ELSE 'nobody'
    END AS took_part
  FROM record
  WHERE number NOT IN (SELECT number FROM superseded)
)
SELECT facet, value, measure, figure, COUNT(*) AS times
FROM (
  SELECT facet, value, duration, wait, hold, rating, 1e0 AS count
  FROM session
  UNPIVOT INCLUDE NULLS (value FOR facet IN (total, type, status, answer_type, took_part, bot, day, hour))
) AS counted_session
UNPIVOT (figure FOR measure IN (count, duration, wait, hold, rating))
GROUP BY facet, value, measure, figure;

INSERT INTO counted
SELECT 'deflection', deflection, measure, figure, COUNT(*)
FROM (
  SELECT met.deflection, record.duration, record.wait, record.hold, record.rating, 1e0 AS count
  FROM record
  LEFT JOIN (SELECT DISTINCT number, deflection FROM deflected) AS met ON met.number = record.number
  WHERE record.number NOT IN (SELECT number FROM superseded)
) AS counted_session
UNPIVOT (figure FOR measure IN (count, duration, wait, hold, rating))
GROUP BY deflection, measure, figure;

INSERT INTO counted
SELECT 'queue_path', queue_path, measure, figure, COUNT(*)
FROM (
  SELECT queue_path, duration, 1e0 AS count
  FROM queue_wait
  WHERE number NOT IN (SELECT number FROM superseded)
) AS counted_wait
UNPIVOT (figure FOR measure IN (count, duration))
GROUP BY queue_path, measure, figure;

INSERT INTO counted
WITH bot_figure AS (
  SELECT
    virtual_agent, finish_reason, escalation_reason, duration,
    CASE
      WHEN finish_reason <> 'escalated' OR finish_reason IS NULL THEN NULL
      WHEN human_started < ended THEN 0
      ELSE (human_started - ended) / 1000
    END AS until_human,
    CASE WHEN fallbacks IS NOT NULL THEN responses END AS responses,
    CASE WHEN responses IS NOT NULL THEN fallbacks END AS fallbacks
  FROM bot_part
  WHERE number NOT IN (SELECT number FROM superseded)
)
SELECT facet, value, measure, figure, COUNT(*)
FROM (
  SELECT facet, value, duration, until_human, responses, fallbacks, 1e0 AS count
  FROM bot_figure
  UNPIVOT INCLUDE NULLS (value FOR facet IN (virtual_agent, finish_reason, escalation_reason))
) AS counted_part
UNPIVOT (figure FOR measure IN (count, duration, until_human, responses, fallbacks))
GROUP BY facet, value, measure, figure;

-- Each measure of each value: of how many it is known, and the figures that so many of 100 do not exceed.
WITH running AS (
  SELECT
    facet, value, measure, figure, times,
    SUM(times) OVER (PARTITION BY facet, value, measure ORDER BY figure) AS up_to,
    SUM(times) OVER (PARTITION BY facet, value, measure) AS known
  FROM counted
)
SELECT
  facet, value, measure,
  MAX(known) AS known,
  SUM(figure * times) AS total,
  SUM(figure * times) / MAX(known) AS mean,
  MIN(CASE WHEN up_to * 100 >= known * 50 THEN figure END) AS median,
  MIN(CASE WHEN up_to * 100 >= known * 90 THEN figure END) AS p90,
  MIN(CASE WHEN up_to * 100 >= known * 95 THEN figure END) AS p95
FROM running
GROUP BY facet, value, measure
ORDER BY facet, value, measure;

-- How often each rating was given, with and without a bot.
SELECT value AS bot, figure AS rating, times AS count
FROM counted
WHERE facet = 'bot' AND measure = 'rating'
ORDER BY bot, rating;
