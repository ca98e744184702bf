/** The operator's page: listeners, collectors, inboxes, queues, costs, waiting pictures, failed jobs. */
import type { FC } from 'hono/jsx'
import type { Collector, Inbox, Listener, Queue, Review, Spending } from '../../../api/client.ts'
import type { Job } from '../../job.ts'
import { ago, count, stepName } from '../../words.ts'
import { OpenMosaic } from './open-mosaic.tsx'
import { Ask, Entry, Section } from './section.tsx'

export interface AdminProps {
  listeners: Listener[]
  collectors: Collector[]
  inboxes: Inbox[]
  queues: Queue[]
  spending: Spending[]
  reviews: { data: Review[]; has_more: boolean }
  failed: Job[]
  signedIn: boolean
  notice?: string | undefined
}

const Listeners: FC<{ listeners: Listener[] }> = ({ listeners }) => (
  <Section
    id="listeners"
    title="Listeners"
    empty="No account is connected: docs/social-networks.md explains how in four steps."
    count={listeners.length}
  >
    {listeners.map(({ network, account, status, hashtag, mode, mosaics, reason, temporal }) => {
      const who = `@${account} on ${network}`
      const verb = status === 'stopped' ? 'start' : 'stop'
      return (
        <Entry title={who} state={status} tone={status === 'listening' ? 'good' : 'bad'} temporal={temporal}>
          <p class="muted">
            #{hashtag} by {mode}, {count(mosaics)} mosaics so far.
          </p>
          {reason && <p class="reason">{reason}</p>}
          <div class="actions">
            <Ask
              action={`/admin/listeners/${network}/${verb}`}
              label={verb === 'start' ? 'Start' : 'Stop'}
              what={`listening as ${who}`}
            />
          </div>
        </Entry>
      )
    })}
  </Section>
)

