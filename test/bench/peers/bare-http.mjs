// The least that a webhook on Node can do: it reads the body, parses it, and answers what it was told to.
import { createServer } from 'node:http'

const { ANSWER, PORT } = process.env
const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(ANSWER) }

createServer((request, response) => {
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    JSON.parse(Buffer.concat(chunks).toString())
    response.writeHead(200, headers).end(ANSWER)
  })
}).listen(PORT, '127.0.0.1')
