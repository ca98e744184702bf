/** Problems with requests, as RFC 9457 problem details. */
import type { ContentfulStatusCode } from 'hono/utils/http-status'

interface ProblemKind {
  status: ContentfulStatusCode
  /** RFC 9457, section 3.1.3: does not change from occurrence to occurrence. */
  title: string
}

/** Every `code` of the API's errors. `/docs/problems` is generated from this. */
export const problemKinds = {
  invalid_json: { status: 400, title: 'The body is not JSON' },
  invalid_form: { status: 400, title: 'The body is not a multipart form' },
  invalid_header: { status: 400, title: 'A header has an invalid value' },
  bad_request: { status: 400, title: 'The request is malformed' },
  unauthorized: { status: 401, title: 'An API key is required' },
  invalid_signature: { status: 403, title: 'The signature is not valid' },
  img_source_forbidden: { status: 403, title: 'Pictures from this source are not allowed' },
  insufficient_scope: { status: 403, title: 'The API key lacks the required scope' },
  unknown_host: { status: 421, title: 'This service does not answer to that host name' },
  cross_site_request: { status: 403, title: 'Requests from other sites are not allowed' },
  img_source_unavailable: { status: 404, title: 'The source of the picture cannot be fetched' },
  not_found: { status: 404, title: 'There is nothing at this address' },
  job_not_found: { status: 404, title: 'There is no such job' },
  collector_not_found: { status: 404, title: 'There is no such collector' },
  inbox_not_found: { status: 404, title: 'There is no such inbox' },
  review_not_found: { status: 404, title: 'No such picture is waiting for a moderator' },
  listener_not_found: { status: 404, title: 'There is no such listener' },
  file_not_found: { status: 404, title: 'The job has no such file' },
  method_not_allowed: { status: 405, title: 'The method is not allowed here' },
  links_off: { status: 409, title: 'Signed links are not configured' },
  not_finished: { status: 409, title: 'The job has no result yet' },
  no_result: { status: 409, title: 'The job has no result' },
  network_not_configured: { status: 409, title: 'There are no credentials for the network' },
  no_post: { status: 409, title: 'The job was not requested by a post' },
  already_published: { status: 409, title: 'The reply has already been posted' },
  not_failed: { status: 409, title: 'The job has not failed' },
  already_finished: { status: 409, title: 'The job has already finished' },
  not_editable: { status: 409, title: 'There is no mosaic that can be edited' },
  no_replay_with_changes: { status: 409, title: 'The job cannot be replayed with other parameters' },
  history_gone: { status: 409, title: 'The job is too old to be replayed' },
  link_expired: { status: 410, title: 'The link has expired' },
  img_address_expired: { status: 410, title: 'The URL has expired' },
  job_expired: { status: 410, title: 'The result has expired' },
  job_deleted: { status: 410, title: 'The job was deleted' },
  body_too_large: { status: 413, title: 'The body is too large' },
  image_too_large: { status: 413, title: 'The picture is too large' },
  unsupported_media_type: { status: 415, title: 'The content type is not supported' },
  range_not_satisfiable: { status: 416, title: 'The range is outside the file' },
  invalid_img_address: { status: 422, title: 'The URL is not valid' },
  took_too_long: { status: 422, title: 'The picture takes too long to make' },
  invalid_request: { status: 422, title: 'The request is not valid' },
  invalid_base64: { status: 422, title: 'The picture is not base64' },
  invalid_url: { status: 422, title: 'The URL cannot be fetched' },
  empty_input: { status: 422, title: 'The picture is empty' },
  not_an_image: { status: 422, title: 'This is not a picture' },
  unsupported_format: { status: 422, title: 'The picture format is not supported' },
  image_truncated: { status: 422, title: 'The picture is damaged' },
  too_many_pixels: { status: 422, title: 'The picture has too many pixels' },
  too_many_frames: { status: 422, title: 'The animation has too many frames' },
  output_too_large: { status: 422, title: 'The result would be too large' },
  upload_not_found: { status: 422, title: 'There is no such upload' },
  mask_unusable: { status: 422, title: 'The mask leaves no cells' },
  invalid_edit: { status: 422, title: 'The edit is not valid' },
  library_too_small: { status: 422, title: 'The tile library is too small' },
  payload_key_missing: { status: 422, title: 'The encryption key of the payload is missing' },
  payload_not_decrypted: { status: 422, title: 'The payload does not match the key that it names' },
  webhooks_off: { status: 422, title: 'Webhooks are not configured' },
  library_not_found: { status: 422, title: 'There is no such tile library' },
  idempotency_key_reused: { status: 422, title: 'The idempotency key was used for another request' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  too_many_jobs: { status: 429, title: 'Too many jobs are open' },
  overloaded: { status: 429, title: 'The service is busy' },
  internal: { status: 500, title: 'Something went wrong on the server' },
  payload_unreadable: { status: 503, title: 'The data cannot be decrypted' },
  temporal_unavailable: { status: 503, title: 'The workflow engine cannot be reached' },
  cache_unavailable: { status: 503, title: 'The gallery cache cannot be reached' },
  store_unavailable: { status: 503, title: 'The object store cannot be reached' },
} as const satisfies Record<string, ProblemKind>

export type ProblemCode = keyof typeof problemKinds

/** One fault in the request's content. */
export interface ProblemDetail {
  /** RFC 6901 JSON pointer into the body, or `?name` for a query parameter. */
  pointer: string
  detail: string
}

/** Thrown by code behind a route; `problem-handler.ts` turns it into the response. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ProblemCode
  readonly errors: readonly ProblemDetail[]
  readonly headers: Readonly<Record<string, string>>

  /** @param detail a sentence for people: what was expected, for what, and what was received */
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

  /** The response body: RFC 9457, section 3. */
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

/** A problem with a single value in the body. */
export const wrongValue = (code: ProblemCode, pointer: string, detail: string) =>
  new Problem(code, detail, { errors: [{ pointer, detail }] })
