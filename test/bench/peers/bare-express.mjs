// The least that a webhook on Express can do.
import express from 'express'

const { ANSWER, PORT } = process.env

express()
  .use(express.json({ limit: '256kb' }))
  .post('/webhook', (_request, response) => response.type('json').send(ANSWER))
  .listen(PORT, '127.0.0.1')
