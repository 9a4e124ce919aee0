// The overview of providers: a box whose words the rows have to hold. Without scripts the table is
// simply whole.
document.addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("provider-filter");
  const table = place && place.parentElement.querySelector("table");
  if (!table) return;

  const box = document.createElement("input");
  box.type = "search";
  box.setAttribute("aria-label", "Filter the providers");
  box.placeholder = "Filter: a name, a protocol, “verified” …";
  const count = document.createElement("p");
  count.setAttribute("role", "status");
  place.append(box, count);

  const rows = [...table.tBodies[0].rows];
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const show = () => {
    const typed = box.value.toLowerCase().split(/\s+/);
    const words = typed.map((word) => word.replace(/^social_/, "")).filter(Boolean);
    let left = 0;
    rows.forEach((row, number) => {
      row.hidden = !words.every((word) => texts[number].includes(word));
      left += row.hidden ? 0 : 1;
    });
    count.textContent = words.length ? `${left} of ${rows.length}` : "";
  };
  box.addEventListener("input", show);
  show();
});
