// Who looks at the console, and what they may do.

import { get } from "./api.js";
import { clock } from "./format.js";

// me is null until the server has told it. Of the apps that there are it has the
// first; more says that there are others.
export const session = { me: null, old: false, apps: [], more: false };

export const operator = () => session.me?.role === "operator";

// identify asks who we are. The assets tell whether this page is older than what
// the server would serve now.
export async function identify() {
  const [me, apps] = await Promise.all([get("me"), get("apps", { limit: 200 })]);
  clock.set(me.database.now);
  session.old ||= session.me !== null && session.me.assets !== me.assets;
  session.me = me;
  session.apps = apps.items.map((app) => app.name);
  session.more = Boolean(apps.next);
}
