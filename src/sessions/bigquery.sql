-- The tables that report.sql reads, from session metadata in Cloud Storage: JSON lines, or files of one line each.
-- Say where they are:
LOAD DATA INTO TEMP TABLE file (line STRING)
FROM FILES (uris = ['gs://BUCKET/metadata/*.json'], format = 'CSV', field_delimiter = '\t', quote = '');

-- ---- how values are read

CREATE TEMP FUNCTION text_of(value STRING) AS (NULLIF(value, ''));
CREATE TEMP FUNCTION word_of(value STRING) AS (LOWER(REGEXP_REPLACE(TRIM(NULLIF(value, '')), r'[\s-]+', '_')));
CREATE TEMP FUNCTION number_of(value STRING) AS (SAFE_CAST(value AS FLOAT64));
CREATE TEMP FUNCTION ms_of(value STRING) AS (UNIX_MILLIS(SAFE_CAST(value AS TIMESTAMP)));
-- One spelling for types that differ in letters alone.
CREATE TEMP FUNCTION type_of(value STRING) AS (
  REGEXP_REPLACE(REGEXP_REPLACE(REGEXP_REPLACE(REGEXP_REPLACE(
    TRIM(REGEXP_REPLACE(LOWER(NULLIF(value, '')), r'[_\s]+', ' ')),
    r' ?\( ?', ' ('), r' ?\) ?', ')'), r'\busing\b', 'by'), r' chat\)$', ')')
);
-- The vendor's list; it has no 6 and no 7.
CREATE TEMP FUNCTION status_of(value STRING) AS (
  CASE TRIM(value)
    WHEN '0' THEN 'scheduled' WHEN '1' THEN 'queued' WHEN '2' THEN 'assigned' WHEN '3' THEN 'connecting' WHEN '4' THEN 'switching'
    WHEN '5' THEN 'connected' WHEN '8' THEN 'finished' WHEN '9' THEN 'failed' WHEN '10' THEN 'recovered' WHEN '11' THEN 'deflected'
    WHEN '12' THEN 'selecting' WHEN '13' THEN 'va_assigned' WHEN '14' THEN 'va_connected' WHEN '15' THEN 'preview_pending'
    WHEN '16' THEN 'preview_ready' WHEN '17' THEN 'campaign_connecting' WHEN '18' THEN 'campaign_connected' WHEN '19' THEN 'requeued'
    WHEN '20' THEN 'predictive_waiting' WHEN '21' THEN 'progressive_waiting' WHEN '22' THEN 'preview_waiting'
    WHEN '23' THEN 'campaign_dialing' WHEN '80' THEN 'voicemail' WHEN '81' THEN 'voicemail_received'
    ELSE word_of(value)
  END
);

-- ---- the tables

CREATE TEMP TABLE raw AS
SELECT
  -- In any order: which of two exports is read later, where nothing in them tells, is chance here.
  ROW_NUMBER() OVER () AS number,
  -- Some files wrap the record.
  CASE WHEN JSON_QUERY(json, '$.call') IS NOT NULL THEN 'call' WHEN JSON_QUERY(json, '$.chat') IS NOT NULL THEN 'chat' END AS wrapper,
  COALESCE(JSON_QUERY(json, '$.call'), JSON_QUERY(json, '$.chat'), json) AS body
FROM (SELECT SAFE.PARSE_JSON(line, wide_number_mode => 'round') AS json FROM file)
WHERE json IS NOT NULL AND JSON_VALUE(json, '$.transcript_version') IS NULL;

