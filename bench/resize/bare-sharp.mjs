/**
 * The minimal service around sharp: reads a file, resizes it, sends it, stores nothing. It shows what HTTP
 * itself costs on this machine, including the client.
 *
 *   node bench/resize/bare-sharp.mjs FOLDER PORT     GET /FORMAT/FILE
 */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import sharp from 'sharp'

const [, , folder = '', port = '0'] = process.argv
sharp.cache(false)

createServer(async (request, response) => {
  try {
    const [, format = 'jpeg', file = ''] = /^\/(jpeg|webp)\/(\w+\.jpg)$/.exec(request.url ?? '') ?? []
    const picture = sharp(await readFile(join(folder, file)))
    const body = await picture
      .autoOrient()
      .resize({ width: 512 })
      .toFormat(format, { quality: 80 })
      .toBuffer()
    response.writeHead(200, { 'Content-Type': `image/${format}`, 'Content-Length': body.length }).end(body)
  } catch (error) {
    response.writeHead(500).end(String(error))
  }
}).listen(Number(port), '127.0.0.1')