const Collectors: FC<{ collectors: Collector[] }> = ({ collectors }) => (
  <Section
    id="collectors"
    title="Collectors"
    empty="None yet: mosaicme collect start HASHTAG --library NAME"
    count={collectors.length}
  >
    {collectors.map((one) => {
      const { id, hashtags, library, network, status, reads_today, daily_reads, added, reason, temporal } =
        one
      return (
        <Entry
          title={`${hashtags.map((tag) => `#${tag}`).join(' ')} into ${library}`}
          state={status.replace('_', ' ')}
          tone={status === 'collecting' || status === 'resting' ? 'good' : undefined}
          temporal={temporal}
        >
          <p class="muted">
            {network}, {count(added)} tiles added, {count(reads_today)} of {count(daily_reads)} reads today.
          </p>
          {reason && <p class="reason">{reason}</p>}
          <PauseAndStop
            action={`/admin/collectors/${id}`}
            status={status}
            what={`collecting into ${library}`}
          />
        </Entry>
      )
    })}
  </Section>
)

const Inboxes: FC<{ inboxes: Inbox[] }> = ({ inboxes }) => (
  <Section
    id="inboxes"
    title="Inboxes"
    empty="None yet: mosaicme inbox start FOLDER --name NAME --library LIBRARY"
    count={inboxes.length}
  >
    {inboxes.map((one) => {
      const { id, folder, prefix, makes, library, status, taken, skipped, last_skipped, reason, temporal } =
        one
      const place = folder ?? prefix ?? ''
      return (
        <Entry
          title={place}
          state={status}
          tone={status === 'looking' || status === 'resting' ? 'good' : undefined}
          temporal={temporal}
        >
          <p class="muted">
            {makes === 'tiles' ? `Tiles of ${library}` : `Mosaics made from ${library}`}. {count(taken)}{' '}
            taken, {count(skipped)} skipped
            {last_skipped && `, the last: ${last_skipped.name}: ${last_skipped.message}`}
          </p>
          {reason && <p class="reason">{reason}</p>}
          <PauseAndStop action={`/admin/inboxes/${id}`} status={status} what={`looking into ${place}`} />
        </Entry>
      )
    })}
  </Section>
)

const PauseAndStop: FC<{ action: string; status: string; what: string }> = ({ action, status, what }) => {
  if (status === 'stopped') return null
  const paused = status === 'paused'
  return (
    <div class="actions">
      <Ask
        action={`${action}/${paused ? 'resume' : 'pause'}`}
        label={paused ? 'Resume' : 'Pause'}
        what={what}
      />
      <Ask action={`${action}/stop`} label="Stop" what={what} />
    </div>
  )
}

const Queues: FC<{ queues: Queue[] }> = ({ queues }) => (
  <Section id="queues" title="Queues" empty="" count={queues.length}>
    {queues.map(({ name, backlog, backlog_seconds, pollers, temporal }) => (
      <Entry
        title={<code>{name}</code>}
        state={pollers === 0 ? 'no worker' : backlog > 0 ? `${count(backlog)} waiting` : 'empty'}
        tone={pollers === 0 ? 'bad' : backlog > 0 ? undefined : 'good'}
        temporal={temporal}
      >
        <p class="muted">
          {count(pollers)} {pollers === 1 ? 'worker' : 'workers'}
          {backlog > 0 && `, the oldest for ${count(Math.round(backlog_seconds))} s`}
        </p>
      </Entry>
    ))}
  </Section>
)

const Spent: FC<{ spending: Spending[] }> = ({ spending }) => (
  <Section
    id="spending"
    title="Spending"
    note="What networks charged for, by day (UTC)."
    empty="No connected network charges for its calls."
    count={spending.length}
  >
    {spending.map(({ network, day, usd, cap_usd, usd_per_answer, calls }) => (
      <Entry
        title={`${day}, ${network}`}
        state={`$${usd.toFixed(2)}`}
        tone={usd >= cap_usd ? 'bad' : undefined}
      >
        <meter
          min={0}
          max={Math.max(cap_usd, usd, 0.01)}
          value={usd}
          aria-label={`Spent on ${network} on ${day}, of $${cap_usd}`}
        />
        <p class="muted">
          of ${cap_usd} a day
          {usd_per_answer !== null && `, $${usd_per_answer.toFixed(3)} per reply`}
          {Object.entries(calls).map(([call, times]) => `, ${count(times)} ${call.replace('_', ' ')}`)}
        </p>
      </Entry>
    ))}
  </Section>
)

const Reviews: FC<{ reviews: AdminProps['reviews'] }> = ({ reviews: { data, has_more } }) => (
  <Section
    id="moderation"
    title="Moderation"
    note={has_more ? 'There are more: they appear once these are decided.' : undefined}
    empty="Nothing is waiting. MODERATE=tiles,mosaics holds pictures until a moderator has approved them."
    count={data.length}
  >
    {data.map(({ id, kind, waits_since, library, name, author, post_url, urls }) => {
      const whose = author?.name ?? (author?.handle ? `@${author.handle}` : 'nobody named')
      const what = kind === 'tile' ? `Photo for ${library}` : 'Mosaic for a post'
      return (
        <Entry title={what}>
          <div class="picture">
            <img src={`/admin/moderation/${id}/picture`} alt={`${what}, by ${whose}`} loading="lazy" />
          </div>
          <p class="muted">
            by <bdi>{whose}</bdi>, waiting since <time datetime={waits_since}>{ago(waits_since)}</time>
            {name && !post_url && `, ${name}`}
          </p>
          {post_url && /^https?:/.test(post_url) && (
            <p>
              <a href={post_url} rel="external nofollow ugc">
                the post
              </a>
            </p>
          )}
          <div class="actions">
            <Ask
              action={`/admin/moderation/${id}/approve${new URL(urls.approve).search}`}
              label="Approve"
              what={`${what} by ${whose}`}
              primary
            />
            <Ask
              action={`/admin/moderation/${id}/reject${new URL(urls.reject).search}`}
              label="Reject"
              what={`${what} by ${whose}`}
            />
          </div>
        </Entry>
      )
    })}
  </Section>
)

const Failed: FC<{ failed: Job[] }> = ({ failed }) => (
  <Section id="failed" title="Failed jobs" note="The last ten." empty="None." count={failed.length}>
    {failed.map(({ id, error, completed_at, urls }) => (
      <Entry
        title={
          <a href={`/admin/jobs/${id}`}>
            <code>{id}</code>
          </a>
        }
        temporal={urls.temporal}
      >
        <p class="reason">{error?.message ?? 'No reason was given.'}</p>
        <p class="muted">
          {error?.stage && `at “${stepName(error.stage)}”, `}
          {completed_at && <time datetime={completed_at}>{ago(completed_at)}</time>}
          {error && !error.retryable && ', would fail the same way again'}
        </p>
        <div class="actions">
          <Ask
            action={`/admin/jobs/${id}/replay`}
            label="Replay"
            what={id}
            primary={error?.retryable ?? true}
          />
        </div>
      </Entry>
    ))}
  </Section>
)

export const AdminView: FC<AdminProps> = ({ notice, signedIn, ...props }) => (
  <div class="admin">
    <header>
      <h1>Operations</h1>
      <div class="actions">
        <a class="button quiet small" href="/admin">
          Refresh
        </a>
        {signedIn && <Ask action="/admin/sign-out" label="Sign out" what="" />}
      </div>
    </header>
    {notice && (
      <p class="notice" role="alert">
        {notice}
      </p>
    )}
    <Reviews reviews={props.reviews} />
    <Failed failed={props.failed} />
    <OpenMosaic />
    <Listeners listeners={props.listeners} />
    <Collectors collectors={props.collectors} />
    <Inboxes inboxes={props.inboxes} />
    <Spent spending={props.spending} />
    <Queues queues={props.queues} />
  </div>
)

export const SignIn: FC<{ refused: boolean }> = ({ refused }) => (
  <section class="message">
    <h1>Operations</h1>
    <form class="sign-in" method="post" action="/admin/sign-in">
      <label for="key">API key</label>
      <input
        type="password"
        id="key"
        name="key"
        autocomplete="current-password"
        required
        aria-describedby="key-error"
        aria-invalid={refused ? 'true' : undefined}
      />
      <p class="error" id="key-error">
        {refused && 'This key is unknown or lacks the scope operate.'}
      </p>
      <button class="button" type="submit">
        Sign in
      </button>
    </form>
  </section>
)
