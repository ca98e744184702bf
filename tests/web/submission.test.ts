import { describe, expect, it } from 'vitest'
import { chosenFiles, formErrors, jobRequest } from '../../web/submission.ts'

function form(fields: Record<string, string | File>): FormData {
  const data = new FormData()
  for (const [name, value] of Object.entries(fields)) data.set(name, value)
  return data
}
const photo = (text = 'pixels') => new File([text], 'photo.jpg', { type: 'image/jpeg' })
const nothingChosen = new File([], '', { type: 'application/octet-stream' })

async function accepted(fields: Record<string, string | File>) {
  const { type, ...others } = fields
  const data = form(others)
  const request = await jobRequest(type === 'resize' ? 'resize' : 'mosaic', data, chosenFiles(data)[0])
  if ('errors' in request) throw new Error(`expected a job, got ${JSON.stringify(request.errors)}`)
  return { ...request, job: JSON.parse(String(request.body.get('job'))) as Record<string, unknown> }
}

describe('the form as a call of the API', () => {
  it('sends only the options of the chosen type, and numbers as numbers', async () => {
    const fields = {
      image: photo(),
      cell: '16',
      scale: '2.5',
      distance: '0',
      library: 'starter',
      width: '80',
      fit: 'cover',
    }
    const mosaic = await accepted({ ...fields, type: 'mosaic', author: '  Ada ' })
    expect(mosaic.job).toEqual({
      type: 'mosaic',
      cell: 16,
      scale: 2.5,
      distance: 0,
      library: 'starter',
      author: { name: 'Ada' },
      metadata: { name: 'photo.jpg' },
    })
    const resize = await accepted({ ...fields, type: 'resize', format: '' })
    expect(resize.job).toEqual({ type: 'resize', width: 80, fit: 'cover', metadata: { name: 'photo.jpg' } })
    expect(resize.body.get('image')).toBeInstanceOf(File)
  })

  it('has every option of the engine, and omits empty fields', async () => {
    const engine = { tone: 'bounded', search: 'global', flips: 'all', pyramid: 'virtual' }
    const mosaic = await accepted({ type: 'mosaic', image: photo(), ...engine, most: '2', quality: '75' })
    expect(mosaic.job).toMatchObject({ ...engine, most: 2, quality: 75 })
    const resize = await accepted({
      type: 'resize',
      image: photo(),
      width: '9',
      quality: '40',
      withoutEnlargement: 'on',
    })
    expect(resize.job).toMatchObject({ width: 9, quality: 40, withoutEnlargement: true })
    const plain = await accepted({ type: 'resize', image: photo(), width: '9', quality: '' })
    expect(plain.job).toEqual({ type: 'resize', width: 9, metadata: { name: 'photo.jpg' } })
  })

  it('uses the link if no file was chosen, and the file if there are both', async () => {
    const link = await accepted({ type: 'mosaic', image: nothingChosen, url: 'https://example.com/a.jpg' })
    expect(link.job.input).toEqual({ url: 'https://example.com/a.jpg' })
    expect(link.body.has('image')).toBe(false)
    const both = await accepted({ type: 'mosaic', image: photo(), url: 'https://example.com/a.jpg' })
    expect(both.job).not.toHaveProperty('input')
  })

  it('is one job if sent twice, and another one with another photo, option or form', async () => {
    const key = async (fields: Record<string, string | File> = {}) =>
      (await accepted({ type: 'mosaic', token: 'one', image: photo(), ...fields })).key
    expect(await key()).toBe(await key())
    const others = [{ image: photo('other') }, { token: 'two' }, { cell: '16' }]
    for (const other of others) expect(await key(other)).not.toBe(await key())
  })

  it('requires a photo and a size before calling the API', async () => {
    expect(await jobRequest('mosaic', form({ image: nothingChosen, url: '' }), undefined)).toEqual({
      errors: { image: expect.stringContaining('photo') },
    })
    expect(await jobRequest('resize', form({ image: photo() }), photo())).toEqual({
      errors: { width: expect.stringContaining('width') },
    })
  })
})

describe("the API's problem next to the fields", () => {
  const problem = (body: unknown, status = 422) => Response.json(body, { status })

  it('follows the pointers', async () => {
    const errors = [
      { pointer: '/cell', detail: 'Too small' },
      { pointer: '/author/name', detail: 'Too long' },
      { pointer: '/surprise', detail: 'Not known' },
    ]
    expect(await formErrors(problem({ detail: 'Three things', errors }), form({ url: 'x' }))).toEqual({
      cell: 'Too small',
      author: 'Too long',
      form: 'Not known',
    })
  })

  it('is about the file or the link, whichever was given', async () => {
    const errors = [{ pointer: '/input/url', detail: 'Not reachable' }]
    expect(await formErrors(problem({ errors }), form({ url: 'x' }))).toEqual({ url: 'Not reachable' })
    const notAnImage = { code: 'not_an_image', detail: 'This is a text' }
    expect(await formErrors(problem(notAnImage), form({ image: photo() }))).toEqual({
      image: 'This is a text',
    })
  })

  it('has a message even if the response is not a problem document', async () => {
    const broken = new Response('<h1>Bad gateway</h1>', { status: 502 })
    expect(await formErrors(broken, form({}))).toEqual({ form: expect.stringContaining('502') })
  })
})
