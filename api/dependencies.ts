import type { Client } from '@temporalio/client'
import type { Hono } from 'hono'
import type { Environment } from '../adapters/environment.ts'
import type { GalleryCache } from '../adapters/gallery-cache/gallery-cache.ts'
import type { GuardedFetch } from '../adapters/guarded-fetch/guarded-fetch.ts'
import type { Logger } from '../adapters/logger.ts'
import type { ObjectStore } from '../adapters/object-store/object-store.ts'
import type { RateLimits } from '../adapters/rate-limits/rate-limits.ts'
import type { TileSet } from '../engine/index.ts'
import type { ObjectRef } from '../workflows/contract/job.ts'
import type { Tenant } from './access/tenant.ts'
import type { SigningKey } from './img/signature.ts'
import type { Presets } from './schemas/resize-request.ts'
import type { LibraryTile } from './schemas/tiles.ts'
import type { SocialEnvironment } from './social/accounts.ts'

/** What the process that runs the API passes to it. The API neither opens nor closes any of these. */
export interface ApiDependencies {
  /** With a `NativeConnection`, resizes start eagerly in this process; with a `Connection`, through the server. */
  client: Client
  /** Whether a worker in this process runs the resizes. Default false. */
  resizesHere?: boolean
  store: ObjectStore
  cache: GalleryCache
  environment: Pick<
    Environment,
    | 'publicUrl'
    | 'apiKeys'
    | 'allowAnonymous'
    | 'limits'
    | 'webhookSecret'
    | 'inboxFolders'
    | 'moderate'
    | 'linkKey'
    | 'uploadTtlMs'
    | 'corsOrigins'
    | 'http'
  > &
    SocialEnvironment
  logger: Logger
  /** Counters of the API keys' requests. Default: in this process. */
  rates?: RateLimits
  /** URL of the Temporal Web UI, for links in jobs. */
  temporalUiUrl?: string
  /** The website, mounted at `/`. */
  pages?: Hono
  /** Signed addresses: signing key, and the sources they may name. Absent: not enabled. */
  img?: { key: SigningKey; sources: readonly string[]; fetch: GuardedFetch }
  /** Named sets of resize options, validated. */
  presets?: Presets
  /** Lists the current tile libraries. */
  listLibraries: () => Promise<readonly { name: string; tiles: number }[]>
  /** Opens a library, to render deep-zoom tiles on demand. Absent: only stored ones are served. */
  openLibrary?: (library: string) => Promise<TileSet>
  /** Lists the tiles of a library in the order in which they were added; empty if it does not exist. */
  listTiles?: (library: string) => Promise<(Omit<LibraryTile, 'added_at'> & { addedAt: string })[]>
  /** Reads pixels of tiles by ID, as the library stores them: sRGB, 64 px a side. Missing tiles are omitted. */
  readTiles?: (library: string, ids: readonly string[]) => Promise<Map<string, Uint8Array>>
  /** Key of a tile's photo. */
  tilePhoto?: (library: string, tile: string) => ObjectRef
  /** Fills the gallery cache from the object store. Called when the cache is empty. */
  rebuildGallery?: () => Promise<unknown>
  /** The tenant that a request is served for: see `access/tenant.ts`. Absent: nobody in particular. */
  tenant?: Tenant
  /** Milliseconds since the epoch. */
  now?: () => number
}

/** What the middleware knows about a request. */
export interface ApiEnv {
  Variables: {
    /** `anonymous`, or the API key's fingerprint. Scopes idempotency keys. */
    caller: string
    /** What the caller may see, and how much they may ask for. */
    tenant: Tenant
    requestId: string
    /** Ends the caller's turn, if requests are admitted in turn: see `jobs/in-turn.ts`. */
    endTurn?: () => void
  }
}
