import type { JoinCounts, JoinFinding, JoinFindingKind, JoinSources } from './join.ts'

/** What each kind of finding is called. */
export const JOIN_TITLES: { readonly [K in JoinFindingKind]: string } = {
  'escalated-without-variables': 'Escalated, and no variable was sent',
  'required-missing': 'A required value was missing until the end, so that nothing was sent',
  'never-received': 'Sent for post events, and never received in one',
  'never-sent': 'Received in a post event, and never sent',
}

const DETAILS: { readonly [K in JoinFindingKind]: (finding: JoinFinding) => string } = {
  'escalated-without-variables': (finding) =>
    [
      describeAnswers(finding),
      ...describeFailures(finding),
      finding.hasConsolePayload && 'the console sent some past it',
    ]
      .filter(Boolean)
      .join('; '),
  'required-missing': ({ names, flow, tag }) =>
    `${names.join(', ')} (tag ${tag}${flow === undefined ? '' : ` of ${flow}`})`,
  'never-received': ({ names }) => names.join(', '),
  'never-sent': ({ names, calls, hasConsolePayload }) =>
    `${names.join(', ')}${hasConsolePayload ? ' (a payload typed into the console went along)' : calls === 0 ? ' (the log has no answer of the webhook in it)' : ''}`,
}

function describeAnswers({ calls, failures }: JoinFinding): string {
  if (calls) return `the webhook answered ${calls === 1 ? 'once' : `${calls} times`}, with no variable`
  return Object.keys(failures).length
    ? 'the webhook answered no request'
    : 'the log has no answer of the webhook in it: the route does not call it, or the log does not reach as far'
}

const describeFailures = ({ failures }: JoinFinding): string[] =>
  Object.entries(failures).map(([reason, count]) => `${times(count, 'request')} failed: ${reason}`)

export const describeJoinFinding = (finding: JoinFinding): string => DETAILS[finding.kind](finding)

/** What the sources that were there cannot tell. */
export function describeUnknown(
  { hasLog, hasEvents }: JoinSources,
  { escalatedUnnamed, withoutMetadata, withoutEvents }: JoinCounts,
): string[] {
  const all: (string | false)[] = [
    !hasLog &&
      'Without --log: which variables were sent, which required values were missing, and which sessions were escalated without any variable.',
    !hasEvents && 'Without --events: whether what was sent arrived in the page around the adapter.',
    escalatedUnnamed > 0 &&
      `${times(escalatedUnnamed, 'escalated session')} ${escalatedUnnamed === 1 ? 'names' : 'name'} no conversation, so that nothing can be joined to ${escalatedUnnamed === 1 ? 'it' : 'them'}.`,
    withoutMetadata > 0 &&
      `${times(withoutMetadata, 'conversation')} of the log ${withoutMetadata === 1 ? 'has' : 'have'} no metadata here: how ${withoutMetadata === 1 ? 'it' : 'they'} ended is not known.`,
    withoutEvents > 0 &&
      `${times(withoutEvents, 'conversation')} sent variables for post events, and no event of ${withoutEvents === 1 ? 'it' : 'them'} came. The platform documents events for task assistants alone, so that this may be right.`,
  ]
  return all.filter((one) => one !== false)
}

const times = (count: number, word: string): string =>
  `${count.toLocaleString('en-US')} ${word}${count === 1 ? '' : 's'}`
