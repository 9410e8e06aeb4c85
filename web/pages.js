/* The console's pages: for whom, and in which order they stand in the navigation. A page's module gives show(page), with
 * page = {main, route, signal, titleSet(text)}: it fills main, and ends what it began when the signal says so. */

export const GROUPS = ['Compliance', 'Operation'];

export const PAGES = [
  {name: 'blocks', title: 'Blocks', group: 'Compliance', roles: ['compliance'], load: () => import('./page_blocks.js')},
  {name: 'reviews', title: 'Reviews', group: 'Compliance', roles: ['compliance'], load: () => import('./page_reviews.js')},
  {name: 'consents', title: 'Consents', group: 'Compliance', roles: ['compliance', 'consent'], load: () => import('./page_consents.js')},
  {name: 'activity', title: 'Opt-ins and opt-outs', group: 'Compliance', roles: ['compliance'], load: () => import('./page_activity.js')},
  {name: 'ledger', title: 'Ledger', group: 'Compliance', roles: ['compliance'], load: () => import('./page_ledger.js')},
  {name: 'audit', title: 'Audit', group: 'Compliance', roles: ['compliance', 'admin'], load: () => import('./page_audit.js')},
  {name: 'status', title: 'Status', group: 'Operation', roles: ['admin', 'compliance'], load: () => import('./page_status.js')},
  {name: 'queue', title: 'Queue', group: 'Operation', roles: ['admin'], load: () => import('./page_queue.js')},
  {name: 'traffic', title: 'Traffic', group: 'Operation', roles: ['admin', 'compliance'], load: () => import('./page_traffic.js')},
  {name: 'campaigns', title: 'Campaigns', group: 'Operation', roles: ['admin', 'compliance'], load: () => import('./page_campaigns.js')},
  {name: 'webhooks', title: 'Webhooks', group: 'Operation', roles: ['admin'], load: () => import('./page_webhooks.js')},
  {name: 'person', title: 'Person', group: null, roles: ['compliance', 'consent'], load: () => import('./page_person.js')},
];
