// Live progress: asks the server for the jobs on this page that are not over yet, while the page is visible.
// The server sends finished markup; this file only swaps it in.
"use strict";
{
  const EVERY = 2000; // milliseconds between two questions
  const AFTER_TROUBLE = 8000;
  const AT_ONCE = 100; // ids in one question: keeps the address short

  const root = document.querySelector("[data-genai-live]");
  const queue = document.querySelector("[data-genai-queue]");
  const trouble = document.querySelector("[data-genai-trouble]");
  const facts = document.querySelector("[data-genai-facts]");
  const over = new Set(["succeeded", "failed", "dead", "cancelled", "expired"]);
  let timer = 0;

  const unfinished = () =>
    [...document.querySelectorAll("[data-genai-job]")].filter((job) => !over.has(job.dataset.genaiStatus));

  const say = (text) => {
    if (queue && text && queue.textContent !== text) queue.textContent = text;
  };

  const swapFacts = (html) => {
    const focused = facts.contains(document.activeElement) ? document.activeElement.value : null;
    facts.innerHTML = html;
    if (focused) facts.querySelector(`button[value="${CSS.escape(focused)}"]`)?.focus();
  };

  const show = (body) => {
    for (const [id, job] of Object.entries(body.jobs)) {
      const old = document.querySelector(`[data-genai-job="${CSS.escape(id)}"]`);
      if (!old || old.outerHTML === job.html) continue;
      old.outerHTML = job.html;
      if (facts) say(job.label);
    }
    if (facts && body.page) swapFacts(body.page);
    if (!facts) say(body.queue);
  };

  const ask = async () => {
    const ids = unfinished().slice(0, AT_ONCE).map((job) => job.dataset.genaiJob);
    if (!ids.length || document.hidden) return;
    let pause = EVERY;
    try {
      const query = new URLSearchParams(ids.map((id) => ["id", id]));
      if (facts) query.set("page", "1");
      const response = await fetch(`${root.dataset.genaiLive}?${query}`, {
        credentials: "same-origin",
        headers: { Accept: "application/json" },
        redirect: "error", // a login page instead of an answer: the session has ended
      });
      if (!response.ok) throw new Error(String(response.status));
      show(await response.json());
      trouble.hidden = true;
      trouble.textContent = "";
    } catch {
      pause = AFTER_TROUBLE;
      trouble.textContent = root.dataset.genaiLost;
      trouble.hidden = false;
    }
    plan(pause);
  };

  const plan = (pause) => {
    clearTimeout(timer);
    timer = setTimeout(ask, pause);
  };

  if (root && unfinished().length) {
    plan(EVERY / 2);
    document.addEventListener("visibilitychange", () => document.hidden || plan(0));
  }
}
