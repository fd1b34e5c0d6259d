// The API's try-on, for tryon.js: requests of one widget, and refusals with their code, message and advice.
"use strict";
{
  class Refusal extends Error {
    constructor({ code = "", detail = "", message = detail, advice = "" }) {
      super(message);
      Object.assign(this, { code, advice });
    }
  }

  // ask(method, path, body): the answer, null for none; throws Refusal. `lost`: what to say when nobody answers.
  const askerOf = (root, lost) => async (method, path, body) => {
    const headers = { Accept: "application/json" };
    if (root.lang) headers["Accept-Language"] = root.lang;
    const token = root.querySelector("input[name=csrfmiddlewaretoken]");
    if (method !== "GET" && token) headers["X-CSRFToken"] = token.value;
    if (body && !(body instanceof FormData)) {
      headers["Content-Type"] = "application/json";
      body = JSON.stringify(body);
    }
    const options = { method, headers, body, credentials: "same-origin", cache: "no-store", redirect: "error" };
    const response = await fetch(root.dataset.genaiApi + path, options).catch(() => {
      throw new Refusal({ message: lost });
    });
    const answer = response.status === 204 ? null : await response.json().catch(() => ({}));
    if (!response.ok) throw new Refusal(answer.detail ? answer : { message: lost });
    return answer;
  };

  window.genaiTryon = { ...window.genaiTryon, Refusal, askerOf };
}
