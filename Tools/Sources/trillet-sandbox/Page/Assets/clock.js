// The clock: it runs on by itself between two answers of the sandbox.

import { closeDetail } from "./drawer.js";
import { announce, byId, durationText, inputById, timeText, typedById } from "./elements.js";
import { ask, attempt, refresh } from "./service.js";

/** @type {{ now: number | null, speed: number, paused: boolean, heardAt: number }} */
const clock = { now: null, speed: 1, paused: false, heardAt: 0 };

/** The simulated time by the last that was heard of it. */
export function clockNow() {
  if (clock.now === null) return null;
  return clock.paused ? clock.now : clock.now + (performance.now() - clock.heardAt) * clock.speed;
}

/** @param {SandboxClock | null} answer */
export function hearClock(answer) {
  if (!answer) return;
  // What somebody has typed but not set yet stays.
  if (clock.now === null || answer.speed !== clock.speed) inputById("clock-speed-value").value = String(answer.speed);
  Object.assign(clock, { now: answer.now, speed: answer.speed, paused: answer.paused === true });
  clock.heardAt = performance.now();
  byId("clock-pause").textContent = clock.paused ? "Resume" : "Pause";
  showClock();
}

function showClock() {
  const now = clockNow();
  if (now === null) return;
  const text = `${timeText(now)} UTC`;
  const time = typedById("clock-time", HTMLTimeElement);
  if (time.textContent !== text) {
    time.textContent = text;
    time.dateTime = new Date(now).toISOString();
  }
  showDifference(now);
  const state = clock.paused ? "Paused" : clock.speed === 1 ? "Real time" : `× ${clock.speed}`;
  const shown = byId("clock-state");
  if (shown.textContent !== state) {
    shown.textContent = state;
    shown.className = `badge ${clock.paused ? "wait" : "quiet"}`;
  }
}

/**
 * How far simulated time is from the clock on the wall.
 * @param {number} now
 */
function showDifference(now) {
  const ahead = now - Date.now();
  const text = Math.abs(ahead) < 2000 ? "as in reality"
    : `${durationText(Math.abs(ahead))} ${ahead > 0 ? "ahead of" : "behind"} reality`;
  const shown = byId("clock-difference");
  if (shown.textContent !== text) shown.textContent = text;
}

/** @param {object} change @param {string} done */
function steer(change, done) {
  return attempt(async () => {
    hearClock(await ask("POST", "/sandbox/clock", change));
    refresh.summary?.request();
    refresh.shown?.request();
    announce(done);
  });
}

export function prepareClock() {
  typedById("clock-steering", HTMLDetailsElement).open = matchMedia("(min-width: 70rem)").matches;
  byId("clock-pause").addEventListener("click", () =>
    steer({ paused: !clock.paused }, clock.paused ? "The clock runs" : "The clock is paused"));
  byId("clock-step").addEventListener("submit", (event) => {
    event.preventDefault();
    const by = Number(typedById("clock-step-by", HTMLSelectElement).value);
    steer({ advanceMs: by }, `Stepped by ${durationText(by)}`);
  });
  byId("clock-speed").addEventListener("submit", (event) => {
    event.preventDefault();
    const speed = Number(inputById("clock-speed-value").value);
    steer({ speed }, `The clock runs ${speed} times as fast`);
  });
  byId("clock-jump").addEventListener("submit", (event) => {
    event.preventDefault();
    const to = new Date(`${inputById("clock-jump-to").value}Z`).getTime();
    if (!Number.isNaN(to)) steer({ jumpTo: to }, `Jumped to ${timeText(to)} UTC`);
  });
  byId("clock-jump-to").addEventListener("focus", () => {
    const field = inputById("clock-jump-to");
    const now = clockNow();
    if (!field.value && now !== null) field.value = new Date(now + 3600000).toISOString().slice(0, 19);
  });
  setInterval(showClock, 200);
  prepareReset();
}

function prepareReset() {
  const dialog = typedById("reset-dialog", HTMLDialogElement);
  byId("reset").addEventListener("click", () => dialog.showModal());
  byId("reset-cancel").addEventListener("click", () => dialog.close());
  byId("reset-confirm").addEventListener("click", () => {
    dialog.close();
    attempt(async () => {
      await ask("POST", "/sandbox/reset", {});
      closeDetail();
      announce("Everything is forgotten");
    });
  });
}