CREATE TEMP TABLE record AS
WITH plain AS (
  SELECT
    number,
    COALESCE(wrapper, CASE
      WHEN COALESCE(
        text_of(JSON_VALUE(body, '$.call_uuid')), text_of(JSON_VALUE(body, '$.call_type')), JSON_VALUE(body, '$.call_duration')
      ) IS NOT NULL THEN 'call'
      WHEN COALESCE(
        text_of(JSON_VALUE(body, '$.chat_uuid')), text_of(JSON_VALUE(body, '$.chat_type')), JSON_VALUE(body, '$.chat_duration')
      ) IS NOT NULL THEN 'chat'
      WHEN LOWER(COALESCE(text_of(JSON_VALUE(body, '$.session_type_v2')), text_of(JSON_VALUE(body, '$.session_type')))) LIKE 'voice%' THEN 'call'
      WHEN LOWER(COALESCE(text_of(JSON_VALUE(body, '$.session_type_v2')), text_of(JSON_VALUE(body, '$.session_type')))) LIKE 'messaging%' THEN 'chat'
      ELSE 'session'
    END) AS kind,
    COALESCE(
      text_of(JSON_VALUE(body, '$.id')), text_of(JSON_VALUE(body, '$.call_uuid')), text_of(JSON_VALUE(body, '$.chat_uuid'))
    ) AS id,
    COALESCE(
      JSON_VALUE(body, '$.created_at'), JSON_VALUE(body, '$.queued_at'), JSON_VALUE(body, '$.ends_at'),
      JSON_VALUE(body, '$.ended_at')
    ) AS began,
    ms_of(COALESCE(JSON_VALUE(body, '$.ends_at'), JSON_VALUE(body, '$.ended_at'))) AS ended,
    ms_of(JSON_VALUE(body, '$.updated_at')) AS updated,
    COALESCE(
      text_of(JSON_VALUE(body, '$.session_type_v2')), text_of(JSON_VALUE(body, '$.call_type')), text_of(JSON_VALUE(body, '$.chat_type')),
      text_of(JSON_VALUE(body, '$.session_type'))
    ) AS type,
    JSON_VALUE(body, '$.status') AS status,
    JSON_VALUE(body, '$.answer_type') AS answer_type,
    number_of(COALESCE(JSON_VALUE(body, '$.call_duration'), JSON_VALUE(body, '$.chat_duration'))) AS duration,
    number_of(JSON_VALUE(body, '$.wait_duration')) AS wait,
    number_of(JSON_VALUE(body, '$.hold_duration')) AS hold,
    number_of(JSON_VALUE(body, '$.rating')) AS rating,
    IFNULL(ARRAY_LENGTH(JSON_QUERY_ARRAY(body, '$.virtual_agent_handle_durations')), 0) > 0 AS bot,
    JSON_QUERY_ARRAY(body, '$.handle_durations') AS humans
  FROM raw
)
SELECT
  number, CONCAT(kind, ' ', id) AS session_key, updated,
  -- The first export is too early for the survey, and for how long wrap-up took.
  COALESCE(updated - ended >= 120000, CASE
    WHEN updated IS NULL AND (rating IS NOT NULL OR (
      SELECT COUNT(*) FROM UNNEST(humans) AS human WHERE number_of(JSON_VALUE(human, '$.acw_duration')) IS NOT NULL
    ) > 0) THEN TRUE
  END) AS is_final,
  -- By the clock that the file wrote. In a time zone: FORMAT_TIMESTAMP('%F', TIMESTAMP(began), 'Europe/Berlin'), and '%H'.
  SUBSTR(began, 1, 10) AS day, NULLIF(SUBSTR(began, 12, 2), '') AS hour,
  type_of(type) AS type, status_of(status) AS status, word_of(answer_type) AS answer_type, duration, wait, hold, rating,
  bot, IFNULL(ARRAY_LENGTH(humans), 0) > 0 AS human
FROM plain;

CREATE TEMP TABLE deflected AS
SELECT number, deflection
FROM (
  SELECT number, word_of(JSON_VALUE(body, '$.deflection')) AS deflection
  FROM raw
  UNION ALL
  SELECT number, word_of(JSON_VALUE(item, '$.deflection'))
  FROM raw, UNNEST(ARRAY_CONCAT(
    IFNULL(JSON_QUERY_ARRAY(body, '$.deflection_details'), []), IFNULL(JSON_QUERY_ARRAY(body, '$.transfers'), []),
    IFNULL(JSON_QUERY_ARRAY(body, '$.virtual_agent_deflected_escalations'), [])
  )) AS item WITH OFFSET AS part
) AS met
-- That a session met none is a word of the platform too.
WHERE deflection <> 'no_deflection';

CREATE TEMP TABLE queue_wait AS
SELECT
  number,
  COALESCE(text_of(JSON_VALUE(item, '$.menu_path')), text_of(JSON_VALUE(item, '$.menu_path_id'))) AS queue_path,
  COALESCE(
    number_of(JSON_VALUE(item, '$.queue_duration')),
    (ms_of(JSON_VALUE(item, '$.ended_at')) - ms_of(JSON_VALUE(item, '$.started_at'))) / 1000
  ) AS duration
FROM raw, UNNEST(JSON_QUERY_ARRAY(body, '$.queue_durations')) AS item WITH OFFSET AS part;

CREATE TEMP TABLE bot_part AS
WITH plain AS (
  SELECT
    number,
    JSON_QUERY_ARRAY(body, '$.handle_durations') AS humans,
    COALESCE(
      text_of(JSON_VALUE(item, '$.virtual_agent.name')), text_of(JSON_VALUE(item, '$.virtual_agent.va_alias')),
      text_of(JSON_VALUE(item, '$.virtual_agent.id'))
    ) AS virtual_agent,
    word_of(JSON_VALUE(item, '$.finish_reason')) AS finish_reason,
    word_of(JSON_VALUE(item, '$.escalation_reason')) AS escalation_reason,
    ms_of(JSON_VALUE(item, '$.started_at')) AS started,
    ms_of(JSON_VALUE(item, '$.ended_at')) AS ended,
    number_of(COALESCE(JSON_VALUE(item, '$.call_duration'), JSON_VALUE(item, '$.chat_duration'))) AS duration,
    number_of(JSON_VALUE(item, '$.response_count')) AS responses,
    number_of(JSON_VALUE(item, '$.fallback_response_count')) AS fallbacks
  FROM raw, UNNEST(JSON_QUERY_ARRAY(body, '$.virtual_agent_handle_durations')) AS item WITH OFFSET AS part
)
SELECT
  number, virtual_agent, finish_reason, escalation_reason, COALESCE(ended, started + duration * 1000) AS ended,
  COALESCE(duration, (ended - started) / 1000) AS duration, responses, fallbacks,
  (
    SELECT MIN(ms_of(JSON_VALUE(human, '$.started_at')))
    FROM UNNEST(humans) AS human
    WHERE ms_of(JSON_VALUE(human, '$.started_at')) >= COALESCE(started, ended - duration * 1000)
  ) AS human_started
FROM plain;

-- Here report.sql goes on.
