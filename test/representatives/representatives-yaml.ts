/** A file that is right, with the names and texts of the contract's walk-through. */
export const REPRESENTATIVES = `language: en
bot:
  displayName: Hello World Agent
  avatarImage: https://live.agent/bot-avatar.jpg
human:
  displayName: Support
texts:
  passing_on:
    en: Thanks for contacting us. I'll pass this along when a live agent is available to chat with you.
    de: Danke für Ihre Nachricht.
  nobody_there:
    en: Nobody is there now.
  text_only:
    en: I can read short texts alone.
`
