/* Filing a request: what is like the words typed so far, and finding an agency among all. Both work without it. */
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

  /* --- one agency among many ------------------------------------------------------------------- */
  function narrow(field) {
    var list = document.querySelector(field.getAttribute("data-narrow"));
    var words = field.value.trim();
    var shown = 0;
    Array.prototype.forEach.call(list.querySelectorAll("[data-group]"), function (group) {
      var some = false;
      Array.prototype.forEach.call(group.querySelectorAll("[data-words]"), function (one) {
        var fits = !words || one.getAttribute("data-words").indexOf(words) >= 0 || one.querySelector("input").checked;
        one.hidden = !fits;
        some = some || fits;
        shown += fits ? 1 : 0;
      });
      group.hidden = !some;
    });
    var none = list.querySelector("[data-none]");
    var above = document.querySelectorAll(".agencies--first label");
    var isAbove = words && Array.prototype.some.call(above, function (one) { return one.textContent.indexOf(words) >= 0; });
    none.hidden = shown > 0 || isAbove;
    list.hidden = isAbove && !shown;
    if (words) { window.portal.say(list.getAttribute("data-say").replace("{count}", shown)); }
  }

  function count(box) {
    var place = box.querySelector("[data-chosen]");
    var number = box.querySelectorAll('input[name="agencies"]:checked').length;
    place.textContent = number ? place.getAttribute("data-say").replace("{count}", number) : "";
  }

  window.portal.onStart(function (within) {
    Array.prototype.forEach.call(within.querySelectorAll("[data-narrow]"), function (field) {
      field.addEventListener("input", function (event) { if (!event.isComposing) { narrow(field); } });
      field.addEventListener("compositionend", function () { narrow(field); });
      field.addEventListener("keydown", function (event) { if (event.key === "Enter") { event.preventDefault(); } });
      if (field.value) { narrow(field); }
    });
    Array.prototype.forEach.call(within.querySelectorAll("[data-choosing]"), function (box) {
      box.addEventListener("change", function () { count(box); });
      count(box);
    });
  });
})();
