/// What makes a long summary handier.
///
/// A filter, columns that sort, folds that open when a link leads into them or the
/// page is printed. The page is complete without it.
enum PageScript {
    /// The SHA-256 of `text` in base 64, which the page's content policy names.
    static let hash = "P0rPDs9AKOvVh5QFgC1SYOn6SxYIK+i87z/LC72pCaE="

    static let text = """

        (() => {
          "use strict";
          const table = document.getElementById("summary");
          const body = table.tBodies[0];
          const rows = [...body.rows];
          const form = document.querySelector(".filter");
          const [search, verdict, shown] = form.elements;
          const names = rows.map((row) => row.cells[0].textContent.toLowerCase());
          const words = (number) => String(number).replace(/\\B(?=(\\d{3})+$)/g, "\\u202f");
          const filter = () => {
            const wanted = search.value.trim().toLowerCase();
            let count = 0;
            rows.forEach((row, index) => {
              const kept = names[index].includes(wanted) && (!verdict.value || row.dataset.verdict === verdict.value);
              row.hidden = !kept;
              if (kept) count += 1;
            });
            shown.value = words(count) + " of " + words(rows.length) + " recordings";
          };
          form.hidden = rows.length < 8;
          form.addEventListener("input", filter);
          form.addEventListener("submit", (event) => event.preventDefault());
          filter();

          const order = new Map(rows.map((row, index) => [row, index]));
          const value = (row, column) => {
            const text = row.cells[column].textContent.replaceAll("\\u202f", "");
            const number = Number.parseFloat(text);
            return Number.isNaN(number) || column === 0 ? text : number;
          };
          const compare = (left, right) => {
            if (typeof left === typeof right) return left < right ? -1 : left > right ? 1 : 0;
            return typeof left === "number" ? 1 : -1;
          };
          const headings = [...table.tHead.rows[0].cells];
          headings.forEach((heading, column) => {
            const button = document.createElement("button");
            button.type = "button";
            button.append(...heading.childNodes);
            heading.append(button);
            button.addEventListener("click", () => {
              const downwards = heading.getAttribute("aria-sort") !== "descending";
              for (const other of headings) other.removeAttribute("aria-sort");
              heading.setAttribute("aria-sort", downwards ? "descending" : "ascending");
              const keys = new Map(rows.map((row) => [row, value(row, column)]));
              rows.sort((left, right) => {
                const result = compare(keys.get(left), keys.get(right));
                return (downwards ? -result : result) || order.get(left) - order.get(right);
              });
              rows.forEach((row, index) => { names[index] = row.cells[0].textContent.toLowerCase(); });
              body.append(...rows);
            });
          });

          const unfold = () => {
            const target = document.getElementById(location.hash.slice(1));
            if (target instanceof HTMLDetailsElement) {
              target.open = true;
              target.scrollIntoView();
            }
          };
          addEventListener("hashchange", unfold);
          // A link that was followed before leads there again.
          table.addEventListener("click", (event) => { if (event.target.closest("a")) requestAnimationFrame(unfold); });
          unfold();

          let folded = [];
          addEventListener("beforeprint", () => {
            folded = [...document.querySelectorAll("details.recording:not([open])")];
            for (const details of folded) details.open = true;
          });
          addEventListener("afterprint", () => {
            for (const details of folded) details.open = false;
          });
        })();

        """
}
