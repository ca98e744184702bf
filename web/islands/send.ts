/** Sends the form and reports upload progress, which requires XMLHttpRequest instead of `fetch`. */
export type Outcome = { id: string; location: string } | { errors: Record<string, string> }

const unreachable = 'The server cannot be reached. Your photo is still here: try again in a moment.'

/** @param onProgress called with the share sent, 0..1 */
export function send(address: string, data: FormData, onProgress: (share: number) => void): Promise<Outcome> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest()
    request.open('POST', address)
    request.setRequestHeader('Accept', 'application/json')
    request.responseType = 'json'
    request.upload.addEventListener('progress', ({ lengthComputable, loaded, total }) => {
      if (lengthComputable && total > 0) onProgress(loaded / total)
    })
    request.addEventListener('error', () => resolve({ errors: { form: unreachable } }))
    request.addEventListener('load', () => {
      const answer = request.response as Outcome | null
      const refused = `The server answered with status ${request.status}. Try again in a moment.`
      resolve(answer ?? { errors: { form: refused } })
    })
    request.send(data)
  })
}
