// Which page stands at which place. A view has a title, a load that fetches what
// it shows, a draw that describes it, and a turned where its query may change. One
// without a load is not refreshed by itself.

import { appView } from "./views/app.js";
import { documentView } from "./views/document.js";
import { executeForm } from "./views/execute-form.js";
import { executeView } from "./views/execute.js";
import { executesView } from "./views/executes.js";
import { jobForm } from "./views/job-form.js";
import { jobView } from "./views/job.js";
import { jobsView } from "./views/jobs.js";
import { nodesView } from "./views/nodes.js";
import { overview } from "./views/overview.js";
import { runningView } from "./views/running.js";
import { empty } from "./parts/page.js";
import { operator } from "./session.js";

export function viewOf([section = "", id, verb], query) {
  switch (section) {
    case "":
      return overview();
    case "apps":
      return id === undefined ? overview() : appView(id);
    case "nodes":
      return nodesView(query);
    case "jobs":
      if (id === undefined) return jobsView(query);
      if (id === "add") return form(() => jobForm(null, query));
      if (verb === "add") return form(() => executeForm(null, id));
      return verb === "edit" ? form(() => jobForm(id, query)) : jobView(id);
    case "executes":
      if (id === undefined) return executesView(query);
      return verb === "edit" ? form(() => executeForm(id)) : executeView(id);
    case "running":
      return runningView(query);
    case "document":
      return documentView(query);
    default:
      return { title: "Nothing here", draw: () => empty("info", "There is no such page", "", null, "h1") };
  }
}

// form is a page for operators: the server takes nothing from others.
function form(make) {
  if (operator()) return make();
  return { title: "For operators", draw: () => empty("info", "This is for operators", "You may look at everything, and change nothing.", null, "h1") };
}
