/** What can go wrong with a request, as RFC 9457 problem details. */
import type { ContentfulStatusCode } from 'hono/utils/http-status'

interface ProblemKind {
  status: ContentfulStatusCode
  /** RFC 9457, section 3.1.3: does not change from occurrence to occurrence. */
  title: string
}

/** Every `code` that the API answers with. `/docs/problems` is made of this. */
export const problemKinds = {
  invalid_json: { status: 400, title: 'The body is not JSON' },
  invalid_form: { status: 400, title: 'The body is not a multipart form' },
  invalid_header: { status: 400, title: 'A header has a value that cannot be used' },
  bad_request: { status: 400, title: 'The request cannot be understood' },
  unauthorized: { status: 401, title: 'An API key is needed' },
  invalid_signature: { status: 403, title: 'The address is not signed as it should be' },
  img_source_forbidden: { status: 403, title: 'Pictures of this source are not made here' },
  insufficient_scope: { status: 403, title: 'The API key is not for this' },
  cross_site_request: { status: 403, title: 'Another site may not do this' },
  img_source_unavailable: { status: 404, title: 'The source of the picture cannot be fetched' },
  not_found: { status: 404, title: 'There is nothing at this address' },
  job_not_found: { status: 404, title: 'There is no such job' },
  collector_not_found: { status: 404, title: 'There is no such collector' },
  inbox_not_found: { status: 404, title: 'There is no such inbox' },
  review_not_found: { status: 404, title: 'This picture does not wait for a moderator' },
  listener_not_found: { status: 404, title: 'Nobody listens there' },
  file_not_found: { status: 404, title: 'The job has no such file' },
  method_not_allowed: { status: 405, title: 'This address knows other methods' },
  links_off: { status: 409, title: 'Signed links are not set up here' },
  not_finished: { status: 409, title: 'The job has no result yet' },
  no_result: { status: 409, title: 'The job has no result' },
  network_not_configured: { status: 409, title: 'There are no credentials for the network' },
  no_post: { status: 409, title: 'No post has asked for the job' },
  already_published: { status: 409, title: 'The answer is out already' },
  not_failed: { status: 409, title: 'The job has not failed' },
  already_finished: { status: 409, title: 'The job has finished already' },
  not_editable: { status: 409, title: 'This job has made no mosaic that can be edited' },
  no_replay_with_changes: { status: 409, title: 'This job cannot be made anew with changes' },
  history_gone: { status: 409, title: 'The job is too old to be replayed' },
  link_expired: { status: 410, title: 'The link is no longer good' },
  img_address_expired: { status: 410, title: 'The address is no longer good' },
  job_expired: { status: 410, title: 'The result was kept for as long as results are' },
  job_deleted: { status: 410, title: 'The job was deleted' },
  body_too_large: { status: 413, title: 'The body is too large' },
  image_too_large: { status: 413, title: 'The picture is too large' },
  unsupported_media_type: { status: 415, title: 'The body has a type that is not taken here' },
  range_not_satisfiable: { status: 416, title: 'The range lies outside of the file' },
  invalid_img_address: { status: 422, title: 'The address asks for something that is not known' },
  took_too_long: { status: 422, title: 'The picture takes too long' },
  invalid_request: { status: 422, title: 'The request is not as expected' },
  invalid_base64: { status: 422, title: 'The picture is not base64' },
  invalid_url: { status: 422, title: 'The address cannot be fetched' },
  empty_input: { status: 422, title: 'The picture has no bytes' },
  not_an_image: { status: 422, title: 'This is not a picture' },
  unsupported_format: { status: 422, title: 'Pictures of this format cannot be read' },
  image_truncated: { status: 422, title: 'The picture is damaged' },
  too_many_pixels: { status: 422, title: 'The picture has too many pixels' },
  too_many_frames: { status: 422, title: 'The animation has too many frames' },
  output_too_large: { status: 422, title: 'The mosaic would be too large' },
  upload_not_found: { status: 422, title: 'There is no such upload' },
  mask_unusable: { status: 422, title: 'The mask says of no place that there are cells' },
  invalid_edit: { status: 422, title: 'The mosaic cannot be edited so' },
  library_too_small: { status: 422, title: 'The tile library is too small' },
  payload_key_missing: { status: 422, title: 'The payload was encrypted with a key that is not here' },
  payload_not_decrypted: { status: 422, title: 'The payload was not encrypted with the key that it names' },
  webhooks_off: { status: 422, title: 'Webhooks are not set up here' },
  library_not_found: { status: 422, title: 'There is no such tile library' },
  idempotency_key_reused: { status: 422, title: 'The idempotency key belongs to another request' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  too_many_jobs: { status: 429, title: 'Too many jobs are open' },
  overloaded: { status: 429, title: 'The service is busy' },
  internal: { status: 500, title: 'Something went wrong here' },
  payload_unreadable: { status: 503, title: 'The key is not here that this was encrypted with' },
  temporal_unavailable: { status: 503, title: 'The workflow engine cannot be reached' },
  cache_unavailable: { status: 503, title: 'The gallery cache cannot be reached' },
  store_unavailable: { status: 503, title: 'The object store cannot be reached' },
} as const satisfies Record<string, ProblemKind>

export type ProblemCode = keyof typeof problemKinds

/** One thing that is wrong with the request's content. */
export interface ProblemDetail {
  /** RFC 6901 JSON pointer into the body, or `?name` for a query parameter. */
  pointer: string
  detail: string
}

/** Thrown anywhere behind a route; `problem-handler.ts` makes the answer of it. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ProblemCode
  readonly errors: readonly ProblemDetail[]
  readonly headers: Readonly<Record<string, string>>

  /** @param detail a sentence for a person: what was expected, for what, and what came */
  constructor(
    code: ProblemCode,
    detail: string,
    options: { errors?: readonly ProblemDetail[]; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.errors = options.errors ?? []
    this.headers = options.headers ?? {}
  }

  get status(): ContentfulStatusCode {
    return problemKinds[this.code].status
  }

  /** The body of the answer: RFC 9457, section 3. */
  toJSON() {
    const { status, title } = problemKinds[this.code]
    return {
      type: `/docs/problems#${this.code}`,
      title,
      status: status as number,
      detail: this.message,
      code: this.code as string,
      ...(this.errors.length > 0 && { errors: this.errors.map((error) => ({ ...error })) }),
    }
  }
}

/** One wrong value in the body. */
export const wrongValue = (code: ProblemCode, pointer: string, detail: string) =>
  new Problem(code, detail, { errors: [{ pointer, detail }] })
