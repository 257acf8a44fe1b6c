import type { Code } from './diagnostic.ts'

/**
 * The text of each file of a folder of flow files, by its path in it; `.agent.json` is the agent as it was pulled, and below `sessions/`
 * there is session metadata.
 */
export type ExampleFiles = Readonly<Record<string, string>>

/** What `carryover explain` says of a diagnostic; `wrong` gives this diagnostic and no other, `right` gives none. */
export interface Explanation {
  /** One line, without the full stop. */
  readonly summary: string
  /** Why it matters to the people on the call, and what to do. */
  readonly why: string
  readonly wrong: ExampleFiles
  readonly right: ExampleFiles
}

/** Every diagnostic explained, in the order of the table of codes. */
export const EXPLANATIONS: { readonly [C in Code]: Explanation } = {
  'file/syntax': {
    summary: 'the file is not YAML, or not JSON, so that nothing in it can be read',
    why: 'A colon, a quote or a few spaces decide what a YAML file says, and where they do not fit together nobody can know what was meant. The webhook does not start with such a file, since a caller would otherwise meet half a flow. Mend the place that is shown; nothing else is said of the file until it can be read.',
    wrong: {
      'refill.yaml': `flow: Refill a prescription
captures:
  - tag: refill
    description: Note: sent once the pharmacy is known
    visible_to: [agent]
    variables: { pharmacy: $session.params.pharmacy }
`,
    },
    right: {
      'refill.yaml': `flow: Refill a prescription
captures:
  - tag: refill
    description: "Note: sent once the pharmacy is known"
    visible_to: [agent]
    variables: { pharmacy: $session.params.pharmacy }
`,
    },
  },

  'file/duplicate-key': {
    summary: 'a key stands twice in one map',
    why: 'Only one of the two values can be used, and people who read the file may take the other one for granted: a variable that seems to be for the agent alone would go to the CRM as well. Names that differ only in $ and ＄ are one name: a $ before what looks like a reference is sent as ＄. Keep one of the two, or give the second a name of its own.',
    wrong: {
      'appointment.yaml': `flow: Dental appointment
captures:
  - tag: appointment
    variables:
      pain: { from: $session.params.pain_level, visible_to: [agent] }
      day: { from: $session.params.day, visible_to: [agent, comment] }
      pain: { from: $session.params.pain_place, visible_to: [agent, comment] }
`,
    },
    right: {
      'appointment.yaml': `flow: Dental appointment
captures:
  - tag: appointment
    variables:
      pain: { from: $session.params.pain_level, visible_to: [agent] }
      day: { from: $session.params.day, visible_to: [agent, comment] }
      where_it_hurts: { from: $session.params.pain_place, visible_to: [agent, comment] }
`,
    },
  },

  'file/too-many-aliases': {
    summary: 'aliases (*name) expand to more than 10,000 values',
    why: 'An alias stands for everything under the name it repeats. Aliases of aliases multiply, and one inside the value it names never ends; such a file would use up the memory of the machine that answers the calls. Write the values out where they are needed.',
    wrong: {
      'delivery.yaml': `flow: Where is my parcel
captures:
  - tag: parcel
    visible_to: [agent]
    variables:
      parcel: &parcel
        - $session.params.tracking_number
        - *parcel
`,
    },
    right: {
      'delivery.yaml': `flow: Where is my parcel
captures:
  - tag: parcel
    visible_to: [agent]
    variables:
      parcel:
        - $session.params.tracking_number
        - $session.params.second_tracking_number
`,
    },
  },

  'file/misplaced-policy': {
    summary: 'a policy file stands where it is not read',
    why: 'There is one policy, policy.yaml at the top of the folder of flow files. A second one below it, or one called policy.yml, would be overlooked, and the values it protects would be shown while everybody believes them safe. Move its rules to the file that is read.',
    wrong: {
      'claims/claim.yaml': `flow: File a claim
captures:
  - { tag: claim, visible_to: [agent], variables: { claim: $session.params.claim_number } }
`,
      'claims/policy.yaml': `parameters:
  - { match: [diagnosis], visible_to: [agent], reason: health data }
`,
    },
    right: {
      'claims/claim.yaml': `flow: File a claim
captures:
  - { tag: claim, visible_to: [agent], variables: { claim: $session.params.claim_number } }
`,
      'policy.yaml': `parameters:
  - { match: [diagnosis], visible_to: [agent], reason: health data }
`,
    },
  },

  'config/unknown-key': {
    summary: 'a key that does not exist, or may not stand here',
    why: 'A misspelt key would otherwise be ignored without a word: the format not applied, the value not masked, the list of people who may see it not there. Write the key that is suggested, or move it to where it belongs; a capture has either ujet, or variables and then.',
    wrong: {
      'upgrade.yaml': `flow: Upgrade a seat
captures:
  - tag: upgrade
    visible_to: [agent]
    variables:
      price: { from: $session.params.price, fromat: money }
`,
    },
    right: {
      'upgrade.yaml': `flow: Upgrade a seat
captures:
  - tag: upgrade
    visible_to: [agent]
    variables:
      price: { from: $session.params.price, format: money }
`,
    },
  },

  'config/missing-key': {
    summary: 'something that must be said is not there',
    why: 'Some keys cannot be left out: without a tag no call reaches the capture, without from a variable has no value, without an action the platform would not know what to do with the caller. Add the key that is named.',
    wrong: {
      'handoff.yaml': `flow: Talk to a lender
captures:
  - tag: lender
    then: { escalation_reason: by_virtual_agent, menu_id: 31 }
`,
    },
    right: {
      'handoff.yaml': `flow: Talk to a lender
captures:
  - tag: lender
    then: { action: escalation, escalation_reason: by_virtual_agent, menu_id: 31 }
`,
    },
  },

  'config/wrong-type': {
    summary: 'a value of the wrong kind, or a word that is none of those allowed',
    why: 'A number where text belongs, one word where a list belongs, or a format that does not exist: what the agent reads on the screen would not be what you had in mind. Write what is expected; text that looks like a number needs quotes, and a list of one word needs brackets.',
    wrong: {
      'invoice.yaml': `flow: Pay an invoice
captures:
  - tag: invoice
    visible_to: [agent, comment]
    variables:
      due: { from: $session.params.due_date, format: day }
`,
    },
    right: {
      'invoice.yaml': `flow: Pay an invoice
captures:
  - tag: invoice
    visible_to: [agent, comment]
    variables:
      due: { from: $session.params.due_date, format: date }
`,
    },
  },

  'config/unknown-platform-key': {
    summary: "a key of the platform's that is not known here; it is sent as it is",
    why: 'What stands in ujet and in then is for the contact centre, which learns new keys several times a year, so an unknown one is passed on. It may as well be a typing mistake: then the platform ignores it, and the caller is sent to the wrong queue or hears the wrong language. Mend it if it is one, above all where the key was to hide something; a key that is right can stay, and the warning with it.',
    wrong: {
      'spanish.yaml': `flow: Help in Spanish
captures:
  - tag: spanish
    then: { action: escalation, menu_id: 12, langauge: es }
`,
    },
    right: {
      'spanish.yaml': `flow: Help in Spanish
captures:
  - tag: spanish
    then: { action: escalation, menu_id: 12, language: es }
`,
    },
  },

  'config/long-form-in-payload': {
    summary: 'a map with from, format or mask under payload, where they do nothing',
    why: 'What stands in ujet is sent as it is written, so that people would see the whole map, with the word "format" in it, and nothing is formatted or masked. Write the reference alone there. For a format or a mask, use variables instead of ujet.',
    wrong: {
      'delivery.yaml': `flow: Where is my parcel
captures:
  - tag: parcel
    ujet:
      session_variable:
        payload: { due: { from: $session.params.due_date, format: date } }
        capture_type: [agent]
`,
    },
    right: {
      'delivery.yaml': `flow: Where is my parcel
captures:
  - tag: parcel
    variables:
      due: { from: $session.params.due_date, format: date, visible_to: [agent] }
`,
    },
  },

  'config/no-effect': {
    summary: 'something that changes nothing where it stands',
    why: 'A default means that the value is never missing, so that required beside it asks for nothing; a format for dates cannot read a date out of a sentence; a language that nobody knows is not written in. Whoever reads the file believes that it does something. Take it away, or write what was meant.',
    wrong: {
      'booking.yaml': `flow: Change a booking
captures:
  - tag: booking
    visible_to: [agent]
    variables:
      number: { from: $session.params.booking_number, required: true, default: not said }
`,
    },
    right: {
      'booking.yaml': `flow: Change a booking
captures:
  - tag: booking
    visible_to: [agent]
    variables:
      number: { from: $session.params.booking_number, default: not said }
`,
    },
  },

  'reference/unknown-scope': {
    summary: 'text that looks like a reference and is none',
    why: 'It would reach the agent letter by letter, $sesion.params.city instead of Osaka. A reference begins with $session.params., $intent.params., $page.params. or $request., without braces, and one to an intent ends with .original or .resolved. If a dollar sign is meant, write $$.',
    wrong: {
      'hotel.yaml': `flow: Book a hotel
captures:
  - tag: hotel
    visible_to: [agent, comment]
    variables:
      city: $sesion.params.city
      nights: $session.params.nights
`,
    },
    right: {
      'hotel.yaml': `flow: Book a hotel
captures:
  - tag: hotel
    visible_to: [agent, comment]
    variables:
      city: $session.params.city
      nights: $session.params.nights
`,
    },
  },

  'reference/not-available': {
    summary: 'something that Dialogflow knows and does not tell a webhook',
    why: 'Flow parameters and the results of system functions never leave Dialogflow, so that the value would always be missing on the call. Give a session parameter that value with a preset on the fulfillment, and refer to the session parameter.',
    wrong: {
      'outage.yaml': `flow: Report an outage
captures:
  - tag: outage
    visible_to: [agent]
    variables:
      area: $flow.area
      since: { from: $session.params.since, format: time }
`,
    },
    right: {
      'outage.yaml': `flow: Report an outage
captures:
  - tag: outage
    visible_to: [agent]
    variables:
      area: $session.params.area
      since: { from: $session.params.since, format: time }
`,
    },
  },

  'reference/not-resolved': {
    summary: 'a reference where only plain values are sent',
    why: 'A default, what set_parameters sets, and capture_key are sent as they are written: nobody fills a reference in there, and the person at the other end would read its letters. Write a plain value, or move the reference to where it is filled in.',
    wrong: {
      'callback.yaml': `flow: Call me back
captures:
  - tag: callback
    visible_to: [agent]
    variables:
      number: { from: $session.params.other_number, default: $session.params.caller_number }
`,
    },
    right: {
      'callback.yaml': `flow: Call me back
captures:
  - tag: callback
    visible_to: [agent]
    variables:
      number: { from: $session.params.other_number, default: the one they call from }
      calls_from: $session.params.caller_number
`,
    },
  },

  'reference/without-dollar': {
    summary: 'a reference without its dollar sign, which is sent as text',
    why: 'Without the dollar sign nobody looks for a value: the agent would read session.params.size letter by letter, on every call. Write $session.params.size. If the letters are what you mean, the warning can stay.',
    wrong: {
      'shoes.yaml': `flow: Return shoes
captures:
  - tag: return
    visible_to: [agent]
    variables: { size: session.params.size }
`,
    },
    right: {
      'shoes.yaml': `flow: Return shoes
captures:
  - tag: return
    visible_to: [agent]
    variables: { size: $session.params.size }
`,
    },
  },

  'visibility/unknown-surface': {
    summary: 'a word that is no surface',
    why: 'There are four places where a value can be seen: agent (the screen of the person who takes the call), comment (the CRM record), event (programs that listen) and data_parameters (the next virtual agent). With any other word somebody would see less than you meant, or the platform would decide for itself. Write one of the four.',
    wrong: {
      'claim.yaml': `flow: Water damage
captures:
  - tag: damage
    visible_to: [agent, coment]
    variables: { rooms: $session.params.rooms }
`,
    },
    right: {
      'claim.yaml': `flow: Water damage
captures:
  - tag: damage
    visible_to: [agent, comment]
    variables: { rooms: $session.params.rooms }
`,
    },
  },

  'visibility/missing-capture-type': {
    summary: 'capture_type is missing or empty',
    why: 'Without capture_type the platform decides who sees what the caller said, and it may decide for everybody. Name the surfaces that are to have the values: agent, comment, event, data_parameters.',
    wrong: {
      'loan.yaml': `flow: Apply for a loan
captures:
  - tag: loan
    ujet:
      session_variable:
        payload: { amount: $session.params.amount, employer: $session.params.employer }
`,
    },
    right: {
      'loan.yaml': `flow: Apply for a loan
captures:
  - tag: loan
    ujet:
      session_variable:
        payload: { amount: $session.params.amount, employer: $session.params.employer }
        capture_type: [agent, comment]
`,
    },
  },

  'visibility/not-declared': {
    summary: 'a variable of which nothing says who may see it',
    why: 'A value is shown to nobody unless the file says so; to guess would be to leak. Give the variable a list visible_to, or its capture one for all variables that have none of their own.',
    wrong: {
      'vaccine.yaml': `flow: Vaccination
captures:
  - tag: vaccination
    variables:
      clinic: { from: $session.params.clinic, visible_to: [agent, comment] }
      allergies: { from: $session.params.allergies, format: list }
`,
    },
    right: {
      'vaccine.yaml': `flow: Vaccination
captures:
  - tag: vaccination
    variables:
      clinic: { from: $session.params.clinic, visible_to: [agent, comment] }
      allergies: { from: $session.params.allergies, format: list, visible_to: [agent] }
`,
    },
  },

  'visibility/hidden-key-not-in-payload': {
    summary: 'a list names a key that the payload does not have',
    why: 'These lists keep values from somebody. A key that is misspelt in a list hides nothing: the value that was meant goes out with all the others. Write the key exactly as it stands in payload, upper and lower case too.',
    wrong: {
      'patient.yaml': `flow: Test results
captures:
  - tag: results
    ujet:
      session_variable:
        payload: { patient_id: $session.params.patient_id, lab: $session.params.lab }
        capture_type: [agent, event]
        invisible_to_adapter_events: [patientid]
`,
    },
    right: {
      'patient.yaml': `flow: Test results
captures:
  - tag: results
    ujet:
      session_variable:
        payload: { patient_id: $session.params.patient_id, lab: $session.params.lab }
        capture_type: [agent, event]
        invisible_to_adapter_events: [patient_id]
`,
    },
  },

  'visibility/misspelt-list': {
    summary: 'a list that hides values has a misspelt name, and so hides nothing',
    why: 'The platform ignores a list whose name it does not know, and everybody in capture_type sees what was to be hidden. Other keys that are not known here are passed on with a warning; a slip in the name of one of these two lists is an error, since it would show a value where it may not be shown. Write invisible_to_agent or invisible_to_adapter_events.',
    wrong: {
      'claim.yaml': `flow: Report a claim
captures:
  - tag: claim
    ujet:
      session_variable:
        payload: { policy: $session.params.policy_number, phone: $session.params.phone }
        capture_type: [agent, event]
        invisible_to_adapter_event: [phone]
`,
    },
    right: {
      'claim.yaml': `flow: Report a claim
captures:
  - tag: claim
    ujet:
      session_variable:
        payload: { policy: $session.params.policy_number, phone: $session.params.phone }
        capture_type: [agent, event]
        invisible_to_adapter_events: [phone]
`,
    },
  },

  'visibility/nested': {
    summary: 'a session_variable where nobody says who sees it',
    why: 'Who sees what is worked out for the session_variable directly under ujet, and for what stands under variables. Of one that stands deeper nobody knows whether the platform reads it, and to whom it shows it: the policy and the check before sending do not look there. Write its values where they are looked after.',
    wrong: {
      'return.yaml': `flow: Return an item
captures:
  - tag: return
    ujet:
      type: action
      action: { session_variable: { payload: { item: $session.params.item }, capture_type: [agent] } }
`,
    },
    right: {
      'return.yaml': `flow: Return an item
captures:
  - tag: return
    ujet:
      type: action
      action: end
      session_variable: { payload: { item: $session.params.item }, capture_type: [agent] }
`,
    },
  },

  'visibility/duplicate-key': {
    summary: 'a key stands twice in a list',
    why: 'The second entry does nothing, and often another key was meant, which is then not hidden from anybody. Keep one of the two, or write the key that is missing.',
    wrong: {
      'payout.yaml': `flow: Pay out a claim
captures:
  - tag: payout
    ujet:
      session_variable:
        payload: { claim: $session.params.claim, account: $session.params.account, bank: $session.params.bank }
        capture_type: [agent, event]
        invisible_to_adapter_events: [account, account]
`,
    },
    right: {
      'payout.yaml': `flow: Pay out a claim
captures:
  - tag: payout
    ujet:
      session_variable:
        payload: { claim: $session.params.claim, account: $session.params.account, bank: $session.params.bank }
        capture_type: [agent, event]
        invisible_to_adapter_events: [account, bank]
`,
    },
  },

  'visibility/no-effect': {
    summary: 'a list that hides from, or orders for, somebody who gets nothing anyway',
    why: 'The list is about a surface that capture_type does not name. Either the surface was forgotten there, and people wait for values that never come, or the list is left over and misleads whoever reads the file. Add the surface, or remove the list.',
    wrong: {
      'ticket.yaml': `flow: Lost luggage
captures:
  - tag: luggage
    ujet:
      session_variable:
        payload: { flight: $session.params.flight, passport: $session.params.passport }
        capture_type: [agent, comment]
        invisible_to_adapter_events: [passport]
`,
    },
    right: {
      'ticket.yaml': `flow: Lost luggage
captures:
  - tag: luggage
    ujet:
      session_variable:
        payload: { flight: $session.params.flight, passport: $session.params.passport }
        capture_type: [agent, comment, event]
        invisible_to_adapter_events: [passport]
`,
    },
  },

  'visibility/nobody-sees-it': {
    summary: 'a value that is collected for nobody',
    why: 'The caller is asked for it, and then no surface gets it: the agent will ask a second time. Say who may see it, or do not collect it.',
    wrong: {
      'repair.yaml': `flow: Book a repair
captures:
  - tag: repair
    visible_to: [agent]
    variables:
      device: $session.params.device
      door_code: { from: $session.params.door_code, visible_to: [] }
`,
    },
    right: {
      'repair.yaml': `flow: Book a repair
captures:
  - tag: repair
    visible_to: [agent]
    variables:
      device: $session.params.device
      door_code: { from: $session.params.door_code, visible_to: [agent] }
`,
    },
  },

  'visibility/not-in-crm': {
    summary: 'hidden from the agent, and so from the CRM comment too',
    why: 'The platform keeps what is in invisible_to_agent out of the CRM record as well, which the name of the list does not say. Who looks for the value in the CRM after the call will not find it. To have it in the CRM alone use variables with visible_to: [comment]; if nobody there needs it, let capture_type go without comment.',
    wrong: {
      'survey.yaml': `flow: Survey
captures:
  - tag: survey
    ujet:
      session_variable:
        payload: { score: $session.params.score, visit: $session.params.visit }
        capture_type: [agent, comment, event]
        invisible_to_agent: [score]
`,
    },
    right: {
      'survey.yaml': `flow: Survey
captures:
  - tag: survey
    variables:
      score: { from: $session.params.score, visible_to: [comment, event] }
      visit: { from: $session.params.visit, visible_to: [agent, comment, event] }
`,
    },
  },

  'visibility/may-spread': {
    summary: 'what goes to the next virtual agent may appear in events and metadata too',
    why: "The vendor puts data parameters into post events and into the session's metadata, whatever else is said, so that programs you did not name may come to read the value. Add event and comment if they may have it; if they may not, leave data_parameters away.",
    wrong: {
      'renewal.yaml': `flow: Renew a contract
captures:
  - tag: renewal
    variables:
      contract: { from: $session.params.contract, visible_to: [agent, data_parameters] }
`,
    },
    right: {
      'renewal.yaml': `flow: Renew a contract
captures:
  - tag: renewal
    variables:
      contract: { from: $session.params.contract, visible_to: [agent, comment, event, data_parameters] }
`,
    },
  },

  'visibility/unmasked-elsewhere': {
    summary: 'a value that is masked in one variable leaves whole in another',
    why: 'A mask hides a part of its own variable and of nothing else: a sentence with the same parameter in it shows all of it. Take the parameter out of the sentence, or mask that variable as well. If these people may see the whole value, give it a variable of its own, with a visible_to of its own.',
    wrong: {
      'repair.yaml': `flow: Repair
captures:
  - tag: repair
    visible_to: [agent]
    variables:
      phone: { from: $session.params.phone, mask: last4 }
      note: "$session.params.model, call back $session.params.phone"
`,
    },
    right: {
      'repair.yaml': `flow: Repair
captures:
  - tag: repair
    visible_to: [agent]
    variables:
      phone: { from: $session.params.phone, mask: last4 }
      note: "$session.params.model, wants a call"
`,
    },
  },

  'visibility/needs-several-payloads': {
    summary: 'a capture needs more payloads than the policy allows in one answer',
    why: 'Variables that are for different people travel in payloads of their own, and the policy says that your contact centre takes one in an answer: the second would be lost, and with it what the agent should know. Show all variables of the capture to the same people (event may differ), or make two captures of it.',
    wrong: {
      'policy.yaml': `platform: { payloads_per_answer: one }
`,
      'move.yaml': `flow: Moving house
captures:
  - tag: move
    variables:
      new_address: { from: $session.params.new_address, visible_to: [agent, comment] }
      reason: { from: $session.params.reason, visible_to: [agent] }
`,
    },
    right: {
      'policy.yaml': `platform: { payloads_per_answer: one }
`,
      'move.yaml': `flow: Moving house
captures:
  - tag: move
    variables: { new_address: { from: $session.params.new_address, visible_to: [agent, comment] } }
  - tag: move-reason
    variables: { reason: { from: $session.params.reason, visible_to: [agent] } }
`,
    },
  },

  'action/unknown-word': {
    summary: 'a word that is nearly one of those that the platform takes, or a queue that is no number',
    why: 'The platform does nothing with an action that it does not know, and the caller stays with the bot; a queue without a number is not found. The words that are documented are escalation, direct, deflection and end, and by_virtual_agent and by_consumer as reasons. A new word that is right can stay, and the warning with it.',
    wrong: {
      'loan.yaml': `flow: Ask for a loan
captures:
  - tag: loan
    then: { action: escalate, menu_id: 17 }
`,
    },
    right: {
      'loan.yaml': `flow: Ask for a loan
captures:
  - tag: loan
    then: { action: escalation, menu_id: 17 }
`,
    },
  },

  'action/may-reach-no-queue': {
    summary: 'an escalation whose queue may be unset',
    why: 'If the parameter has no value on a call, the platform is told to hand the caller over and not where to: nobody picks up. Give menu_id a default, the number of a queue that is always staffed.',
    wrong: {
      'tax.yaml': `flow: Tax advice
captures:
  - tag: adviser
    then: { action: escalation, menu_id: $session.params.adviser_menu }
`,
    },
    right: {
      'tax.yaml': `flow: Tax advice
captures:
  - tag: adviser
    then: { action: escalation, menu_id: { from: $session.params.adviser_menu, default: 40 } }
`,
    },
  },

  'action/may-be-stopped': {
    summary: 'a required value stops the action as well',
    why: 'Where a required value is missing the capture sends nothing, so that a caller who cannot answer the question is not handed over either and stays with the bot. Leave required away, with a default if you like; or put the action into a capture of its own. If your flow tests $session.params.carryover_missing in a route and asks again, the warning can stay.',
    wrong: {
      'membership.yaml': `flow: Cancel a membership
captures:
  - tag: cancel
    visible_to: [agent]
    variables: { member: { from: $session.params.member_number, required: true } }
    then: { action: escalation, menu_id: 8 }
`,
    },
    right: {
      'membership.yaml': `flow: Cancel a membership
captures:
  - tag: cancel
    visible_to: [agent]
    variables: { member: { from: $session.params.member_number, default: not known } }
    then: { action: escalation, menu_id: 8 }
`,
    },
  },

  'policy/too-visible': {
    summary: 'a variable would be seen by more than the policy allows',
    why: "The policy is the organisation's word, with its reason beside it, and no flow file can widen it. It holds for the variable's own name and for every parameter that its value is made from. Take the surfaces that are named away; if people there need the value, ask whoever keeps the policy.",
    wrong: {
      'policy.yaml': `parameters:
  - { match: ["*birth*"], visible_to: [agent], reason: only the person on the line needs it }
`,
      'identity.yaml': `flow: Check who is calling
captures:
  - tag: identity
    visible_to: [agent, comment]
    variables:
      name: $session.params.caller_name
      born: { from: $session.params.date_of_birth, format: date }
`,
    },
    right: {
      'policy.yaml': `parameters:
  - { match: ["*birth*"], visible_to: [agent], reason: only the person on the line needs it }
`,
      'identity.yaml': `flow: Check who is calling
captures:
  - tag: identity
    visible_to: [agent, comment]
    variables:
      name: $session.params.caller_name
      born: { from: $session.params.date_of_birth, format: date, visible_to: [agent] }
`,
    },
  },

  'policy/outside-variables': {
    summary: 'a protected parameter stands where nobody can say who sees it',
    why: 'Only in a variable, or in payload, can it be worked out who sees a value. Anywhere else, in then or in another key of ujet, the platform may show it to anybody: in a title on the screen, in the headers of a call. Make a variable of it, visible to those whom the policy allows.',
    wrong: {
      'policy.yaml': `parameters:
  - { match: [member_id], visible_to: [agent] }
`,
      'transfer.yaml': `flow: Transfer to the clinic
captures:
  - tag: transfer
    then:
      action: deflection
      deflection_type: sip
      sip_uri: sip:front-desk@example.com
      sip_parameters: { x-member: $session.params.member_id }
`,
    },
    right: {
      'policy.yaml': `parameters:
  - { match: [member_id], visible_to: [agent] }
`,
      'transfer.yaml': `flow: Transfer to the clinic
captures:
  - tag: transfer
    variables: { member: { from: $session.params.member_id, visible_to: [agent] } }
    then:
      action: deflection
      deflection_type: sip
      sip_uri: sip:front-desk@example.com
`,
    },
  },

  'policy/unseen-answer': {
    summary: "the person's answer goes past the policy's detectors",
    why: "With capture_target: end_user_response the platform keeps the person's next words itself; they never pass through this program, so that no rule under values can look for card numbers and the like in them. Let Dialogflow collect the answer in a parameter, and hand that over as a variable.",
    wrong: {
      'policy.yaml': `values:
  - { detect: payment_card, action: mask }
`,
      'wish.yaml': `flow: Anything else
captures:
  - tag: anything-else
    ujet:
      session_variable:
        capture_target: end_user_response
        capture_key: wish
        capture_type: [agent]
`,
    },
    right: {
      'policy.yaml': `values:
  - { detect: payment_card, action: mask }
`,
      'wish.yaml': `flow: Anything else
captures:
  - tag: anything-else
    visible_to: [agent]
    variables: { wish: $request.user-utterance }
`,
    },
  },

  'route/duplicate': {
    summary: 'two captures for the same tag, flow and agent',
    why: 'A call carries one tag, and only one capture can answer it: the other, with what it was to hand over, would never run. Rename one of them, here and at the fulfillment in Dialogflow CX; or, where two flows use the same tag, give each file the flow_id of its flow.',
    wrong: {
      'savings.yaml': `flow: Savings
captures:
  - { tag: details, visible_to: [agent], variables: { goal: $session.params.goal } }
`,
      'mortgage.yaml': `flow: Mortgage
captures:
  - { tag: details, visible_to: [agent], variables: { house: $session.params.house } }
`,
    },
    right: {
      'savings.yaml': `flow: Savings
captures:
  - { tag: savings-details, visible_to: [agent], variables: { goal: $session.params.goal } }
`,
      'mortgage.yaml': `flow: Mortgage
captures:
  - { tag: mortgage-details, visible_to: [agent], variables: { house: $session.params.house } }
`,
    },
  },

  'example/unknown-tag': {
    summary: 'an example for a tag that this file does not have',
    why: 'The example would test nothing, and a capture that was renamed would go untested. Write the tag of a capture of the same file.',
    wrong: {
      'museum.yaml': `flow: Museum tickets
captures:
  - { tag: museum-tickets, visible_to: [agent], variables: { visitors: $session.params.visitors } }
examples:
  - { name: a family, tag: museum-ticket, parameters: { visitors: 4 }, sees: { agent: { visitors: 4 } } }
`,
    },
    right: {
      'museum.yaml': `flow: Museum tickets
captures:
  - { tag: museum-tickets, visible_to: [agent], variables: { visitors: $session.params.visitors } }
examples:
  - { name: a family, tag: museum-tickets, parameters: { visitors: 4 }, sees: { agent: { visitors: 4 } } }
`,
    },
  },

  'example/unused-parameter': {
    summary: 'a parameter of an example that its capture refers to by nearly the same name',
    why: 'One of the two names has a slip in it. If it is the one in the capture, the value is missing on every call, and the agent never sees it. Write the name as Dialogflow has it, in both places.',
    wrong: {
      'dentist.yaml': `flow: Dentist
captures:
  - { tag: dentist, visible_to: [agent], variables: { tooth: $session.params.toth } }
examples:
  - { name: a molar, tag: dentist, parameters: { tooth: 18 } }
`,
    },
    right: {
      'dentist.yaml': `flow: Dentist
captures:
  - { tag: dentist, visible_to: [agent], variables: { tooth: $session.params.tooth } }
examples:
  - { name: a molar, tag: dentist, parameters: { tooth: 18 } }
`,
    },
  },

  'agent/unknown-flow': {
    summary: 'the agent has no flow of this name',
    why: 'Whoever looks after the agent finds the flow of a file by its name, and so does this check. Write the name as the console shows it. Where several flows of the agent use the file, name one of them.',
    wrong: {
      'optician.yaml': `flow: Eye exam
captures:
  - { tag: eye-exam, visible_to: [agent], variables: { glasses: $session.params.glasses } }
`,
      '.agent.json': `{
  "version": 1,
  "webhooks": [
    {"name":"Carryover","type":"standard"}
  ],
  "flows": [
    {
      "name": "Eye examination",
      "id": "3f1c8a52-7b0e-4c57-9a54-0d8f3f5f2b11",
      "fulfillments": [
        {"page":"Hand over","at":"entry fulfillment","webhook":"Carryover","tag":"eye-exam"}
      ],
      "parameters": [
        {"name":"glasses","page":"Ask","at":"parameter \\"glasses\\"","by":"form","type":"@sys.any"}
      ]
    }
  ]
}
`,
    },
    right: {
      'optician.yaml': `flow: Eye examination
captures:
  - { tag: eye-exam, visible_to: [agent], variables: { glasses: $session.params.glasses } }
`,
      '.agent.json': `{
  "version": 1,
  "webhooks": [
    {"name":"Carryover","type":"standard"}
  ],
  "flows": [
    {
      "name": "Eye examination",
      "id": "3f1c8a52-7b0e-4c57-9a54-0d8f3f5f2b11",
      "fulfillments": [
        {"page":"Hand over","at":"entry fulfillment","webhook":"Carryover","tag":"eye-exam"}
      ],
      "parameters": [
        {"name":"glasses","page":"Ask","at":"parameter \\"glasses\\"","by":"form","type":"@sys.any"}
      ]
    }
  ]
}
`,
    },
  },

  'agent/wrong-flow-id': {
    summary: 'flow_id is not the id of the flow that the file is named after',
    why: "Dialogflow sends a flow's id, never its name: with the id of another flow, this file answers the wrong calls and none of its own. An id changes when a flow is made anew. Copy it from the console's address, behind flows/.",
    wrong: {
      'optician.yaml': `flow: Eye examination
flow_id: 9d2b7f10-5c3e-4a8d-b1f6-2e7c9a4d8b30
captures:
  - { tag: eye-exam, visible_to: [agent], variables: { glasses: $session.params.glasses } }
`,
      '.agent.json': `{
  "version": 1,
  "webhooks": [
    {"name":"Carryover","type":"standard"}
  ],
  "flows": [
    {
      "name": "Eye examination",
      "id": "3f1c8a52-7b0e-4c57-9a54-0d8f3f5f2b11",
      "fulfillments": [
        {"page":"Hand over","at":"entry fulfillment","webhook":"Carryover","tag":"eye-exam"}
      ],
      "parameters": [
        {"name":"glasses","page":"Ask","at":"parameter \\"glasses\\"","by":"form","type":"@sys.any"}
      ]
    }
  ]
}
`,
    },
    right: {
      'optician.yaml': `flow: Eye examination
flow_id: 3f1c8a52-7b0e-4c57-9a54-0d8f3f5f2b11
captures:
  - { tag: eye-exam, visible_to: [agent], variables: { glasses: $session.params.glasses } }
`,
      '.agent.json': `{
  "version": 1,
  "webhooks": [
    {"name":"Carryover","type":"standard"}
  ],
  "flows": [
    {
      "name": "Eye examination",
      "id": "3f1c8a52-7b0e-4c57-9a54-0d8f3f5f2b11",
      "fulfillments": [
        {"page":"Hand over","at":"entry fulfillment","webhook":"Carryover","tag":"eye-exam"}
      ],
      "parameters": [
        {"name":"glasses","page":"Ask","at":"parameter \\"glasses\\"","by":"form","type":"@sys.any"}
      ]
    }
  ]
}
`,
    },
  },

  'agent/unknown-parameter': {
    summary: 'a reference to a parameter that the agent never sets',
    why: 'No page, intent, preset or webhook mapping of the agent fills this parameter, so that the variable would be missing in every call. Mostly a letter is wrong. Where the caller of the API or another webhook sets it, name it with --elsewhere.',
    wrong: {
      'hotel.yaml': `flow: Hotel stay
captures:
  - { tag: stay, visible_to: [agent], variables: { nights: $session.params.nigths } }
`,
      '.agent.json': `{
  "version": 1,
  "webhooks": [
    {"name":"Carryover","type":"standard"}
  ],
  "flows": [
    {
      "name": "Hotel stay",
      "id": "3f1c8a52-7b0e-4c57-9a54-0d8f3f5f2b11",
      "fulfillments": [
        {"page":"Hand over","at":"entry fulfillment","webhook":"Carryover","tag":"stay"}
      ],
      "parameters": [
        {"name":"nights","page":"Ask","at":"parameter \\"nights\\"","by":"form","type":"@sys.number"}
      ]
    }
  ]
}
`,
    },
    right: {
      'hotel.yaml': `flow: Hotel stay
captures:
  - { tag: stay, visible_to: [agent], variables: { nights: $session.params.nights } }
`,
      '.agent.json': `{
  "version": 1,
  "webhooks": [
    {"name":"Carryover","type":"standard"}
  ],
  "flows": [
    {
      "name": "Hotel stay",
      "id": "3f1c8a52-7b0e-4c57-9a54-0d8f3f5f2b11",
      "fulfillments": [
        {"page":"Hand over","at":"entry fulfillment","webhook":"Carryover","tag":"stay"}
      ],
      "parameters": [
        {"name":"nights","page":"Ask","at":"parameter \\"nights\\"","by":"form","type":"@sys.number"}
      ]
    }
  ]
}
`,
    },
  },

  'agent/set-by-other-flows': {
    summary: 'a parameter that only other flows of the agent set',
    why: 'A session parameter outlives its flow, but a caller who came another way does not have it, and the variable is missing then. Collect it in this flow too, or give the variable a default.',
    wrong: {
      'hotel.yaml': `flow: Hotel stay
captures:
  - { tag: stay, visible_to: [agent], variables: { member: $session.params.member_id } }
`,
      '.agent.json': `{
  "version": 1,
  "webhooks": [
    {"name":"Carryover","type":"standard"}
  ],
  "flows": [
    {
      "name": "Hotel stay",
      "id": "3f1c8a52-7b0e-4c57-9a54-0d8f3f5f2b11",
      "fulfillments": [
        {"page":"Hand over","at":"entry fulfillment","webhook":"Carryover","tag":"stay"}
      ],
      "parameters": [
        {"name":"room","page":"Ask","at":"parameter \\"room\\"","by":"form","type":"@sys.any"}
      ]
    },
    {
      "name": "Sign in",
      "id": "7c1e",
      "parameters": [
        {"name":"member_id","page":"Ask","at":"parameter \\"member_id\\"","by":"form","type":"@sys.any"}
      ]
    }
  ]
}
`,
    },
    right: {
      'hotel.yaml': `flow: Hotel stay
captures:
  - { tag: stay, visible_to: [agent], variables: { room: $session.params.room } }
`,
      '.agent.json': `{
  "version": 1,
  "webhooks": [
    {"name":"Carryover","type":"standard"}
  ],
  "flows": [
    {
      "name": "Hotel stay",
      "id": "3f1c8a52-7b0e-4c57-9a54-0d8f3f5f2b11",
      "fulfillments": [
        {"page":"Hand over","at":"entry fulfillment","webhook":"Carryover","tag":"stay"}
      ],
      "parameters": [
        {"name":"room","page":"Ask","at":"parameter \\"room\\"","by":"form","type":"@sys.any"}
      ]
    },
    {
      "name": "Sign in",
      "id": "7c1e",
      "parameters": [
        {"name":"member_id","page":"Ask","at":"parameter \\"member_id\\"","by":"form","type":"@sys.any"}
      ]
    }
  ]
}
`,
    },
  },

  'agent/tag-never-sent': {
    summary: 'a capture whose tag no fulfillment of the agent sends',
    why: 'The capture waits for a call that never comes: its variables are handed to nobody, and nothing fails. Type the tag at the fulfillment, or write it here as it stands there.',
    wrong: {
      'library.yaml': `flow: Renew a book
captures:
  - { tag: renewal, visible_to: [agent], variables: { book: $session.params.book } }
  - { tag: late-fee, visible_to: [agent], variables: { days: $session.params.days_late } }
`,
      '.agent.json': `{
  "version": 1,
  "webhooks": [
    {"name":"Carryover","type":"standard"}
  ],
  "flows": [
    {
      "name": "Renew a book",
      "id": "3f1c8a52-7b0e-4c57-9a54-0d8f3f5f2b11",
      "fulfillments": [
        {"page":"Hand over","at":"entry fulfillment","webhook":"Carryover","tag":"renewal"}
      ],
      "parameters": [
        {"name":"book","page":"Ask","at":"parameter \\"book\\"","by":"form","type":"@sys.any"},
        {"name":"days_late","page":"Ask","at":"parameter \\"days_late\\"","by":"form","type":"@sys.number"}
      ]
    }
  ]
}
`,
    },
    right: {
      'library.yaml': `flow: Renew a book
captures:
  - { tag: renewal, visible_to: [agent], variables: { book: $session.params.book } }
`,
      '.agent.json': `{
  "version": 1,
  "webhooks": [
    {"name":"Carryover","type":"standard"}
  ],
  "flows": [
    {
      "name": "Renew a book",
      "id": "3f1c8a52-7b0e-4c57-9a54-0d8f3f5f2b11",
      "fulfillments": [
        {"page":"Hand over","at":"entry fulfillment","webhook":"Carryover","tag":"renewal"}
      ],
      "parameters": [
        {"name":"book","page":"Ask","at":"parameter \\"book\\"","by":"form","type":"@sys.any"},
        {"name":"days_late","page":"Ask","at":"parameter \\"days_late\\"","by":"form","type":"@sys.number"}
      ]
    }
  ]
}
`,
    },
  },

  'agent/tag-not-answered': {
    summary: 'a fulfillment sends a tag that no capture answers',
    why: 'The webhook answers such a call with 404, and Dialogflow goes on without the variables, silently where the route has a target. Write a capture for the tag, or correct it at the fulfillment.',
    wrong: {
      'library.yaml': `flow: Renew a book
captures:
  - { tag: renewal, visible_to: [agent], variables: { book: $session.params.book } }
`,
      '.agent.json': `{
  "version": 1,
  "webhooks": [
    {"name":"Carryover","type":"standard"}
  ],
  "flows": [
    {
      "name": "Renew a book",
      "id": "3f1c8a52-7b0e-4c57-9a54-0d8f3f5f2b11",
      "fulfillments": [
        {"page":"Hand over","at":"entry fulfillment","webhook":"Carryover","tag":"renewal"},
        {"page":"Late fee","at":"entry fulfillment","webhook":"Carryover","tag":"late-fee"}
      ],
      "parameters": [
        {"name":"book","page":"Ask","at":"parameter \\"book\\"","by":"form","type":"@sys.any"},
        {"name":"days_late","page":"Ask","at":"parameter \\"days_late\\"","by":"form","type":"@sys.number"}
      ]
    }
  ]
}
`,
    },
    right: {
      'library.yaml': `flow: Renew a book
captures:
  - { tag: renewal, visible_to: [agent], variables: { book: $session.params.book } }
  - { tag: late-fee, visible_to: [agent], variables: { days: $session.params.days_late } }
`,
      '.agent.json': `{
  "version": 1,
  "webhooks": [
    {"name":"Carryover","type":"standard"}
  ],
  "flows": [
    {
      "name": "Renew a book",
      "id": "3f1c8a52-7b0e-4c57-9a54-0d8f3f5f2b11",
      "fulfillments": [
        {"page":"Hand over","at":"entry fulfillment","webhook":"Carryover","tag":"renewal"},
        {"page":"Late fee","at":"entry fulfillment","webhook":"Carryover","tag":"late-fee"}
      ],
      "parameters": [
        {"name":"book","page":"Ask","at":"parameter \\"book\\"","by":"form","type":"@sys.any"},
        {"name":"days_late","page":"Ask","at":"parameter \\"days_late\\"","by":"form","type":"@sys.number"}
      ]
    }
  ]
}
`,
    },
  },

  'agent/format-does-not-fit': {
    summary: "a format that does not take what the parameter's entity type gives",
    why: 'At every call the value would go as plain text, unformatted, with a note in the log. Take the format that is named, which fits what Dialogflow collects there.',
    wrong: {
      'ferry.yaml': `flow: Ferry
captures:
  - tag: ferry
    visible_to: [agent]
    variables:
      fare: { from: $session.params.fare, format: number }
`,
      '.agent.json': `{
  "version": 1,
  "webhooks": [
    {"name":"Carryover","type":"standard"}
  ],
  "flows": [
    {
      "name": "Ferry",
      "id": "3f1c8a52-7b0e-4c57-9a54-0d8f3f5f2b11",
      "fulfillments": [
        {"page":"Hand over","at":"entry fulfillment","webhook":"Carryover","tag":"ferry"}
      ],
      "parameters": [
        {"name":"fare","page":"Ask","at":"parameter \\"fare\\"","by":"form","type":"@sys.unit-currency"}
      ]
    }
  ]
}
`,
    },
    right: {
      'ferry.yaml': `flow: Ferry
captures:
  - tag: ferry
    visible_to: [agent]
    variables:
      fare: { from: $session.params.fare, format: money }
`,
      '.agent.json': `{
  "version": 1,
  "webhooks": [
    {"name":"Carryover","type":"standard"}
  ],
  "flows": [
    {
      "name": "Ferry",
      "id": "3f1c8a52-7b0e-4c57-9a54-0d8f3f5f2b11",
      "fulfillments": [
        {"page":"Hand over","at":"entry fulfillment","webhook":"Carryover","tag":"ferry"}
      ],
      "parameters": [
        {"name":"fare","page":"Ask","at":"parameter \\"fare\\"","by":"form","type":"@sys.unit-currency"}
      ]
    }
  ]
}
`,
    },
  },

  'agent/needs-format': {
    summary: 'a date, an amount or the like would be shown as a map of its parts',
    why: 'Dialogflow collects such values as maps, {"year": 2026, "month": 11, "day": 20} for a date, and without a format people see just that. Take the format that is named. A payload in the form of the platform has no formats: write it with variables.',
    wrong: {
      'ferry.yaml': `flow: Ferry
captures:
  - tag: ferry
    visible_to: [agent]
    variables:
      day: $session.params.day
`,
      '.agent.json': `{
  "version": 1,
  "webhooks": [
    {"name":"Carryover","type":"standard"}
  ],
  "flows": [
    {
      "name": "Ferry",
      "id": "3f1c8a52-7b0e-4c57-9a54-0d8f3f5f2b11",
      "fulfillments": [
        {"page":"Hand over","at":"entry fulfillment","webhook":"Carryover","tag":"ferry"}
      ],
      "parameters": [
        {"name":"day","page":"Ask","at":"parameter \\"day\\"","by":"form","type":"@sys.date"}
      ]
    }
  ]
}
`,
    },
    right: {
      'ferry.yaml': `flow: Ferry
captures:
  - tag: ferry
    visible_to: [agent]
    variables:
      day: { from: $session.params.day, format: date }
`,
      '.agent.json': `{
  "version": 1,
  "webhooks": [
    {"name":"Carryover","type":"standard"}
  ],
  "flows": [
    {
      "name": "Ferry",
      "id": "3f1c8a52-7b0e-4c57-9a54-0d8f3f5f2b11",
      "fulfillments": [
        {"page":"Hand over","at":"entry fulfillment","webhook":"Carryover","tag":"ferry"}
      ],
      "parameters": [
        {"name":"day","page":"Ask","at":"parameter \\"day\\"","by":"form","type":"@sys.date"}
      ]
    }
  ]
}
`,
    },
  },

  'agent/redacted-but-visible': {
    summary: 'a value that Dialogflow is told to redact would be shown to people',
    why: "Somebody ticked Redact for this parameter, or for its entity type, so that its value stays out of Dialogflow's logs; here it would reach a screen or a record. Take the surfaces away. If people there need it, allow it in the policy, with the reason for whoever asks later.",
    wrong: {
      'pharmacy.yaml': `flow: Pharmacy
captures:
  - { tag: refill, visible_to: [agent], variables: { medicine: $session.params.medicine } }
`,
      '.agent.json': `{
  "version": 1,
  "webhooks": [
    {"name":"Carryover","type":"standard"}
  ],
  "flows": [
    {
      "name": "Pharmacy",
      "id": "3f1c8a52-7b0e-4c57-9a54-0d8f3f5f2b11",
      "fulfillments": [
        {"page":"Hand over","at":"entry fulfillment","webhook":"Carryover","tag":"refill"}
      ],
      "parameters": [
        {"name":"medicine","page":"Ask","at":"parameter \\"medicine\\"","by":"form","type":"@sys.any","redact":true}
      ]
    }
  ]
}
`,
    },
    right: {
      'policy.yaml': `parameters:
  - { match: [medicine], visible_to: [agent], reason: the pharmacist on the line fills it }
`,
      'pharmacy.yaml': `flow: Pharmacy
captures:
  - { tag: refill, visible_to: [agent], variables: { medicine: $session.params.medicine } }
`,
      '.agent.json': `{
  "version": 1,
  "webhooks": [
    {"name":"Carryover","type":"standard"}
  ],
  "flows": [
    {
      "name": "Pharmacy",
      "id": "3f1c8a52-7b0e-4c57-9a54-0d8f3f5f2b11",
      "fulfillments": [
        {"page":"Hand over","at":"entry fulfillment","webhook":"Carryover","tag":"refill"}
      ],
      "parameters": [
        {"name":"medicine","page":"Ask","at":"parameter \\"medicine\\"","by":"form","type":"@sys.any","redact":true}
      ]
    }
  ]
}
`,
    },
  },

  'agent/payload-goes-around': {
    summary: 'a payload in the agent hands variables over past the flow files and the policy',
    why: 'What was typed into the console is sent by Dialogflow itself: no rule of the policy, no detector and no check before sending sees it, and no flow file tells of it. Replace it by a call of this webhook; "carryover agent import" writes the capture that answers with the same.',
    wrong: {
      'parking.yaml': `flow: Parking
captures:
  - { tag: parking, visible_to: [agent], variables: { plate: $session.params.plate } }
`,
      '.agent.json': `{
  "version": 1,
  "webhooks": [
    {"name":"Carryover","type":"standard"}
  ],
  "flows": [
    {
      "name": "Parking",
      "id": "3f1c8a52-7b0e-4c57-9a54-0d8f3f5f2b11",
      "fulfillments": [
        {"page":"Hand over","at":"entry fulfillment","webhook":"Carryover","tag":"parking"}
      ],
      "parameters": [
        {"name":"plate","page":"Ask","at":"parameter \\"plate\\"","by":"form","type":"@sys.any"}
      ],
      "payloads": [
        {
          "page": "Lost ticket",
          "at": "entry fulfillment",
          "ujet": {"session_variable":{"capture_target":"payload","capture_type":["agent"],"payload":{"plate":"$session.params.plate"}}}
        }
      ]
    }
  ]
}
`,
    },
    right: {
      'parking.yaml': `flow: Parking
captures:
  - { tag: parking, visible_to: [agent], variables: { plate: $session.params.plate } }
`,
      '.agent.json': `{
  "version": 1,
  "webhooks": [
    {"name":"Carryover","type":"standard"}
  ],
  "flows": [
    {
      "name": "Parking",
      "id": "3f1c8a52-7b0e-4c57-9a54-0d8f3f5f2b11",
      "fulfillments": [
        {"page":"Hand over","at":"entry fulfillment","webhook":"Carryover","tag":"parking"},
        {"page":"Lost ticket","at":"entry fulfillment","webhook":"Carryover","tag":"parking"}
      ],
      "parameters": [
        {"name":"plate","page":"Ask","at":"parameter \\"plate\\"","by":"form","type":"@sys.any"}
      ]
    }
  ]
}
`,
    },
  },

  'session/not-metadata': {
    summary: 'a JSON value that is no session metadata',
    why: 'Every key of a session metadata record may be absent, but this value has none of them, or it is a transcript, which lies beside the metadata in the same storage. It is left out, so that it counts as no session. Name the folder or the files of the metadata alone, if you do not want to hear of it.',
    wrong: {
      'sessions/call-1418.json': `{ "id": 1418, "status": "finished" }
`,
      'sessions/summary.json': `{
  "calls": 1,
  "chats": 0
}
`,
    },
    right: {
      'sessions/call-1418.json': `{ "id": 1418, "status": "finished" }
`,
      'sessions/summary.json': `{
  "id": 1419,
  "calls": 1,
  "chats": 0
}
`,
    },
  },

  'session/odd-value': {
    summary: 'a value of a kind that its key never has',
    why: 'Durations are seconds, times are ISO 8601, lists are lists. A value of another kind can be neither counted nor shown, so that it is read as if it were not there; all else of the session is read. If the platform has begun to write it so, this program must learn it: tell its maintainers which key it is, never the value.',
    wrong: {
      'sessions/call-1418.json': `{
  "id": 1418,
  "status": "finished",
  "call_duration": "two minutes"
}
`,
    },
    right: {
      'sessions/call-1418.json': `{
  "id": 1418,
  "status": "finished",
  "call_duration": 126
}
`,
    },
  },

  'session/kept-parameter': {
    summary: 'session metadata keeps a parameter that the policy keeps from the CRM record',
    why: 'The platform writes data parameters and SIP headers into the metadata of a session, which is attached to the CRM record and stored for a long time, and no flow file stands in between. The policy does not let "comment" have this one. Delete it where it is kept, and take it out of the data parameters in the portal, or allow it by a rule that gives a reason.',
    wrong: {
      'policy.yaml': `parameters:
  - { match: ["card_*"], visible_to: [agent], reason: PCI DSS }
`,
      'sessions/call-1418.json': `{
  "id": 1418,
  "participants": [
    { "type": "virtual_agent", "virtual_agent_params": { "card_type": "gold" } }
  ]
}
`,
    },
    right: {
      'policy.yaml': `parameters:
  - { match: ["card_*"], visible_to: [agent], reason: PCI DSS }
`,
      'sessions/call-1418.json': `{
  "id": 1418,
  "participants": [
    { "type": "virtual_agent", "virtual_agent_params": { "tier": "gold" } }
  ]
}
`,
    },
  },

  'session/kept-value': {
    summary: 'session metadata keeps what a detector recognises: a card, an account, an e-mail address',
    why: 'What callers say into a survey, and what agents type into a note, ends up in the metadata as it is. A detector recognises it by its form, whatever the key is called; the message masks it. Delete it where it is kept, and tell those who write such notes.',
    wrong: {
      'sessions/call-1418.json': `{
  "id": 1418,
  "rating": 4,
  "feedback": "You charged 4242 4242 4242 4242 twice"
}
`,
    },
    right: {
      'sessions/call-1418.json': `{
  "id": 1418,
  "rating": 4,
  "feedback": "You charged my card twice"
}
`,
    },
  },
}
