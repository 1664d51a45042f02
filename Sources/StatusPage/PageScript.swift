/// What the page does: it filters its jobs, says when it has grown old, and loads itself again.
///
/// The page is complete without it.
enum PageScript {
    static let text = """

        (() => {
          "use strict";
          const form = document.querySelector(".filter");
          const search = document.getElementById("search");
          const state = document.getElementById("state");
          const shown = document.getElementById("shown");
          const jobs = [...document.querySelectorAll("li[data-state]")];
          const texts = jobs.map((job) => job.textContent.toLowerCase());
          let touched = 0;
          const filter = () => {
            const words = search.value.toLowerCase().split(" ").filter(Boolean);
            let count = 0;
            jobs.forEach((job, index) => {
              const kept = words.every((word) => texts[index].includes(word)) && (!state.value || job.dataset.state === state.value);
              job.hidden = !kept;
              if (kept) count += 1;
            });
            shown.value = search.value || state.value ? count + " of " + jobs.length + " jobs" : "";
          };
          const keep = () => {
            const kept = new URLSearchParams();
            if (search.value) kept.set("q", search.value);
            if (state.value) kept.set("state", state.value);
            const text = kept.toString();
            try {
              history.replaceState(null, "", text ? "#" + text : location.pathname + location.search);
            } catch (error) {
              location.hash = text;
            }
          };
          const kept = new URLSearchParams(location.hash.slice(1));
          search.value = kept.get("q") || "";
          state.value = kept.get("state") || "";
          if (state.selectedIndex < 0) state.value = "";
          if (kept.get("focus") === "q") search.focus();
          form.hidden = jobs.length === 0 && !search.value && !state.value;
          form.addEventListener("input", () => {
            touched = Date.now();
            filter();
            keep();
          });
          form.addEventListener("submit", (event) => event.preventDefault());
          filter();

          const age = document.getElementById("age");
          const written = Date.parse(document.getElementById("written").dateTime);
          const grow = () => {
            const seconds = Math.max(0, Math.round((Date.now() - written) / 1000));
            if (seconds > 120) {
              age.className = "old";
              age.textContent = " – the daemon has not written this page for " + Math.round(seconds / 60) + " minutes; it may be down.";
            }
          };
          grow();
          setInterval(() => {
            grow();
            if (document.hidden || Date.now() - touched < 10000 || getSelection().toString()) return;
            location.reload();
          }, 5000);
        })();

        """
}
