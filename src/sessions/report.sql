-- The figures of "carryover sessions report", in SQL that DuckDB and BigQuery both take. It reads these tables, in which durations are
-- in seconds, times in milliseconds since 1970, and what a record does not say is NULL:
--   record      number, session_key, updated, is_final, day, hour, type, status, answer_type, duration, wait, hold, rating
--   deflected   number, deflection
--   queue_wait  number, queue_path, duration
--   bot_part    number, part, virtual_agent, finish_reason, escalation_reason, started, ended, duration, responses, fallbacks
--   human_part  number, started
-- Participants are in none of them: who joins again is a participant again.

-- Of the exports of a session, the one that was updated last, else the final one, else the one that was read last.
CREATE TEMP TABLE kept AS
SELECT number
FROM record
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY COALESCE(session_key, CAST(number AS STRING))
  ORDER BY updated DESC NULLS LAST, is_final DESC NULLS LAST, number DESC
) = 1;

-- How often each figure of each measure occurs, under each facet: as many rows as there are different figures, however many sessions.
-- `count` is 1 for each of what is counted; what a record does not say has no row.
CREATE TEMP TABLE counted AS
WITH session AS (
  SELECT
    'all' AS total,
    record.type, record.status, record.answer_type, record.day, record.hour,
    record.duration, record.wait, record.hold, record.rating,
    CASE WHEN bot.number IS NULL THEN 'no' ELSE 'yes' END AS bot,
    CASE
      WHEN bot.number IS NOT NULL AND human.number IS NOT NULL THEN 'bot and human'
      WHEN bot.number IS NOT NULL THEN 'bot alone'
      WHEN human.number IS NOT NULL THEN 'human alone'
      ELSE 'nobody'
    END AS took_part
  FROM kept
  JOIN record ON record.number = kept.number
  LEFT JOIN (SELECT DISTINCT number FROM bot_part) AS bot ON bot.number = kept.number
  LEFT JOIN (SELECT DISTINCT number FROM human_part) AS human ON human.number = kept.number
),
session_figure AS (
  SELECT facet, value, duration, wait, hold, rating
  FROM session
  UNPIVOT INCLUDE NULLS (value FOR facet IN (total, type, status, answer_type, took_part, bot, day, hour))
  UNION ALL
  SELECT 'deflection', met.deflection, record.duration, record.wait, record.hold, record.rating
  FROM kept
  JOIN record ON record.number = kept.number
  LEFT JOIN (SELECT DISTINCT number, deflection FROM deflected) AS met ON met.number = kept.number
),
-- The first human whose part began after that of the virtual agent that escalated.
first_human AS (
  SELECT bot_part.number, bot_part.part, MIN(human_part.started) AS started
  FROM bot_part
  JOIN human_part ON human_part.number = bot_part.number AND human_part.started >= bot_part.started
  WHERE bot_part.finish_reason = 'escalated'
  GROUP BY bot_part.number, bot_part.part
),
bot_figure AS (
  SELECT
    bot_part.virtual_agent, bot_part.finish_reason, bot_part.escalation_reason, bot_part.duration,
    CASE
      WHEN first_human.started < bot_part.ended THEN 0
      ELSE (first_human.started - bot_part.ended) / 1000
    END AS until_human,
    CASE WHEN bot_part.fallbacks IS NOT NULL THEN bot_part.responses END AS responses,
    CASE WHEN bot_part.responses IS NOT NULL THEN bot_part.fallbacks END AS fallbacks
  FROM kept
  JOIN bot_part ON bot_part.number = kept.number
  LEFT JOIN first_human ON first_human.number = bot_part.number AND first_human.part = bot_part.part
)
SELECT facet, value, measure, figure, COUNT(*) AS times
FROM (SELECT *, 1e0 AS count FROM session_figure) AS counted_session
UNPIVOT (figure FOR measure IN (count, duration, wait, hold, rating))
GROUP BY facet, value, measure, figure
UNION ALL
SELECT facet, value, measure, figure, COUNT(*)
FROM (
  SELECT facet, value, duration, until_human, responses, fallbacks, 1e0 AS count
  FROM bot_figure
  UNPIVOT INCLUDE NULLS (value FOR facet IN (virtual_agent, finish_reason, escalation_reason))
) AS counted_part
UNPIVOT (figure FOR measure IN (count, duration, until_human, responses, fallbacks))
GROUP BY facet, value, measure, figure
UNION ALL
SELECT 'queue_path', queue_path, measure, figure, COUNT(*)
FROM (
  SELECT queue_wait.queue_path, queue_wait.duration, 1e0 AS count
  FROM kept
  JOIN queue_wait ON queue_wait.number = kept.number
) AS counted_wait
UNPIVOT (figure FOR measure IN (count, duration))
GROUP BY queue_path, measure, figure;

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
