import type { Context } from 'hono'
import type { GalleryCache } from '../adapters/gallery-cache/gallery-cache.ts'
import type { Assets } from './assets.ts'

/** What the process that runs the pages passes to them. */
export interface PagesDependencies {
  cache: GalleryCache
  /** Handles a request to the API, in this process: `app.fetch`. */
  api: (request: Request) => Response | Promise<Response>
  /** The folder built by `web/vite.config.ts`. */
  assets: { directory: string }
  /** Tile libraries to choose from, in addition to `starter`. */
  libraries?: () => Promise<readonly string[]>
  /** The site's URL for external links, without a trailing slash. Default: the requested one. */
  publicUrl?: string
  /** Origins that `/v1/jobs/:id/files/…` redirects to, such as an S3 store's. The security policy allows pictures from there. */
  pictureOrigins?: readonly string[]
  /** Maximum size of an uploaded picture, bytes. Default 20 MiB. */
  maxPictureBytes?: number
  /** Mosaics per page of the gallery. Default 24. */
  galleryPageSize?: number
  /** Whether photos are held until a moderator approves them. Default false. */
  holdsPhotos?: boolean
  /** Called with errors of pages; visitors only see a message. */
  onError?: (error: Error) => void
}

/** The same with defaults. */
export interface Site {
  cache: GalleryCache
  assets: Assets
  libraries: () => Promise<readonly string[]>
  pictureOrigins: readonly string[]
  maxPictureBytes: number
  galleryPageSize: number
  holdsPhotos: boolean
  /** A public URL of this site. */
  absolute: (c: Context, path: string) => string
  /** Calls the API on behalf of the visitor. */
  callApi: (c: Context, path: string, init?: RequestInit) => Promise<Response>
}
