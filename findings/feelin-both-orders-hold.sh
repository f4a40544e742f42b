#!/usr/bin/env bash
# feelin 8.2.0 (npm), the FEEL interpreter behind form-js and the Camunda Modeler's editors: between values of different
# types >= and <= are both true, while > and < are both false, and no warning is returned.
#
#   "five" >= 3  and  "five" <= 3                     true, true       (DMN 1.5, semantics of comparison: null)
#   date("2026-01-02") >= "2026-01-03"  and  <=       true, true       (null)
#   "five" = 3                                        null             (null: equality follows the specification)
#
# Why it matters: a form keeps choices and dates as texts, so rules such as  stars >= 3  or  clinic_date <= "2026-06-30"
# compare different types. Written with >= or <= they hold for every answer in the browser, written with > or < for none;
# an engine that follows the specification takes neither. The form shows or hides a field for ever, the server decides
# otherwise, and tests with a matching answer look right.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund feelin@8.2.0 >/dev/null
cat > run.mjs <<'JS'
import { evaluate } from 'feelin';
const pairs = [['"five"', '3'], ['date("2026-01-02")', '"2026-01-03"']];
for (const [left, right] of pairs) {
  for (const operator of ['>=', '<=', '>', '<', '=']) {
    const { value, warnings } = evaluate(`${left} ${operator} ${right}`, {});
    console.log(`${left} ${operator} ${right} => ${value}, warnings: ${warnings.length}`);
  }
}
JS
seen=$(node run.mjs)
echo "$seen"
expected='"five" >= 3 => true, warnings: 0
"five" <= 3 => true, warnings: 0
"five" > 3 => false, warnings: 0
"five" < 3 => false, warnings: 0
"five" = 3 => null, warnings: 0
date("2026-01-02") >= "2026-01-03" => true, warnings: 0
date("2026-01-02") <= "2026-01-03" => true, warnings: 0
date("2026-01-02") > "2026-01-03" => false, warnings: 0
date("2026-01-02") < "2026-01-03" => false, warnings: 0
date("2026-01-02") = "2026-01-03" => null, warnings: 0'
[ "$seen" = "$expected" ] || { echo "changed; recorded was:"; echo "$expected"; exit 1; }
