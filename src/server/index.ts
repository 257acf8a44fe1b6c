import { prepare } from './prepare.ts'
import type { Environment } from './settings.ts'
import { createWebhookHandler, type WebhookHandler } from './webhook-handler.ts'

export type { WebhookHandler, WebhookRequest } from './webhook-handler.ts'

/**
 * The webhook for somebody's own Express application or Cloud Function, with the settings of `environment`. It reads the body itself
 * or takes one that is read or parsed already. Throws with a text for people where settings or flow files are not right.
 */
export async function createWebhook(environment: Environment = process.env): Promise<WebhookHandler> {
  const { serving } = await prepare(environment)
  void serving.warmUp()
  return createWebhookHandler(serving)
}
