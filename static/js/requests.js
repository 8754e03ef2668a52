/* Filing a request: what is like the words typed so far, and how many agencies are chosen. It works without. */
(function () {
  "use strict";

  var asked = new WeakMap();

  /** Tell htmx that a field has new words; it waits a moment, so that fast typing asks once. */
  function ask(field) {
    var known = asked.has(field) ? asked.get(field) : field.defaultValue;
    if (known === field.value) { return; }
    asked.set(field, field.value);
    field.dispatchEvent(new CustomEvent("lookup", { bubbles: true }));
  }

  function fieldOf(event) {
    return event.target instanceof Element ? event.target.closest("[data-lookup]") : null;
  }

  /* An input method's unfinished letters are no words: only what it ends with is asked for. */
  document.addEventListener("input", function (event) {
    var field = fieldOf(event);
    if (field && !event.isComposing) { ask(field); }
  });
  document.addEventListener("compositionend", function (event) {
    var field = fieldOf(event);
    if (field) { ask(field); }
  });
  document.addEventListener("paste", function (event) {
    var field = fieldOf(event);
    if (field) { window.setTimeout(function () { ask(field); }, 0); }
  });

  /* --- how many agencies are chosen ------------------------------------------------------------- */
  function count(box) {
    var place = box.querySelector("[data-chosen]");
    var number = box.querySelectorAll('input[name="agencies"]:checked').length;
    place.textContent = number ? place.getAttribute("data-say").replace("{count}", number) : "";
  }

  window.portal.onStart(function (within) {
    Array.prototype.forEach.call(within.querySelectorAll("[data-choosing]"), function (box) {
      box.addEventListener("change", function () { count(box); });
      count(box);
    });
  });
})();
