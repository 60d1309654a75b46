// The sandbox's control routes, and what was last heard from them.

/** What the page shows. */
const known = { overview: null, calls: new Map(), requests: [], deliveries: null, faults: null };

/** An answer that is not a success. */
class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Asks a control route. Returns null where this sandbox has no such route. */
async function ask(method, path, body) {
  const options = { method, headers: {}, cache: "no-store" };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Refusal(0, "The sandbox does not answer");
  }
  if (answer.status === 404 && method === "GET") return null;
  const text = await answer.text();
  let value = null;
  try {
    value = text ? JSON.parse(text) : null;
  } catch {
    throw new Refusal(answer.status, `${path} did not answer with JSON`);
  }
  if (!answer.ok) {
    const message = value?.error?.message ?? value?.details ?? value?.error ?? answer.statusText;
    throw new Refusal(answer.status, String(message));
  }
  return value;
}

/** Does what a button is for, and says so when it fails. */
async function attempt(action) {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    announce(error.status === 404 ? "This sandbox does not offer that" : error.message);
  }
}

/** The chosen workspace's part of the overview. */
function workspace() {
  const all = known.overview?.workspaces ?? [];
  return all.find((one) => one.id === byId("workspace").value) ?? all[0] ?? null;
}

/**
 * A job that runs soon after it was asked for, once however often that was, and never twice at the
 * same time.
 */
class Refresh {
  constructor(work, pause) {
    this.work = work;
    this.pause = pause;
    this.isWanted = false;
    this.isBusy = false;
  }

  async request() {
    this.isWanted = true;
    if (this.isBusy) return;
    this.isBusy = true;
    while (this.isWanted) {
      this.isWanted = false;
      try {
        await this.work();
      } catch (error) {
        if (!(error instanceof Refusal)) console.error(error);
      }
      await new Promise((resolve) => setTimeout(resolve, this.pause));
    }
    this.isBusy = false;
  }
}
