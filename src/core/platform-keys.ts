/** What the contact centre's documentation lists under `ujet`; other keys pass through with a warning. */
export const ACTION_KEYS = [
  'type',
  'action',
  'escalation_reason',
  'menu_id',
  'language',
  'allow_virtual_agent',
  'agent_extension',
  'agent_id',
  'fallback_menu',
  'deflection_type',
  'sip_uri',
  'sip_refer',
  'sip_parameters',
  'sip_ring_timeout',
  'title',
  'messages',
  'buttons',
  'images',
  'videos',
  'documents',
  'components',
  'cards',
] as const

export const INVISIBLE_LISTS = ['invisible_to_agent', 'invisible_to_adapter_events'] as const
export const KEY_LISTS = [...INVISIBLE_LISTS, 'display_order_in_adapter'] as const

/** What the documentation lists under `ujet.session_variable`. */
export const SESSION_VARIABLE_KEYS = ['payload', 'capture_type', 'capture_target', 'capture_key', ...KEY_LISTS] as const

/** The session parameter from which a flow learns which required values were missing; reserved. */
export const MISSING_PARAMETER = 'carryover_missing'
