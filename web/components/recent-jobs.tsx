/** Jobs started on this device, filled in by `islands/recent.ts`, so that a closed tab loses nothing. */
export const RecentJobs = () => (
  <section class="recent" id="recent" aria-labelledby="recent-heading" hidden>
    <h2 id="recent-heading">Yours, on this device</h2>
    <ul />
  </section>
)
