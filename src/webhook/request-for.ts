import type { Plan } from '../core/plan.ts'

/** A `WebhookRequest` that a plan answers, with made-up ids where its file names none: for previews, examples and trying out. */
export function requestFor({ tag, flowIds, agentIds }: Plan, parameters: Readonly<Record<string, unknown>>) {
  const agent = `projects/example/locations/global/agents/${agentIds?.[0] ?? 'any-agent'}`
  return {
    detectIntentResponseId: '00000000-0000-4000-8000-000000000000',
    languageCode: 'en',
    fulfillmentInfo: { tag },
    pageInfo: {
      currentPage: `${agent}/flows/${flowIds?.[0] ?? 'any-flow'}/pages/START_PAGE`,
      displayName: 'Start Page',
    },
    sessionInfo: { session: `${agent}/sessions/example`, parameters },
  }
}
