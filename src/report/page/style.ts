/** Colours are tokens: the charts use the same ones, so one media query turns the whole page dark. */
export const STYLE = `
:root{color-scheme:light dark;
--bg:#f6f7f8;--panel:#fff;--ink:#14191f;--soft:#5a6572;--line:#dde2e7;--grid:#e8ecef;--accent:#1f5f99;
--good:#18794e;--bad:#c0362c;--warn:#9a6700;--good-bg:#e6f4ec;--bad-bg:#fcebe9;--plain-bg:#eef1f4;
--c1:#c3d5e8;--c2:#8fb3d4;--c3:#5c90bf;--c4:#2f6ca3;--c5:#133f6b;--alt:#b8632a;--alt2:#6b5aa8;--alt3:#2c8577}
@media (prefers-color-scheme:dark){:root{
--bg:#101418;--panel:#171c22;--ink:#e4e9ee;--soft:#98a4b1;--line:#2a323b;--grid:#262e36;--accent:#79b0e2;
--good:#5cc58f;--bad:#f0857b;--warn:#e0b050;--good-bg:#15291f;--bad-bg:#331c1a;--plain-bg:#202730;
--c1:#2b4560;--c2:#3a6590;--c3:#4d87bd;--c4:#7cb0df;--c5:#c4def4;--alt:#e0955c;--alt2:#a99ae0;--alt3:#63bdae}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1120px;margin:0 auto;padding:28px 24px 64px}
header h1{font-size:22px;line-height:1.25;margin:0 0 2px;font-weight:650;letter-spacing:-.01em}
header p{margin:0;color:var(--soft);overflow-wrap:anywhere}
.badge{display:inline-block;font-size:12px;font-weight:650;letter-spacing:.06em;padding:3px 10px;border-radius:99px;margin-bottom:10px}
.badge.good{background:var(--good-bg);color:var(--good)}.badge.bad{background:var(--bad-bg);color:var(--bad)}.badge.plain{background:var(--plain-bg);color:var(--soft)}
.verdict{background:var(--panel);border:1px solid var(--line);border-left:4px solid var(--soft);border-radius:8px;padding:16px 20px;margin:20px 0 14px}
.verdict.good{border-left-color:var(--good)}.verdict.bad{border-left-color:var(--bad)}
.verdict strong{display:block;font-size:19px;font-weight:650;letter-spacing:-.01em}.verdict span{color:var(--soft)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(230px,1fr));gap:12px;margin:0 0 20px;padding:0;list-style:none}
.tiles li{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:12px 16px}
.tiles b{display:block;font-size:22px;font-weight:620;line-height:1.3;font-variant-numeric:tabular-nums;letter-spacing:-.015em}
.tiles small{color:var(--soft);font-size:13px;display:block}
.good{color:var(--good)}.bad{color:var(--bad)}li .plain,td.plain{color:inherit}
nav{display:flex;flex-wrap:wrap;gap:4px 16px;font-size:14px;margin:0 0 8px}
a{color:var(--accent);text-decoration:none}a:hover{text-decoration:underline}
section{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:18px 20px 12px;margin:14px 0}
h2{font-size:17px;margin:0 0 6px;font-weight:640}
section>p{margin:0 0 8px;color:var(--soft);max-width:85ch}
figure{margin:10px 0 16px}figcaption{font-weight:600;font-size:14px;margin-bottom:2px}figcaption small{display:block;font-weight:400;color:var(--soft);font-size:13px}
figure svg{display:block;width:100%;height:auto;font-family:inherit}
.scroll{overflow-x:auto;margin:8px 0 14px}
table{border-collapse:collapse;min-width:min(100%,640px);font-size:13.5px}
caption{text-align:left;font-weight:600;font-size:14px;padding:4px 0}
th,td{padding:5px 9px;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;overflow-wrap:break-word}
th{color:var(--soft);font-weight:550;font-size:12.5px;border-bottom-color:var(--soft);vertical-align:bottom}
th.n,td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}tr>:first-child{padding-left:0}tr>:last-child{padding-right:0}
tbody tr:hover{background:var(--plain-bg)}
td[title]{cursor:help}th button{all:unset;cursor:pointer}th button:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.note,footer{color:var(--soft);font-size:13px}.note{margin:-8px 0 12px}
details>summary{cursor:pointer;font-weight:550;margin:4px 0 8px}
footer{margin-top:24px}footer ol{padding-left:20px;margin:6px 0}footer li{margin:3px 0}
@media (max-width:600px){main{padding:16px 12px 40px}section{padding:14px 14px 8px}.tiles{grid-template-columns:1fr 1fr;gap:8px}.tiles b{font-size:18px}}
@media print{body{background:#fff}section,.tiles li,.verdict{break-inside:avoid}details{display:block}nav{display:none}}
`;

/** Sorts a table by the clicked column. The page is complete without it. */
export const SCRIPT = `
for (const table of document.querySelectorAll("table")) {
  const body = table.tBodies[0];
  if (!body || body.rows.length < 3) continue;
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.textContent = head.textContent;
    button.title = "Sort";
    head.replaceChildren(button);
    let up = true;
    button.addEventListener("click", () => {
      const value = (row) => {
        const cell = row.cells[column];
        const number = Number((cell.title || cell.textContent).replace(/[$,%<>\\s]|ms$/g, ""));
        return head.className === "n" && !Number.isNaN(number) ? number : cell.textContent;
      };
      up = !up;
      const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
      const rows = [...body.rows].sort((a, b) => order(value(a), value(b)) * (up ? 1 : -1));
      body.append(...rows);
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
    });
  });
}
`;
